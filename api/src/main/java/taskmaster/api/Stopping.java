package taskmaster.api;

import java.time.Duration;
import java.util.List;

/**
 * How a program is brought to its end: one step after another, then SIGKILL to all that is left of it.
 *
 * @param steps at least one, none of them SIGKILL
 * @param group whether a signal goes to the process group, or to the main process alone
 */
public record Stopping(List<Step> steps, boolean group) {
  public sealed interface Step {
    /** How long it has before the next step. */
    Duration patience();

    /** For people. */
    default String show() {
      return switch (this) {
        case Send send -> send.signal().name();
        case Exec exec -> "'" + Placeholders.show(String.join(" ", exec.cmd())) + "'";
      };
    }
  }

  public record Send(Signal signal, Duration patience) implements Step {
    public Send {
      requireTime(patience);
    }
  }

  /** Runs a command as the program itself is run, which is to make it end. */
  public record Exec(List<String> cmd, Duration patience) implements Step {
    public Exec {
      if (cmd.isEmpty()) throw new IllegalArgumentException("a command names a program");
      cmd = List.copyOf(cmd);
      requireTime(patience);
    }
  }

  private static void requireTime(Duration patience) {
    if (patience.isNegative()) throw new IllegalArgumentException("a time is not negative");
  }

  public Stopping {
    if (steps.isEmpty()) throw new IllegalArgumentException("a stop has at least one step");
    steps = List.copyOf(steps);
  }

  /** One signal, and SIGKILL {@code wait} later. */
  public static Stopping by(Signal signal, Duration wait, boolean group) {
    return new Stopping(List.of(new Send(signal, wait)), group);
  }

  /** Also for what a main process leaves behind; TERM where there are but commands. */
  public Signal firstSignal() {
    for (Step step : steps) if (step instanceof Send send) return send.signal();
    return Signal.TERM;
  }

  /** Whether a signal is among the first of the steps. */
  public boolean signalsWithin(int first) {
    return steps.stream().limit(first).anyMatch(Send.class::isInstance);
  }

  /** From the first step to SIGKILL; 0: SIGKILL at once. */
  public Duration time() {
    Duration time = Duration.ZERO;
    for (Step step : steps) time = time.plus(step.patience());
    return time;
  }
}
