package taskmaster.controller.core;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;
import taskmaster.api.ProgramType;

/** Whose turn it is to be replaced, in each rolling program, at one moment: one after another, while all others do their work. */
final class Rolls {
  private static final int NOBODY = -1;

  /**
   * @param turn the lowest index that is to be replaced, or {@link #NOBODY}
   * @param held why nobody may be, or null
   */
  private record Roll(int turn, @Nullable Wait held) {}

  /**
   * Why one that is to be replaced goes on running.
   *
   * @param after null: nothing else of its program is in the way
   * @param what it waits for, or nothing
   * @param forGood nothing will change that by itself
   * @param starts what it waits for is to be started, and may have to wait in its turn
   */
  record Wait(@Nullable InstanceId after, String what, boolean forGood, boolean starts) {
    String why() {
      if (after == null) return "to be replaced, " + what;
      return "to be replaced after " + after + (what.isEmpty() ? "" : ": " + what);
    }

    private Wait because(String what, boolean forGood) {
      return new Wait(after, what, forGood, false);
    }

    /** With the reason why what is to be started is not. */
    Wait with(Gate.@Nullable Shut shut) {
      return shut != null ? because(shut.why(), shut.forGood()) : this;
    }
  }

  private final Desired desired;
  private final Observed observed;
  private final MonoTime now;
  private final Map<String, Roll> known = new HashMap<>();
  private final Map<String, Boolean> over = new HashMap<>();

  Rolls(Desired desired, Observed observed, MonoTime now) {
    this.desired = desired;
    this.observed = observed;
    this.now = now;
  }

  Observed observed() {
    return observed;
  }

  /** Whether all of a rolling program has been replaced that the file or an operator wants replaced, and is up again. */
  boolean isOver(String program) {
    ProgramSpec spec = desired.specs().get(program);
    if (spec == null || !spec.policy().rolling()) return true;
    return over.computeIfAbsent(program, name -> isOver(desired.wanted(spec)));
  }

  private boolean isOver(Desired.Wanted wanted) {
    for (int index = 0; index < wanted.count(); index++) {
      Instance it = observed.program(wanted.spec().name()).instance(index);
      if (it == null || !wanted.is(index)) continue;
      boolean isUnderWay =
          switch (it.life()) {
            case Life.Up up -> WhyEnd.isOutdated(wanted, it, up.run());
            case Life.Dying d -> true;
            case Life.Down() -> Planner.keeps(wanted, index, it);
          };
      if (isUnderWay) return false;
    }
    return true;
  }

  /** Null where it may be replaced at once, or is not to be. */
  @Nullable Wait wait(Desired.Wanted wanted, Instance it, Life.Up up) {
    if (!wanted.spec().policy().rolling() || isNamed(wanted, it, up) || !isToBeReplaced(wanted, it, up)) return null;
    Roll roll = known.computeIfAbsent(wanted.spec().name(), name -> roll(wanted));
    if (roll.held() != null) return roll.held();
    boolean isNext = roll.turn() == it.id().index();
    return isNext ? null : new Wait(new InstanceId(it.id().program(), roll.turn()), "", false, false);
  }

  /** An operator wants this very one replaced. */
  private static boolean isNamed(Desired.Wanted wanted, Instance it, Life.Up up) {
    return up.run().number() <= wanted.wish().of(it.id().index()).replacedAtOnce();
  }

  private boolean isToBeReplaced(Desired.Wanted wanted, Instance it, Life.Up up) {
    WhyEnd why = WhyEnd.inItsTurn(wanted, this, it, up);
    return why != null && why.isReplacement();
  }

  private Roll roll(Desired.Wanted wanted) {
    ProgramObserved program = observed.program(wanted.spec().name());
    int turn = NOBODY;
    long newest = 0;
    Set<Integer> old = new HashSet<>();
    for (int index = 0; index < wanted.count(); index++) {
      Instance it = program.instance(index);
      if (it == null || !(it.life() instanceof Life.Up up) || isNamed(wanted, it, up) || !isToBeReplaced(wanted, it, up)) continue;
      old.add(index);
      newest = Math.max(newest, up.run().number());
      if (turn == NOBODY) turn = index;
    }
    Wait held = null;
    for (int index = 0; index < wanted.count(); index++) {
      if (!wanted.is(index) || old.contains(index)) continue;
      Instance it = program.instance(index);
      // what has ended before all this began says nothing of what comes
      boolean isOfThisRoll = index < turn && it != null && it.latestRun() > newest;
      Wait next = awaited(wanted, new InstanceId(wanted.spec().name(), index), it, isOfThisRoll);
      if (next != null && (held == null || next.forGood() && !held.forGood())) held = next;
    }
    String hopeless = held == null && turn != NOBODY ? Gate.hopeless(desired, observed, wanted.spec()) : "";
    if (!hopeless.isEmpty()) held = new Wait(null, "and would be " + hopeless, true, false);
    return new Roll(turn, held);
  }

  /** Null where it does its work, or has done it. */
  private @Nullable Wait awaited(Desired.Wanted wanted, InstanceId id, @Nullable Instance it, boolean isOfThisRoll) {
    Wait starting = new Wait(id, "STARTING", false, true);
    if (it == null) return starting;
    ProgramSpec spec = wanted.spec();
    return switch (it.life()) {
      case Life.Up up -> {
        if (isNamed(wanted, it, up)) yield starting.because("STOPPING", false);
        boolean isUnhealthy = up.checks(spec).health() != null && !up.health(spec).passes();
        if (now.reached(Gate.readyAt(spec, up, now))) yield isUnhealthy ? starting.because(health(up.health(spec)), false) : null;
        String notReady = Phases.notReady(spec, up);
        yield starting.because(notReady.isEmpty() ? "STARTING" : notReady, false);
      }
      case Life.Dying d -> starting.because("STOPPING", false);
      case Life.Down() ->
          switch (Verdict.of(spec.policy(), it.lastEnd(), wanted.wish().of(id.index()).forgiven())) {
            case Verdict.Start s -> starting;
            case Verdict.Retry(MonoTime at, Series s) -> new Wait(id, "BACKOFF", false, now.reached(at));
            case Verdict.GivenUp g -> starting.because("FATAL", true);
            case Verdict.Done d -> !isOfThisRoll || hasDoneItsWork(spec, it) ? null : starting.because("EXITED", true);
          };
    };
  }

  private static String health(Finding health) {
    return health.fails() ? "unhealthy" : "not known to be healthy";
  }

  /** What has to get ready for its work has not done it by ending. */
  private static boolean hasDoneItsWork(ProgramSpec spec, Instance it) {
    End end = it.lastEnd();
    boolean expected = end != null && Verdict.expected(spec.policy(), end);
    return expected && (spec.policy().type() == ProgramType.JOB || spec.policy().checks().ready() == null);
  }
}
