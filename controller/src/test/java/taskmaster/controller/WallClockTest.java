package taskmaster.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import taskmaster.controller.core.MonoTime;

final class WallClockTest {
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
  private Instant system = BEGIN;
  private final WallClock clock = new WallClock(() -> system, new MonoTime(5_000));

  @Test
  void what_the_two_clocks_differ_by_between_two_looks_does_not_show() {
    system = BEGIN.plusNanos(1_017_000);
    assertThat(clock.at(new MonoTime(1_005_000))).isEqualTo(BEGIN.plusNanos(1_000_000));
  }

  @Test
  void a_clock_that_was_set_is_followed() {
    system = BEGIN.plusSeconds(3600);
    assertThat(clock.at(new MonoTime(5_000))).isEqualTo(system);
    system = system.plusNanos(50);
    assertThat(clock.at(new MonoTime(6_000))).isEqualTo(BEGIN.plusSeconds(3600).plusNanos(1_000));
  }
}
