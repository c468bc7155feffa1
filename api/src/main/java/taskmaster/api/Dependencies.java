package taskmaster.api;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a program needs of others before it starts.
 *
 * @param conditions by the name of the other program
 * @param restartsWith whether it is started anew when one of them has been
 */
public record Dependencies(Map<String, Condition> conditions, boolean restartsWith) {
  public static final Dependencies NONE = new Dependencies(Map.of(), false);

  /** Each is about all instances of the other program. */
  public enum Condition {
    /** A process of it lives, or a job has completed. */
    STARTED,
    /** Its {@code ready} check has passed; without one: it is RUNNING. */
    READY,
    /** It has ended as expected and is not started again by itself. */
    COMPLETED
  }

  public Dependencies {
    conditions = conditions.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(conditions));
  }
}
