package taskmaster.controller.logs;

import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Check;
import taskmaster.api.Checks;
import taskmaster.api.Probe;

/** What a run's output is searched for. */
final class Search {
  private final AtomicReference<@Nullable Pattern> ready = new AtomicReference<>();
  private final AtomicReference<@Nullable Pattern> health = new AtomicReference<>();

  /** The pattern that showed that it is ready, once one did. */
  private volatile @Nullable String readyBy;

  /** Null where there is nothing to search for. */
  static @Nullable Search of(Checks checks) {
    String pattern = pattern(checks.ready());
    if (pattern == null && pattern(checks.health()) == null) return null;
    Search search = new Search();
    if (pattern != null) search.ready.set(Pattern.compile(pattern));
    return search;
  }

  private static @Nullable String pattern(@Nullable Check check) {
    return check != null && check.probe() instanceof Probe.Log(String pattern) ? pattern : null;
  }

  /** True where it was found already. */
  boolean begin(Checks.Kind kind, String pattern) {
    if (kind == Checks.Kind.READY) {
      if (pattern.equals(readyBy)) return true;
      Pattern now = ready.get();
      if (now == null || !now.pattern().equals(pattern)) ready.set(Pattern.compile(pattern));
      // it may have been found since we looked
      return pattern.equals(readyBy);
    }
    health.set(Pattern.compile(pattern));
    return false;
  }

  boolean isOn() {
    return ready.get() != null || health.get() != null;
  }

  @Nullable Pattern pattern(Checks.Kind kind) {
    return of(kind).get();
  }

  /** It is found: whether this is news. */
  boolean found(Checks.Kind kind, Pattern pattern) {
    if (kind == Checks.Kind.READY) readyBy = pattern.pattern();
    return of(kind).compareAndSet(pattern, null);
  }

  private AtomicReference<@Nullable Pattern> of(Checks.Kind kind) {
    return kind == Checks.Kind.READY ? ready : health;
  }
}
