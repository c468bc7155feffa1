package taskmaster.controller.core;

import java.time.Duration;
import taskmaster.api.Exit;

/**
 * How a run was over.
 *
 * @param pid 0 where the start was refused
 * @param ran whether it was RUNNING by what the file said at its start; what that says now may be more
 * @param cause whether it ended by itself, or was told to
 */
public record End(
    long run, int pid, MonoTime startedAt, MonoTime endedAt, boolean ran, How how, Cause cause, Series series) {

  public enum Cause {
    ITSELF,
    /** Our stop signal had been sent before, since it was not wanted as it was. */
    STOPPED,
    /** The same, since its health check failed: counts as if it had failed by itself. */
    UNHEALTHY
  }

  public sealed interface How {}

  public record Exited(Exit exit) implements How {}

  /** There never was a process. {@code why} is a sentence's end: "/usr/bin/ngnix: No such file or directory". */
  public record Refused(String why) implements How {}

  /** Whether our signal, and not the process itself, began it. */
  public boolean byUs() {
    return cause != Cause.ITSELF;
  }

  public Duration lived() {
    return endedAt.since(startedAt);
  }
}
