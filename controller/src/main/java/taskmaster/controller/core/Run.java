package taskmaster.controller.core;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Policy;
import taskmaster.api.ProgramSpec;

/**
 * One process of an instance, from spawn to end.
 *
 * @param number unique over all instances and all daemons that take over from each other; larger is later
 * @param pid of its main process, 0 where only others of it were found alive
 * @param born when the system started the main process, in its own unit: with the pid it names a process for good
 * @param spec as it was when this was started
 * @param first what was started, where the main process is another by now
 */
public record Run(
    long number, int pid, long born, MonoTime startedAt, ProgramSpec spec, Series series, @Nullable First first) {
  /** The process that leads the session of a run. */
  public record First(int pid, long born) {}

  public Run(long number, int pid, long born, MonoTime startedAt, ProgramSpec spec, Series series) {
    this(number, pid, born, startedAt, spec, series, null);
  }

  /** Whether this is the process that the program is. */
  boolean isOf(ProgramSpec current) {
    return spec == current || spec.shape().equals(current.shape());
  }

  public First leader() {
    return first != null ? first : new First(pid, born);
  }

  /** When it is RUNNING: a file that asks for longer than it was started with does not take that back. */
  MonoTime runningAt(Policy current) {
    Duration atStart = spec.policy().starttime();
    Duration now = current.starttime();
    return startedAt.plus(now.compareTo(atStart) < 0 ? now : atStart);
  }

  Run movedTo(int otherPid, long otherBorn) {
    return new Run(number, otherPid, otherBorn, startedAt, spec, series, leader());
  }
}
