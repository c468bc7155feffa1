package taskmaster.api;

import java.time.Duration;
import java.util.List;

/**
 * How a program is brought to its end: one signal after another, then SIGKILL to all that is left of it.
 *
 * @param steps at least one, none of them SIGKILL
 * @param group whether a signal goes to the process group, or to the main process alone
 */
public record Stopping(List<Step> steps, boolean group) {
  /** @param patience how long the signal has before the next step */
  public record Step(Signal signal, Duration patience) {
    public Step {
      if (patience.isNegative()) throw new IllegalArgumentException("a time is not negative");
    }
  }

  public Stopping {
    if (steps.isEmpty()) throw new IllegalArgumentException("a stop has at least one step");
    steps = List.copyOf(steps);
  }

  /** One signal, and SIGKILL {@code wait} later. */
  public static Stopping by(Signal signal, Duration wait, boolean group) {
    return new Stopping(List.of(new Step(signal, wait)), group);
  }

  public Signal firstSignal() {
    return steps.getFirst().signal();
  }

  /** From the first signal to SIGKILL; 0: SIGKILL at once. */
  public Duration time() {
    return timeUntil(steps.size());
  }

  /** From the first signal to this step; the one after the last is SIGKILL. */
  public Duration timeUntil(int step) {
    Duration time = Duration.ZERO;
    for (Step s : steps.subList(0, Math.min(step, steps.size()))) time = time.plus(s.patience());
    return time;
  }
}
