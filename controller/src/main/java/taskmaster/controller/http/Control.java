package taskmaster.controller.http;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Command;
import taskmaster.api.InstanceId;
import taskmaster.api.logs.LogReader;
import taskmaster.api.logs.LogSource;
import taskmaster.controller.alerts.Webhook;
import taskmaster.controller.config.ConfigRejected;
import taskmaster.controller.core.Commands;
import taskmaster.controller.core.Goal;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Preview;
import taskmaster.controller.core.Snapshot;

/** What the API needs of the daemon. Every method may be called from any thread. */
public interface Control {
  Snapshot snapshot();

  MonoTime now();

  /** What moment of the day that is. */
  Instant at(MonoTime now);

  /** Carries a command out on the loop's thread; returns when it is part of the published snapshot. */
  Commands.Outcome command(Command command) throws InterruptedException;

  /** Reads the file again and applies it. {@code sync} null: as the file says. */
  Preview reload(@Nullable Boolean sync) throws ConfigRejected, InterruptedException;

  /** What {@link #reload} would do now. */
  Preview plan(@Nullable Boolean sync) throws ConfigRejected;

  /**
   * Waits until the goal is reached or missed, or for so long.
   *
   * @param client for whom; asked now and then
   * @throws IOException where it has left
   */
  Goal.State await(Goal goal, Duration atMost, LogReader.Audience client) throws InterruptedException, IOException;

  /** The daemon's own facts, for display. */
  Map<String, Object> about();

  Optional<Webhook.Status> webhook();

  Map<String, Object> alerts();

  /** How many bytes of its output were dropped because the disk refused them. */
  long droppedOutput(InstanceId id);

  /** What its run was started with, or its next one would be. */
  Launch launch(InstanceId id);

  /** After somebody has moved them away. */
  void reopenLogs();

  /** Where a stream of an instance is captured. */
  Optional<LogSource> logFile(InstanceId id, boolean stderr);

  /** Another one is connected, which takes a descriptor. */
  void clientCame();
}
