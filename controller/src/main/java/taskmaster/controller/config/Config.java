package taskmaster.controller.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Signal;
import taskmaster.api.Target;

/**
 * A whole file with all that it includes, defaults filled in, paths absolute.
 *
 * @param groups the programs of each, both in the file's order
 * @param alsoRead the other files that were read, and the folders that were looked into for them
 */
public record Config(
    Path file,
    Daemon daemon,
    Alerts alerts,
    Map<String, ProgramSpec> programs,
    Map<String, List<String>> groups,
    List<Path> alsoRead) {
  public Config {
    programs = Collections.unmodifiableMap(new LinkedHashMap<>(programs));
    groups = Collections.unmodifiableMap(new LinkedHashMap<>(groups));
    alsoRead = List.copyOf(alsoRead);
  }

  /** Whether another reading of the same text may say something else: of other files, or of accounts. */
  boolean looksElsewhere() {
    return !alsoRead.isEmpty() || programs.values().stream().anyMatch(p -> p.shape().attributes().identity() != null);
  }

  /**
   * @param state folder of the lock, the pipes and the webhook's position
   * @param syncReload a reload wants every program that no operator stopped
   * @param forward signals to the daemon that go on to programs
   */
  public record Daemon(
      Path socket,
      Path pidfile,
      Path logfile,
      LogLevel loglevel,
      Duration tick,
      Path state,
      boolean syncReload,
      Map<Signal, List<Target>> forward) {
    public Daemon {
      forward = Map.copyOf(forward);
    }
  }

  public record Alerts(Path file, @Nullable Webhook webhook) {}

  public record Webhook(String url, Duration timeout) {}

  public enum LogLevel {
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE
  }
}
