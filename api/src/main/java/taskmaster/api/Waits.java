package taskmaster.api;

import java.time.Duration;

/** How long the daemon waits for what a command is to bring about, before it answers that it did not come. */
public final class Waits {
  /** Where nobody says how long. */
  public static final Duration USUAL = Duration.ofHours(1);

  public static final Duration LONGEST = Duration.ofDays(365);

  private Waits() {}
}
