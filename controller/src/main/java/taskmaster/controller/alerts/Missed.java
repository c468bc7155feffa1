package taskmaster.controller.alerts;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import taskmaster.controller.core.Recovery.Told;
import taskmaster.controller.core.Transition;

/** Which alerts a dead daemon did not come to write: each is known by its event and its run. */
public final class Missed {
  private static final Pattern KEY = Pattern.compile("\"event\":\"([a-z_]+)\",\"payload\":\\{.*?\"run\":([0-9]+)");

  private static final Pattern LOG_TROUBLE = Pattern.compile("\"event\":\"log_(degraded|recovered)\"");
  private static final Pattern LOG = Pattern.compile("\"log\":\"((?:[^\"\\\\]|\\\\.)*)\"");

  private Missed() {}

  private static final Set<String> TURNING = Set.of("process_ready", "process_not_ready", "process_healthy", "process_unhealthy", "process_stop_command_failed");

  /** What names an alert about a run, over all daemons that take over from each other. */
  public record Key(String event, long run) {
    /** Whether a run may tell it more than once. */
    boolean turns() {
      return TURNING.contains(event);
    }
  }

  /** How often each alert is there. */
  public static final class Written {
    private final Map<Key, Integer> counts = new HashMap<>();

    public void add(Key key) {
      counts.merge(key, 1, Integer::sum);
    }

    public void clear() {
      counts.clear();
    }

    /** Counts what was told from its beginning on: whether this one is not there. */
    private static boolean misses(Map<Key, Integer> left, Key key) {
      int count = left.getOrDefault(key, 0);
      left.put(key, key.turns() ? Math.max(0, count - 1) : 1);
      return count == 0;
    }
  }

  /** @param after the number of the last alert from before all of {@code told} */
  public static List<Told> of(List<Told> told, Path alertFile, long after) throws IOException {
    if (told.isEmpty()) return List.of();
    return of(told, written(new AlertFiles(alertFile), after));
  }

  public static List<Told> of(List<Told> told, Written written) {
    Map<Key, Integer> left = new HashMap<>(written.counts);
    return told.stream().filter(t -> key(t.transition()).filter(key -> Written.misses(left, key)).isPresent()).toList();
  }

  private static Written written(AlertFiles files, long after) throws IOException {
    Written keys = new Written();
    for (Path path : files.oldestFirst()) {
      OptionalLong last = AlertFiles.lastSeq(path);
      if (last.isEmpty() || last.getAsLong() <= after) continue;
      try (BufferedReader lines = AlertFiles.reader(path)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (AlertFiles.seq(line).orElse(0) <= after) continue;
          Matcher m = KEY.matcher(line);
          if (m.find()) keys.add(new Key(m.group(1), Long.parseLong(m.group(2))));
        }
      }
    }
    return keys;
  }

  /** The logs of which an earlier daemon told that a disk refuses them, and not yet that this is over. */
  public static Set<Path> degradedLogs(Path alertFile) throws IOException {
    Set<Path> degraded = new HashSet<>();
    for (Path path : new AlertFiles(alertFile).oldestFirst()) {
      try (BufferedReader lines = AlertFiles.reader(path)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          Matcher event = LOG_TROUBLE.matcher(line);
          Matcher log = LOG.matcher(line);
          if (!event.find() || !log.find()) continue;
          Path named = Path.of(log.group(1).replaceAll("\\\\(.)", "$1"));
          if (event.group(1).equals("degraded")) degraded.add(named);
          else degraded.remove(named);
        }
      }
    }
    return degraded;
  }

  public static Optional<Key> key(Transition transition) {
    return switch (transition) {
      case Transition.Started s -> Optional.of(new Key("process_started", s.run().number()));
      case Transition.Exited e -> Optional.of(new Key("process_exited", e.run().number()));
      case Transition.Stopped s -> Optional.of(new Key("process_stopped", s.end().run()));
      case Transition.BackedOff b -> Optional.of(new Key("process_backoff", b.end().run()));
      case Transition.Failed f -> f.end() == null ? Optional.empty() : Optional.of(new Key("process_fatal", f.end().run()));
      case Transition.ReadyChanged r -> Optional.of(new Key(r.ready() ? "process_ready" : "process_not_ready", r.run().number()));
      case Transition.HealthChanged h -> Optional.of(new Key(h.healthy() ? "process_healthy" : "process_unhealthy", h.run().number()));
      case Transition.StopCommandFailed s -> Optional.of(new Key("process_stop_command_failed", s.run().number()));
      case Transition.Blocked b -> Optional.empty();
      case Transition.PhaseChanged c -> Optional.empty();
    };
  }
}
