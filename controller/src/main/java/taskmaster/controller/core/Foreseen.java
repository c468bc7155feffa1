package taskmaster.controller.core;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
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
      if (it != null && it.life() instanceof Life.Up up) ends(wanted, was, it, up);
      else if (it == null || it.isDown()) starts(wanted, was, new InstanceId(name, index), it);
    }
    for (Instance surplus : program.from(wanted.count())) {
      if (surplus.life() instanceof Life.Up up && (was == null || livesOn(was, surplus, up))) add(surplus.id(), "stop", "numprocs is " + wanted.count());
    }
  }

  private void removed(String name) {
    Desired.Wanted was = wantedBefore(name);
    for (Instance it : after.observed.program(name).instances()) {
      if (was != null && it.life() instanceof Life.Up up && livesOn(was, it, up)) add(it.id(), "stop", "removed from the file");
    }
  }

  private boolean livesOn(Desired.Wanted was, Instance it, Life.Up up) {
    return WhyEnd.inItsTurn(was, before.rolls, it, up) == null;
  }

  private void ends(Desired.Wanted wanted, Desired.@Nullable Wanted was, Instance it, Life.Up up) {
    WhyEnd why = WhyEnd.inItsTurn(wanted, after.rolls, it, up);
    if (why == null || was != null && !livesOn(was, it, up)) return;
    String cause =
        switch (why) {
          case UNWANTED -> "not wanted any more";
          case REPLACED -> "by an operator";
          case OTHER_SHAPE -> String.join(", ", SpecDiff.between(up.run().spec(), wanted.spec()).shape());
          case DEPENDENCY_RESTARTED -> "what it depends on was restarted";
          case UNHEALTHY -> "unhealthy";
        };
    if (why != WhyEnd.UNWANTED) restarted.add(it.id().program());
    add(it.id(), why == WhyEnd.UNWANTED ? "stop" : "restart", after.rolls.wait(wanted, it, up) == null ? cause : cause + ", in its turn");
  }

  private void starts(Desired.Wanted wanted, Desired.@Nullable Wanted was, InstanceId id, @Nullable Instance it) {
    if (!Planner.keeps(wanted, id.index(), it)) return;
    boolean anyway = was != null && Planner.keeps(was, id.index(), it);
    boolean sooner = anyway && was != null && it != null && isRetry(was, it) && !isRetry(wanted, it);
    if (!anyway || sooner) add(id, "start", whyStart(was, wanted, id));
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
    restarted.add(spec.name());
    for (Instance it : after.observed.program(spec.name()).instances()) {
      if (it.isUp() && !moved.contains(it.id())) add(it.id(), "restart", "what it depends on is restarted");
    }
    return true;
  }

  private void add(InstanceId id, String action, String why) {
    moved.add(id);
    steps.add(new Step(id, action, why));
  }
}
