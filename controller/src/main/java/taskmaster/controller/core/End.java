package taskmaster.controller.core;

import java.time.Duration;
import taskmaster.api.Exit;

/**
 * How a run was over.
 *
 * @param pid 0 where the start was refused
 * @param byUs our stop signal had been sent before it ended
 */
public record End(
    long run, int pid, MonoTime startedAt, MonoTime endedAt, How how, boolean byUs, Series series) {

  public sealed interface How {}

  public record Exited(Exit exit) implements How {}

  /** There never was a process. {@code why} is a sentence's end: "/usr/bin/ngnix: No such file or directory". */
  public record Refused(String why) implements How {}

  public Duration lived() {
    return endedAt.since(startedAt);
  }
}
