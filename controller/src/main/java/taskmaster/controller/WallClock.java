package taskmaster.controller;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import taskmaster.controller.core.MonoTime;

/**
 * Moments of the monotonic clock as people read them. What happened once has the same time whenever it is asked for,
 * unless somebody has set the system's clock since.
 */
final class WallClock {
  private static final Duration SET = Duration.ofSeconds(1);

  private final Supplier<Instant> system;
  private Instant wall;
  private MonoTime mono;

  WallClock(Supplier<Instant> system, MonoTime now) {
    this.system = system;
    this.wall = system.get();
    this.mono = now;
  }

  /** @param now by the monotonic clock */
  synchronized Instant at(MonoTime now) {
    Instant told = system.get();
    Instant steady = wall.plus(now.since(mono));
    if (Duration.between(steady, told).abs().compareTo(SET) < 0) return steady;
    wall = told;
    mono = now;
    return told;
  }
}
