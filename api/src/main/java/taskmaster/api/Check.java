package taskmaster.api;

import java.time.Duration;

/**
 * A probe, how often it is made, and what its answers mean.
 *
 * @param interval from the beginning of one probe to that of the next
 * @param timeout a probe without an answer until then has failed
 * @param successes in a row that make it pass
 * @param failures in a row that make it fail
 * @param initialDelay from the start of the process to the first probe
 */
public record Check(Probe probe, Duration interval, Duration timeout, int successes, int failures, Duration initialDelay) {
  public Check {
    if (interval.isNegative() || timeout.isNegative() || initialDelay.isNegative()) {
      throw new IllegalArgumentException("a time is not negative");
    }
    if (successes < 1 || failures < 1) throw new IllegalArgumentException("at least one answer is needed");
  }
}
