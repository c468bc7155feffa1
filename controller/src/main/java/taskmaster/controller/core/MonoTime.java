package taskmaster.controller.core;

import java.time.Duration;

/**
 * A moment on the machine's monotonic clock, which no operator can step (clock_gettime(2), CLOCK_MONOTONIC).
 *
 * @param nanos since boot
 */
public record MonoTime(long nanos) implements Comparable<MonoTime> {
  /** Later than every other. */
  public static final MonoTime NEVER = new MonoTime(Long.MAX_VALUE);

  /** This much later; NEVER if that cannot be counted. */
  public MonoTime plus(Duration d) {
    long n = d.toNanos();
    return n > Long.MAX_VALUE - nanos ? NEVER : new MonoTime(nanos + n);
  }

  public Duration since(MonoTime earlier) {
    return Duration.ofNanos(nanos - earlier.nanos);
  }

  /** Not before {@code other}. */
  public boolean reached(MonoTime other) {
    return nanos >= other.nanos;
  }

  public MonoTime earlierOf(MonoTime other) {
    return nanos <= other.nanos ? this : other;
  }

  @Override
  public int compareTo(MonoTime other) {
    return Long.compare(nanos, other.nanos);
  }
}
