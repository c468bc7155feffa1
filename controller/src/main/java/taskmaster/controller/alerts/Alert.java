package taskmaster.controller.alerts;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** One event that somebody may want to be woken for. */
public record Alert(Instant time, String event, Map<String, Object> payload) {
  public Alert {
    payload = Collections.unmodifiableMap(new LinkedHashMap<>(payload));
  }
}
