package taskmaster.controller.core;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Check;
import taskmaster.api.Dependencies;
import taskmaster.api.InstanceId;
import taskmaster.api.Phase;
import taskmaster.api.Policy;
import taskmaster.api.ProgramSpec;
import taskmaster.api.ProgramType;

/** Whether what a program needs of others is there, at one moment. */
final class Gate {
  /** Waits that are told in full; of a longer chain the first and the last. */
  private static final int LONGEST_TOLD = 3;

  private final Desired desired;
  private final Observed observed;
  private final MonoTime now;
  private final Rolls rolls;
  private final Map<String, Optional<Shut>> known = new HashMap<>();

  Gate(Desired desired, Observed observed, MonoTime now, Rolls rolls) {
    this.desired = desired;
    this.observed = observed;
    this.now = now;
    this.rolls = rolls;
  }

  /**
   * A program may not start yet.
   *
   * @param why "waiting for db: FATAL"
   * @param forGood nothing will change that by itself
   * @param waits how many follow from each other
   * @param root the last of them
   */
  record Shut(String why, boolean forGood, int waits, String root) {
    static Shut at(String why, boolean forGood) {
      return new Shut(why, forGood, 1, why);
    }

    private Shut behind(String who) {
      String rest = waits < LONGEST_TOLD ? why : "… " + root;
      return new Shut(who + ": " + rest, forGood, waits + 1, root);
    }
  }

  /** When time alone may open it: now, if it is open; NEVER, if something has to happen first. */
  MonoTime opensAt(ProgramSpec spec) {
    MonoTime at = now;
    for (var need : spec.policy().dependencies().conditions().entrySet()) {
      MonoTime met = metAt(need.getKey(), need.getValue());
      if (met.compareTo(at) > 0) at = met;
    }
    return at;
  }

  private MonoTime metAt(String name, Dependencies.Condition condition) {
    ProgramSpec spec = desired.specs().get(name);
    if (spec == null) return MonoTime.NEVER;
    Desired.Wanted wanted = desired.wanted(spec);
    MonoTime at = MonoTime.NEVER;
    boolean any = false;
    boolean needsAll = !spec.policy().rolling() || condition == Dependencies.Condition.COMPLETED;
    for (int index = 0; index < wanted.count(); index++) {
      if (!wanted.is(index)) continue;
      Instance it = observed.program(name).instance(index);
      MonoTime met = metAt(wanted, condition, it);
      // one after another is down while a rolling program is replaced, and what is there serves
      if (!needsAll && met.equals(MonoTime.NEVER) && comesBack(it)) continue;
      at = any && met.compareTo(at) < 0 ? at : met; // all are needed, so the last one counts
      any = true;
    }
    return at;
  }

  /** It is not on its way up for the first time. */
  private static boolean comesBack(@Nullable Instance it) {
    return it != null && (it.lastEnd() != null || it.life() instanceof Life.Dying);
  }

  private MonoTime metAt(Desired.Wanted wanted, Dependencies.Condition condition, @Nullable Instance it) {
    if (it == null) return MonoTime.NEVER;
    if (completes(condition, wanted.spec()) && hasCompleted(wanted, it)) return now;
    if (condition == Dependencies.Condition.COMPLETED || !(it.life() instanceof Life.Up up)) return MonoTime.NEVER;
    if (WhyEnd.of(wanted, rolls, it, up) != null) return MonoTime.NEVER;
    return condition == Dependencies.Condition.STARTED ? now : readyAt(wanted.spec(), up, now);
  }

  /** {@code now} where it is ready, NEVER where that is not a matter of time. */
  static MonoTime readyAt(ProgramSpec spec, Life.Up up, MonoTime now) {
    if (up.checks(spec).ready() != null) return up.ready(spec).passes() ? now : MonoTime.NEVER;
    MonoTime running = up.run().runningAt(spec.policy());
    return now.reached(running) ? now : running;
  }

  /** Why a start would wait for good, as far as what it needs itself tells that; or nothing. */
  static String hopeless(Desired desired, Observed observed, ProgramSpec spec) {
    for (var need : spec.policy().dependencies().conditions().entrySet()) {
      ProgramSpec other = desired.specs().get(need.getKey());
      if (other == null) return "waiting for " + need.getKey() + ": not in the file";
      Desired.Wanted wanted = desired.wanted(other);
      boolean any = false;
      for (int index = 0; index < wanted.count(); index++) {
        if (!wanted.is(index)) continue;
        any = true;
        Instance it = observed.program(other.name()).instance(index);
        if (it == null || !it.isDown() || hasCompleted(wanted, it) && completes(need.getValue(), other)) continue;
        Verdict verdict = Phases.verdict(desired, other, it);
        boolean isFatal = verdict instanceof Verdict.GivenUp;
        if (isFatal || verdict instanceof Verdict.Done) return "waiting for " + it.id() + ": " + (isFatal ? "FATAL" : "EXITED");
      }
      if (!any) return "waiting for " + other.name() + ": STOPPED";
    }
    return "";
  }

  private static boolean completes(Dependencies.Condition condition, ProgramSpec spec) {
    return condition == Dependencies.Condition.COMPLETED || spec.policy().type() == ProgramType.JOB;
  }

  static boolean hasCompleted(Desired.Wanted wanted, Instance it) {
    End end = it.lastEnd();
    if (end == null || !it.isDown()) return false;
    boolean done = Verdict.of(wanted.spec().policy(), end, wanted.wish().of(it.id().index()).forgiven()) instanceof Verdict.Done;
    return done && Verdict.expected(wanted.spec().policy(), end);
  }

  /** Null where it is open. What will not come by itself is told first. */
  @Nullable Shut shut(ProgramSpec spec) {
    Deque<ProgramSpec> open = new ArrayDeque<>(List.of(spec));
    Set<String> begun = new HashSet<>();
    // a chain may be as long as the file, and longer than a stack is deep: what is needed comes first
    while (!open.isEmpty()) {
      ProgramSpec next = open.getLast();
      if (!known.containsKey(next.name()) && begun.add(next.name())) {
        for (var need : next.policy().dependencies().conditions().entrySet()) {
          ProgramSpec other = desired.specs().get(need.getKey());
          if (other != null && !begun.contains(other.name()) && !now.reached(metAt(need.getKey(), need.getValue()))) open.addLast(other);
        }
        continue;
      }
      open.removeLast();
      if (!known.containsKey(next.name())) known.put(next.name(), Optional.ofNullable(first(next)));
    }
    return shutBefore(spec.name());
  }

  private @Nullable Shut shutBefore(String name) {
    return known.getOrDefault(name, Optional.of(Shut.at("waiting for itself", true))).orElse(null);
  }

  private @Nullable Shut first(ProgramSpec spec) {
    Shut first = null;
    for (var need : spec.policy().dependencies().conditions().entrySet()) {
      if (now.reached(metAt(need.getKey(), need.getValue()))) continue;
      Shut shut = why(need.getKey(), need.getValue());
      if (first == null || shut.forGood() && !first.forGood()) first = shut;
    }
    return first;
  }

  private Shut why(String name, Dependencies.Condition condition) {
    String waiting = "waiting for " + name;
    ProgramSpec spec = desired.specs().get(name);
    if (spec == null) return Shut.at(waiting + ": not in the file", true);
    Desired.Wanted wanted = desired.wanted(spec);
    if (wanted.count() == 0) return Shut.at(waiting + ": it has no instances", true);
    Shut first = null;
    for (int index = 0; index < wanted.count(); index++) {
      if (!wanted.is(index)) continue;
      Instance it = observed.program(name).instance(index);
      if (now.reached(metAt(wanted, condition, it))) continue;
      InstanceId id = new InstanceId(name, index);
      String who = wanted.count() == 1 ? waiting : "waiting for " + id;
      Shut shut = why(who, wanted, id, it);
      if (first == null || shut.forGood() && !first.forGood()) first = shut;
    }
    return Objects.requireNonNullElse(first, Shut.at(waiting + ": STOPPED", true));
  }

  private boolean isDue(Desired.Wanted wanted, Instance it) {
    return switch (Phases.verdict(desired, wanted.spec(), it)) {
      case Verdict.Start s -> true;
      case Verdict.Retry(MonoTime at, Series s) -> now.reached(at);
      case Verdict.Done d -> false;
      case Verdict.GivenUp g -> false;
    };
  }

  private Shut why(String who, Desired.Wanted wanted, InstanceId id, @Nullable Instance it) {
    ProgramSpec spec = wanted.spec();
    Phase phase = Phases.phase(desired, spec, id, it, now);
    boolean starts = it == null ? phase == Phase.STARTING : it.isDown() && isDue(wanted, it);
    Shut itself = starts ? shutBefore(spec.name()) : null;
    if (itself != null) return itself.behind(who);
    Check ready = spec.policy().checks().ready();
    if (it != null && it.life() instanceof Life.Up up && ready != null && spec.policy().type() == ProgramType.SERVICE) {
      String detail = Phases.notReady(spec, up);
      if (!detail.isEmpty()) return Shut.at(who + ": " + detail, false);
    }
    return Shut.at(who + ": " + phase, phase == Phase.FATAL || phase == Phase.EXITED);
  }
}
