package taskmaster.controller.core;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import taskmaster.api.AutoRestart;
import taskmaster.api.Backoff;
import taskmaster.api.Policy;
import taskmaster.api.ProgramType;

/** What follows, for an instance that is down and wanted, from its last end and the current policy. */
public sealed interface Verdict {
  /** No second quick death in a row is answered faster: a hot loop cannot burn the machine. */
  Duration FLOOR = Duration.ofMillis(100);

  /** Start it now. */
  record Start(Series series) implements Verdict {}

  /** Start it then. */
  record Retry(MonoTime at, Series series) implements Verdict {}

  /** It did what it should; leave it. */
  record Done() implements Verdict {}

  /** It cannot be started; leave it. */
  record GivenUp(int failedStarts) implements Verdict {}

  static Verdict of(Policy policy, @Nullable End end, long forgiven) {
    if (end == null || end.run() <= forgiven || end.cause() == End.Cause.STOPPED) return new Start(Series.NONE);
    // what takes the daemon along is not started again on the way
    if (policy.vital().onExit() && end.how() instanceof End.Exited && !end.byUs()) return new Done();
    boolean failed = failed(policy, end);
    int failedStarts = failed ? end.series().failedStarts() + 1 : 0;
    if (failed) {
      boolean isTriedOnce = policy.type() == ProgramType.JOB && policy.autorestart() == AutoRestart.NEVER;
      if (isTriedOnce || failedStarts > policy.startretries()) return new GivenUp(failedStarts);
    } else if (!restarts(policy, end)) {
      return new Done();
    }
    boolean quick = failed || end.lived().compareTo(policy.backoff().resetAfter()) < 0 || end.lived().compareTo(FLOOR) < 0;
    int quickDeaths = quick ? end.series().quickDeaths() + 1 : 0;
    Series series = new Series(failedStarts, quickDeaths);
    Duration delay = delay(policy.backoff(), quickDeaths);
    // what was refused just now is refused now: asking again at once would not be another attempt
    if (end.how() instanceof End.Refused && delay.compareTo(FLOOR) < 0) delay = FLOOR;
    return new Retry(end.endedAt().plus(delay), series);
  }

  /** Whether the run was an attempt that counts against startretries. */
  private static boolean failed(Policy policy, End end) {
    if (policy.type() == ProgramType.SERVICE || end.how() instanceof End.Refused) return failedToStart(policy, end);
    return !expected(policy, end) && policy.autorestart() != AutoRestart.NEVER;
  }

  /** Whether the run ended before it was RUNNING. */
  static boolean failedToStart(Policy policy, End end) {
    return end.how() instanceof End.Refused || !end.ran() && end.lived().compareTo(policy.starttime()) < 0;
  }

  private static boolean restarts(Policy policy, End end) {
    if (end.cause() == End.Cause.UNHEALTHY) return true;
    return switch (policy.autorestart()) {
      case ALWAYS -> true;
      case NEVER -> false;
      case UNEXPECTED -> !expected(policy, end);
    };
  }

  /** Whether the end is what the file calls a success. */
  static boolean expected(Policy policy, End end) {
    return end.cause() != End.Cause.UNHEALTHY && end.how() instanceof End.Exited(var exit) && policy.expects(exit);
  }

  /** Before the run that follows the n-th quick death in a row; n = 0: the last one had lived long enough. */
  static Duration delay(Backoff backoff, int n) {
    if (n == 0) return Duration.ZERO;
    double nanos = backoff.initial().toNanos() * Math.pow(backoff.factor(), n - 1);
    long most = backoff.max().toNanos();
    Duration delay = Duration.ofNanos(nanos >= most ? most : (long) nanos);
    return n >= 2 && delay.compareTo(FLOOR) < 0 ? FLOOR : delay;
  }
}
