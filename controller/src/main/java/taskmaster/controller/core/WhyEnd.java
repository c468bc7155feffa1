package taskmaster.controller.core;

import org.jspecify.annotations.Nullable;
import taskmaster.api.ProgramSpec;

/** Why a run that is up must not live on. */
enum WhyEnd {
  UNWANTED,
  /** An operator's restart. */
  REPLACED,
  /** The file wants another process than this. */
  OTHER_SHAPE,
  /** What it depends on was started anew, and so must it be. */
  DEPENDENCY_RESTARTED,
  UNHEALTHY;

  /** Null where it may. */
  static @Nullable WhyEnd of(Desired.Wanted wanted, Rolls rolls, Instance it, Life.Up up) {
    WhyEnd why = inItsTurn(wanted, rolls, it, up);
    if (why == null || rolls.wait(wanted, it, up) == null) return why;
    return isUnhealthy(wanted.spec(), up) ? UNHEALTHY : null;
  }

  /** The same, also of one that has to wait for its turn to be replaced. */
  static @Nullable WhyEnd inItsTurn(Desired.Wanted wanted, Rolls rolls, Instance it, Life.Up up) {
    ProgramSpec spec = wanted.spec();
    int index = it.id().index();
    Run run = up.run();
    if (!wanted.is(index)) return UNWANTED;
    if (run.number() <= wanted.wish().of(index).replaced()) return REPLACED;
    if (!run.isOf(spec)) return OTHER_SHAPE;
    if (dependencyRestarted(spec, rolls, run)) return DEPENDENCY_RESTARTED;
    return isUnhealthy(spec, up) ? UNHEALTHY : null;
  }

  /** Whether another run that is as well as this one was is to take its place. */
  boolean isReplacement() {
    return this == REPLACED || this == OTHER_SHAPE || this == DEPENDENCY_RESTARTED;
  }

  /** Whether an operator or the file wants another run in its place. */
  static boolean isOutdated(Desired.Wanted wanted, Instance it, Run run) {
    return run.number() <= wanted.wish().of(it.id().index()).replaced() || !run.isOf(wanted.spec());
  }

  private static boolean isUnhealthy(ProgramSpec spec, Life.Up up) {
    return up.checks(spec).restartsUnhealthy() && up.health(spec).fails();
  }

  /** Run numbers tell who came first; a first run is no restart, however late it comes. */
  private static boolean dependencyRestarted(ProgramSpec spec, Rolls rolls, Run run) {
    if (!spec.policy().dependencies().restartsWith()) return false;
    for (String name : spec.policy().dependencies().conditions().keySet()) {
      if (!rolls.isOver(name)) continue; // one restart for all of it, at its end
      for (Instance other : rolls.observed().program(name).instances()) {
        if (other.spawns() > 1 && other.isUp() && other.latestRun() > run.number()) return true;
      }
    }
    return false;
  }
}
