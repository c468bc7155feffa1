package taskmaster.controller.core;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What operators have said about one program; it outlives reloads.
 *
 * @param count instances to keep instead of numprocs, or null
 * @param instances what was said of single instances; it goes before {@code want}
 */
public record Wish(Want want, @Nullable Integer count, SortedMap<Integer, OfInstance> instances) {
  static final Wish NONE = new Wish(Want.AS_FILED, null, Collections.emptySortedMap());

  /**
   * @param forgiven ends of runs up to this number do not count any more
   * @param replaced runs up to this number must not live on
   * @param replacedAtOnce nor wait for a turn
   */
  public record OfInstance(Want want, long forgiven, long replaced, long replacedAtOnce) {
    static final OfInstance NONE = new OfInstance(Want.AS_FILED, 0, 0, 0);

    OfInstance wanting(Want next) {
      return new OfInstance(next, forgiven, replaced, replacedAtOnce);
    }

    OfInstance forgiving(long run) {
      return new OfInstance(want, Math.max(forgiven, run), replaced, replacedAtOnce);
    }

    OfInstance replacing(long run, boolean atOnce) {
      return new OfInstance(want, forgiven, Math.max(replaced, run), atOnce ? Math.max(replacedAtOnce, run) : replacedAtOnce);
    }
  }

  public Wish {
    instances = instances.isEmpty() ? Collections.emptySortedMap() : Collections.unmodifiableSortedMap(instances);
  }

  OfInstance of(int index) {
    if (instances.isEmpty()) return OfInstance.NONE;
    return instances.getOrDefault(index, OfInstance.NONE);
  }

  Wish with(int index, OfInstance wish) {
    SortedMap<Integer, OfInstance> next = new TreeMap<>(instances);
    next.put(index, wish);
    return new Wish(want, count, next);
  }

  Wish counting(@Nullable Integer next) {
    return new Wish(want, next, instances);
  }

  /** What was said of an instance, by its own name or by its program's. */
  Want wantOf(int index) {
    Want own = of(index).want();
    return own != Want.AS_FILED ? own : want;
  }
}
