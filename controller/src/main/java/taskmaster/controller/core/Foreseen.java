package taskmaster.controller.core;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;
import taskmaster.controller.core.Preview.Step;

/** What another desired state does to each instance, now or when what has to come first has come. */
final class Foreseen {
  private final Moment before;
  private final Moment after;
  private final List<Step> steps = new ArrayList<>();
  private final Set<InstanceId> moved = new HashSet<>();
  private final Set<String> restarted = new HashSet<>();

  private Foreseen(Desired before, Desired after, Observed observed, MonoTime now) {
    this.before = new Moment(before, observed, now);
    this.after = new Moment(after, observed, now);
  }

  static List<Step> steps(Desired before, Desired after, Observed observed, MonoTime now) {
    Foreseen all = new Foreseen(before, after, observed, now);
    for (ProgramSpec spec : after.specs().values()) all.program(after.wanted(spec));
    for (String name : observed.programs().names()) if (!after.specs().containsKey(name)) all.removed(name);
    boolean more = true;
    while (more) {
      more = false;
      for (ProgramSpec spec : after.specs().values()) more |= all.follows(spec);
    }
    return List.copyOf(all.steps);
  }

  private Desired.@Nullable Wanted wantedBefore(String program) {
    ProgramSpec old = before.desired.specs().get(program);
    return old == null ? null : before.desired.wanted(old);
  }

  private void program(Desired.Wanted wanted) {
    String name = wanted.spec().name();
    ProgramObserved program = after.observed.program(name);
    Desired.Wanted was = wantedBefore(name);
    if (was != null && was.isSame(wanted)) return; // of a thousand it is mostly one that has changed
    for (int index = 0; index < wanted.count(); index++) {
      Instance it = program.instance(index);
      switch (it == null ? null : it.life()) {
        case Life.Up up -> ends(wanted, was, Objects.requireNonNull(it), up);
        case Life.Dying dying -> comesBack(wanted, was, new InstanceId(name, index));
        case Life.Down down -> starts(wanted, was, new InstanceId(name, index), it);
        case null -> starts(wanted, was, new InstanceId(name, index), null);
      }
    }
    for (Instance surplus : program.from(wanted.count())) {
      if (was == null && surplus.isUp() || was != null && livesOn(was, surplus)) add(surplus.id(), "stop", "numprocs is " + wanted.count());
    }
  }

  private void removed(String name) {
    Desired.Wanted was = wantedBefore(name);
    for (Instance it : after.observed.program(name).instances()) {
      if (was != null && livesOn(was, it)) add(it.id(), "stop", "removed from the file");
    }
  }

  /** Whether, as things are, it goes on or is just being replaced. */
  private boolean livesOn(Desired.Wanted was, Instance it) {
    return switch (it.life()) {
      case Life.Up up -> WhyEnd.of(was, before.rolls, it, up) == null;
      case Life.Dying dying -> was.is(it.id().index());
      case Life.Down down -> false;
    };
  }

  private void comesBack(Desired.Wanted wanted, Desired.@Nullable Wanted was, InstanceId id) {
    boolean cameBack = was != null && was.is(id.index());
    if (wanted.is(id.index()) && !cameBack) add(id, "start", whyStart(was, wanted, id) + ", once it has stopped");
    if (!wanted.is(id.index()) && cameBack) add(id, "stop", "not wanted any more");
  }

  /** Whether it waits to be replaced as it does already. */
  private boolean isInTheSameRoll(Desired.Wanted was, Desired.Wanted wanted, Instance it, Life.Up up) {
    boolean same = WhyEnd.inItsTurn(was, before.rolls, it, up) == WhyEnd.inItsTurn(wanted, after.rolls, it, up);
    Rolls.Wait waited = before.rolls.wait(was, it, up);
    Rolls.Wait waits = after.rolls.wait(wanted, it, up);
    boolean sameTurn = waited == null ? waits == null : waits != null && waited.forGood() == waits.forGood();
    return same && sameTurn && was.spec().shape().equals(wanted.spec().shape());
  }

  private void ends(Desired.Wanted wanted, Desired.@Nullable Wanted was, Instance it, Life.Up up) {
    WhyEnd why = WhyEnd.inItsTurn(wanted, after.rolls, it, up);
    if (why == null || was != null && (!livesOn(was, it) || isInTheSameRoll(was, wanted, it, up))) return;
    String cause =
        switch (why) {
          case UNWANTED -> "not wanted any more";
          case REPLACED -> "by an operator";
          case OTHER_SHAPE -> String.join(", ", SpecDiff.between(up.run().spec(), wanted.spec()).shape());
          case DEPENDENCY_RESTARTED -> "what it depends on was restarted";
          case UNHEALTHY -> "unhealthy";
        };
    if (why == WhyEnd.UNWANTED) {
      add(it.id(), "stop", cause);
      return;
    }
    Rolls.Wait waits = after.rolls.wait(wanted, it, up);
    if (waits == null || !waits.forGood()) restarted.add(it.id().program());
    if (waits != null) add(it.id(), "restart", cause + (waits.forGood() ? ", but it is " + waits.why() : ", in its turn"));
    else add(it.id(), "restart", cause + gate(wanted.spec(), ", then "));
  }

  /** What keeps it from starting for good, as a sentence's end. */
  private String gate(ProgramSpec spec, String then) {
    String hopeless = Gate.hopeless(after.desired, after.observed, spec);
    return hopeless.isEmpty() ? "" : then + hopeless;
  }

  private void starts(Desired.Wanted wanted, Desired.@Nullable Wanted was, InstanceId id, @Nullable Instance it) {
    if (!Planner.keeps(wanted, id.index(), it)) return;
    boolean anyway = was != null && Planner.keeps(was, id.index(), it);
    boolean sooner = anyway && was != null && it != null && isRetry(was, it) && !isRetry(wanted, it);
    if (!anyway || sooner) {
      add(id, "start", whyStart(was, wanted, id) + gate(wanted.spec(), ", but "));
      if (it != null && it.spawns() > 0) restarted.add(id.program());
      return;
    }
    Gate.Shut shut = before.gate.shut(Objects.requireNonNull(was).spec());
    boolean opens = shut != null && after.gate.shut(wanted.spec()) == null && (it == null || !isRetry(wanted, it));
    if (opens) add(id, "start", "no longer " + Objects.requireNonNull(shut).why());
  }

  private static boolean isRetry(Desired.Wanted wanted, Instance it) {
    return Planner.verdict(wanted, it) instanceof Verdict.Retry;
  }

  private static String whyStart(Desired.@Nullable Wanted was, Desired.Wanted wanted, InstanceId id) {
    if (was == null) return "new program";
    if (id.index() >= was.count()) return "numprocs " + was.count() + " -> " + wanted.count();
    if (!was.is(id.index())) return "wanted now";
    List<String> anew = SpecDiff.between(was.spec(), wanted.spec()).shape();
    return anew.isEmpty() ? "wanted again" : String.join(", ", anew);
  }

  /** Whether a program is taken along that is started anew with what it depends on. */
  private boolean follows(ProgramSpec spec) {
    if (!spec.policy().dependencies().restartsWith() || restarted.contains(spec.name())) return false;
    if (spec.policy().dependencies().conditions().keySet().stream().noneMatch(restarted::contains)) return false;
    boolean any = false;
    for (Instance it : after.observed.program(spec.name()).instances()) {
      if (!it.isUp()) continue;
      any = true;
      if (!moved.contains(it.id())) add(it.id(), "restart", "what it depends on is restarted");
    }
    if (any) restarted.add(spec.name());
    return any;
  }

  private void add(InstanceId id, String action, String why) {
    moved.add(id);
    steps.add(new Step(id, action, why));
  }
}
