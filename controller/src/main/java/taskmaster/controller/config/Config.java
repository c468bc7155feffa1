package taskmaster.controller.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import taskmaster.api.ProgramSpec;

/** A whole file, defaults filled in, paths absolute. */
public record Config(Path file, Daemon daemon, Alerts alerts, Map<String, ProgramSpec> programs) {
  public Config {
    programs = Collections.unmodifiableMap(new LinkedHashMap<>(programs));
  }

  /**
   * @param state folder of the lock, the pipes and the webhook's position
   * @param syncReload a reload wants every program that no operator stopped
   */
  public record Daemon(
      Path socket, Path pidfile, Path logfile, LogLevel loglevel, Duration tick, Path state, boolean syncReload) {}

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
