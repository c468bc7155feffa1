package taskmaster.controller.core;

import java.util.LinkedHashMap;
import java.util.Map;
import taskmaster.api.ProgramSpec;

/** A new file as an edit of the desired state. */
public final class Reload {
  private Reload() {}

  /**
   * The desired state with the new file's programs.
   *
   * @param sync want every program that no operator stopped, autostart or not, exited or fatal or not
   */
  public static Desired apply(Desired old, Observed observed, Map<String, ProgramSpec> specs, boolean sync) {
    Map<String, Wish> wishes = new LinkedHashMap<>();
    for (ProgramSpec spec : specs.values()) {
      Wish wish = old.wish(spec.name());
      ProgramSpec before = old.specs().get(spec.name());
      if (before != null) wish = carriedOver(old, wish, before, spec, observed.program(spec.name()));
      if (sync && wish.want() == Want.AS_FILED) wish = new Wish(Want.START, wish.count(), wish.instances());
      if (!wish.equals(Wish.NONE)) wishes.put(spec.name(), wish);
    }
    Map<String, ProgramSpec> retired = new LinkedHashMap<>();
    for (String name : observed.programs().names()) {
      ProgramSpec last = old.specs().getOrDefault(name, old.retired().get(name));
      if (last != null && !specs.containsKey(name)) retired.put(name, last);
    }
    Desired next = new Desired(specs, old.groups(), retired, wishes, old.signals(), old.signalCount(), old.ending());
    return sync ? forgiveAll(next, observed) : tryAnew(old, next, observed);
  }

  /** How earlier attempts ended says nothing about another process. */
  private static Desired tryAnew(Desired old, Desired next, Observed observed) {
    Wishes wishes = new Wishes(next);
    boolean any = false;
    for (ProgramSpec spec : next.specs().values()) {
      ProgramSpec before = old.specs().get(spec.name());
      if (before == null || before.shape().equals(spec.shape())) continue;
      for (Instance it : observed.program(spec.name()).instances()) {
        if (!next.wants(spec, it.id().index())) continue;
        Verdict verdict = it.isDown() ? Phases.verdict(next, spec, it) : null;
        if (!endsByItself(it) && !(verdict instanceof Verdict.GivenUp) && !(verdict instanceof Verdict.Retry)) continue;
        wishes.forgive(it);
        any = true;
      }
    }
    return any ? wishes.done() : next;
  }

  /** Its process has ended, and what is left of it is being cleared away. */
  private static boolean endsByItself(Instance it) {
    return it.life() instanceof Life.Dying dying && dying.cause() != End.Cause.STOPPED;
  }

  private static Wish carriedOver(Desired old, Wish wish, ProgramSpec before, ProgramSpec after, ProgramObserved observed) {
    Wish next = wish;
    if (before.policy().numprocs() != after.policy().numprocs()) next = next.counting(null);
    // autostart says whether to begin, not whether to end: a process that lives is left alone
    if (!before.policy().autostart() || after.policy().autostart() || next.want() != Want.AS_FILED) return next;
    for (Instance it : observed.instances()) {
      int index = it.id().index();
      boolean lives = it.isUp() || it.life() instanceof Life.Dying && old.wants(before, index); // it is being replaced
      if (lives && next.of(index).want() == Want.AS_FILED) next = next.with(index, next.of(index).wanting(Want.START));
    }
    return next;
  }

  private static Desired forgiveAll(Desired desired, Observed observed) {
    Wishes wishes = new Wishes(desired);
    for (ProgramSpec spec : desired.specs().values()) {
      for (Instance it : observed.program(spec.name()).instances()) {
        if (!desired.wants(spec, it.id().index())) continue;
        boolean settled = it.isDown() && !(Phases.verdict(desired, spec, it) instanceof Verdict.Retry);
        if (settled || endsByItself(it)) wishes.forgive(it);
      }
    }
    return wishes.done();
  }
}
