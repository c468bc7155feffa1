package taskmaster.api;

import java.util.List;

/** What an operator may ask for. Each edits the desired state; none touches a process. */
public sealed interface Command {
  record Start(List<Target> targets) implements Command {}

  /** @param withDependents also all that depends on them, directly or not */
  record Stop(List<Target> targets, boolean withDependents) implements Command {
    public Stop(List<Target> targets) {
      this(targets, false);
    }
  }

  record Restart(List<Target> targets) implements Command {}

  /** Send a signal once to the main process of each target's current run. */
  record SendSignal(Signal signal, List<Target> targets) implements Command {}

  /** Have each target read its own files again, by its {@code reload_signal}. */
  record ReloadProgram(List<Target> targets) implements Command {}

  /** Keep {@code count} instances until the file's numprocs for that program changes. */
  record Scale(String program, int count) implements Command {}

  /** The end of the daemon, and, unless they are kept, first of everything that it runs. */
  record Shutdown(How how) implements Command {
    public enum How {
      GRACEFULLY,
      /** SIGKILL, without waiting for any stoptime. */
      AT_ONCE,
      /** What runs is left to the next daemon. */
      KEEPING
    }
  }
}
