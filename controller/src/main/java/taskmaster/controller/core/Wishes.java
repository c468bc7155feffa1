package taskmaster.controller.core;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import taskmaster.api.InstanceId;

/** Many changes of what operators want, one copy. */
final class Wishes {
  private static final class Draft {
    private Want want;
    private @Nullable Integer count;
    private final SortedMap<Integer, Wish.OfInstance> instances;

    Draft(Wish wish) {
      want = wish.want();
      count = wish.count();
      instances = new TreeMap<>(wish.instances());
    }

    void change(int index, UnaryOperator<Wish.OfInstance> change) {
      instances.compute(index, (i, old) -> change.apply(old == null ? Wish.OfInstance.NONE : old));
    }
  }

  private final Desired before;
  private final Map<String, Draft> drafts = new LinkedHashMap<>();

  Wishes(Desired before) {
    this.before = before;
  }

  private Draft of(String program) {
    return drafts.computeIfAbsent(program, name -> new Draft(before.wish(name)));
  }

  /** Says it of the whole program: what was wanted of single instances is overruled. */
  void want(String program, Want want) {
    Draft draft = of(program);
    draft.want = want;
    draft.instances.replaceAll((index, wish) -> wish.wanting(Want.AS_FILED));
  }

  void want(InstanceId id, Want want) {
    of(id.program()).change(id.index(), wish -> wish.wanting(want));
  }

  void count(String program, @Nullable Integer count) {
    of(program).count = count;
  }

  /** A start forgets how earlier runs ended; it leaves one alone that is up. */
  void forgive(@Nullable Instance it) {
    if (it == null || it.isUp()) return;
    long run = it.latestRun();
    of(it.id().program()).change(it.id().index(), wish -> wish.forgiving(run));
  }

  /** A restart wants one replaced that is up. @param atOnce also where others of its program are replaced in turn */
  void replace(@Nullable Instance it, boolean atOnce) {
    if (it == null) return;
    long run = it.latestRun();
    of(it.id().program()).change(it.id().index(), wish -> wish.forgiving(run).replacing(run, atOnce));
  }

  Desired done() {
    Map<String, Wish> all = new HashMap<>(before.wishes());
    drafts.forEach((program, draft) -> all.put(program, new Wish(draft.want, draft.count, draft.instances)));
    return before.withWishes(all);
  }
}
