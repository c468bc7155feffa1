package taskmaster.controller.core;

import taskmaster.api.Check;
import taskmaster.api.Checks;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.Probe;
import taskmaster.api.ProgramSpec;

/** Something that happened. What it says of a run that is over changes nothing. */
public sealed interface Event {
  /** The process exists. */
  record Spawned(
      InstanceId id, long run, int pid, long born, MonoTime at, ProgramSpec spec, Series series)
      implements Event {}

  /** The system would not start it. */
  record SpawnRefused(InstanceId id, long run, String why, Series series) implements Event {}

  /** The main process has ended; it is not reaped yet, and others of its tree may live. */
  record Exited(InstanceId id, long run, Exit exit) implements Event {}

  /** The run told that another of its processes is its main process from now on (sd_notify(3), MAINPID=). */
  record MainMoved(InstanceId id, long run, int pid, long born) implements Event {}

  /** A signal that the planner asked for went out, or found nobody. */
  record Signalled(Action.Signal action) implements Event {}

  /** A command that the planner asked for is under way, or has been refused. */
  record StopCommanded(Action.StopCommand action) implements Event {}

  /** It came to nothing. @param step that it was @param why "exit code 1" */
  record StopCommandFailed(InstanceId id, long run, int step, String why) implements Event {}

  /** We looked: so many of the run's processes still live. */
  record Remains(InstanceId id, long run, int count) implements Event {}

  /** One of the run's remaining processes ended: a reason to look again. */
  record Stirred(InstanceId id, long run) implements Event {}

  /** We looked: nothing of the run is alive, and the main process is reaped. */
  record Gone(InstanceId id, long run) implements Event {}

  /**
   * We looked for the main process of a run that an earlier daemon started.
   *
   * @param born of the process that has its pid now, 0 if none has
   */
  record Sighted(InstanceId id, long run, long born) implements Event {}

  /** A probe is under way. */
  record Asked(InstanceId id, long run, Checks.Kind kind, long number, Probe probe) implements Event {}

  /** @param detail why a bad answer is bad: "connection refused" */
  record Answered(InstanceId id, long run, Checks.Kind kind, long number, Check check, boolean good, String detail)
      implements Event {}

  /** The run told its status (sd_notify(3), STATUS=). */
  record Said(InstanceId id, long run, String status) implements Event {}

  /** The set of a program's instances was brought in line. */
  record Scaled(Action.Scale action) implements Event {}
}
