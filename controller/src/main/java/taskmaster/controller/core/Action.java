package taskmaster.controller.core;

import java.util.List;
import taskmaster.api.Check;
import taskmaster.api.Checks;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Shape;

/** What the planner wants done. Idempotent: each names the run it is meant for, and does nothing to any other. */
public sealed interface Action {
  /**
   * Keep {@code to} of a program's instances running where it was {@code from}; known places beyond {@code places}
   * that are down are forgotten.
   */
  record Scale(String program, int from, int to, int places) implements Action {}

  record Spawn(InstanceId id, long run, ProgramSpec spec, Series series) implements Action {}

  /** @param request the operator's request this fulfils, 0 for the planner's own */
  record Signal(
      InstanceId id, long run, taskmaster.api.Signal signal, Reach reach, Purpose purpose, long request)
      implements Action {}

  /**
   * Run a command that is to make a run end.
   *
   * @param step of the program's {@link taskmaster.api.Stopping}
   * @param shape of the process that is to end
   */
  record StopCommand(InstanceId id, long run, int step, List<String> cmd, Purpose purpose, Shape shape) implements Action {}

  /**
   * Ask how a run is.
   *
   * @param number of the probe, counted by run and kind: an answer to an earlier one is none
   * @param shape of the process that is asked about
   */
  record Probe(InstanceId id, long run, Checks.Kind kind, long number, Check check, Shape shape) implements Action {}

  /** Its time is up: it has failed, and whatever is still under way for it may end. */
  record GiveUp(InstanceId id, long run, Checks.Kind kind, long number, Check check) implements Action {}

  /** Look what is left of a run whose main process has ended, and free its last trace if nothing is. */
  record Reap(InstanceId id, long run) implements Action {}

  /** Whom a signal reaches. */
  enum Reach {
    MAIN,
    GROUP,
    /** Every process that descends from the run, wherever it went. */
    TREE,
    /** Those of TREE that left the group. */
    ESCAPED
  }

  enum Purpose {
    STOP,
    /** The same, since the health check failed. */
    UNHEALTHY,
    /** The next step of a stop that has more than one. */
    NEXT_STEP,
    /** The stop signal for those that outlived their main process. */
    STOP_REST,
    KILL,
    /** For what a KILL did not end, or was forked meanwhile. */
    KILL_AGAIN,
    /** An operator's {@code signal}. */
    REQUESTED
  }
}
