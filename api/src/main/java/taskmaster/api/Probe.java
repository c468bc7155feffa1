package taskmaster.api;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One way to learn how a process is. Texts may hold what differs by instance. */
public sealed interface Probe {
  /** Good if this command ends with 0; it runs as the program does (user, environment, folder). */
  record Exec(List<String> cmd) implements Probe {
    public Exec {
      if (cmd.isEmpty()) throw new IllegalArgumentException("a cmd has at least one word");
      cmd = List.copyOf(cmd);
    }
  }

  /**
   * Good if a GET is answered with one of the statuses; redirections are not followed.
   *
   * @param lowest of the statuses, as {@code highest} inclusive
   */
  record Http(String url, int lowest, int highest, Map<String, String> headers) implements Probe {
    public Http {
      headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    }
  }

  /** Good if a connection is accepted. {@code port} is text, since it may differ by instance. */
  record Tcp(String host, String port) implements Probe {}

  /** Good as soon as the run has written a line in which this pattern is found ({@link java.util.regex.Pattern}). */
  record Log(String pattern) implements Probe {}

  /** Good as soon as the run says so by itself: READY=1, or for its health WATCHDOG=1 (sd_notify(3)). */
  record Notify() implements Probe {}

  /** Whether the answer comes when the program gives it, instead of at once. */
  default boolean isHeard() {
    return this instanceof Log || this instanceof Notify;
  }
}
