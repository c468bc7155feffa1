package taskmaster.controller.core;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import taskmaster.api.InstanceId;
import taskmaster.api.Policy;

/** Whose turn it is to be replaced, in each rolling program, at one moment: one after another, while all others do their work. */
final class Rolls {
  private static final int NOBODY = -1;

  /**
   * @param turn the lowest index that is to be replaced, or {@link #NOBODY}
   * @param awaited what has to be ready before, or null
   */
  private record Roll(int turn, @Nullable Awaited awaited) {}

  private record Awaited(InstanceId id, String what, boolean forGood) {}

  /** Why one that is to be replaced goes on running. @param forGood nothing will change that by itself */
  record Wait(String why, boolean forGood) {}

  private final Observed observed;
  private final MonoTime now;
  private final Map<String, Roll> known = new HashMap<>();

  Rolls(Observed observed, MonoTime now) {
    this.observed = observed;
    this.now = now;
  }

  Observed observed() {
    return observed;
  }

  /** Null where it may be replaced at once, or is not to be. */
  @Nullable Wait wait(Desired.Wanted wanted, Instance it, Life.Up up) {
    if (!wanted.spec().policy().rolling()) return null;
    if (!isToBeReplaced(wanted, it, up)) return null;
    Roll roll = known.computeIfAbsent(wanted.spec().name(), name -> roll(wanted));
    Awaited awaited = roll.awaited();
    if (awaited != null) return new Wait("to be replaced after " + awaited.id() + ": " + awaited.what(), awaited.forGood());
    boolean isNext = roll.turn() == it.id().index();
    return isNext ? null : new Wait("to be replaced after " + new InstanceId(it.id().program(), roll.turn()), false);
  }

  private boolean isToBeReplaced(Desired.Wanted wanted, Instance it, Life.Up up) {
    WhyEnd why = WhyEnd.inItsTurn(wanted, observed, it, up);
    return why != null && why.isReplacement();
  }

  private Roll roll(Desired.Wanted wanted) {
    int turn = NOBODY;
    Awaited awaited = null;
    ProgramObserved program = observed.program(wanted.spec().name());
    for (int index = 0; index < wanted.count(); index++) {
      if (!wanted.is(index)) continue;
      Instance it = program.instance(index);
      if (it != null && it.life() instanceof Life.Up up && isToBeReplaced(wanted, it, up)) {
        if (turn == NOBODY) turn = index;
        continue;
      }
      Awaited next = awaited(wanted, new InstanceId(wanted.spec().name(), index), it);
      if (next != null && (awaited == null || next.forGood() && !awaited.forGood())) awaited = next;
    }
    return new Roll(turn, awaited);
  }

  /** Null where it does its work, or has done it. */
  private @Nullable Awaited awaited(Desired.Wanted wanted, InstanceId id, @Nullable Instance it) {
    if (it == null) return new Awaited(id, "STARTING", false);
    Policy policy = wanted.spec().policy();
    return switch (it.life()) {
      case Life.Up up -> {
        if (up.health(policy).fails()) yield new Awaited(id, "unhealthy", false);
        if (now.reached(Gate.readyAt(policy, up, now))) yield null;
        String notReady = Phases.notReady(policy, up);
        yield new Awaited(id, notReady.isEmpty() ? "STARTING" : notReady, false);
      }
      case Life.Dying d -> new Awaited(id, "STOPPING", false);
      case Life.Down() ->
          switch (Verdict.of(policy, it.lastEnd(), wanted.wish().of(id.index()).forgiven())) {
            case Verdict.Start s -> new Awaited(id, "STARTING", false);
            case Verdict.Retry r -> new Awaited(id, "BACKOFF", false);
            case Verdict.GivenUp g -> new Awaited(id, "FATAL", true);
            case Verdict.Done d -> null;
          };
    };
  }
}
