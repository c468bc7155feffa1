package taskmaster.api;

import java.time.Duration;

/**
 * How long to wait after the n-th quick death in a row: {@code initial * factor^(n-1)}, at most {@code max}.
 *
 * @param resetAfter a run that lived this long starts the series anew, and is followed by the next at once
 */
public record Backoff(Duration initial, double factor, Duration max, Duration resetAfter) {
  public Backoff {
    if (initial.isNegative() || max.isNegative() || resetAfter.isNegative()) {
      throw new IllegalArgumentException("a backoff has no negative times");
    }
    if (!(factor >= 1)) throw new IllegalArgumentException("a backoff's factor is at least 1");
  }
}
