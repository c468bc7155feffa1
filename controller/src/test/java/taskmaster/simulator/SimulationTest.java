package taskmaster.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulationTest {
  @Test
  void a_fixed_set_of_seeds_breaks_no_rule() {
    for (long seed = 1; seed <= 300; seed++) {
      assertThat(Simulation.run(Schedule.of(seed)).breach()).as("seed %s (scripts/simulate.sh --seed %s)", seed, seed).isNull();
    }
  }

  @Test
  void a_seed_is_the_same_history_every_time() {
    assertThat(Simulation.trace(Schedule.of(7))).isEqualTo(Simulation.trace(Schedule.of(7))).hasSizeGreaterThan(20);
  }

  @Test
  void the_daemon_dies_and_its_programs_live_on() {
    Schedule schedule = new Schedule(3, List.of(new Step(5_000, Step.Kind.KILL_DAEMON, 0, 0), new Step(5_000, Step.Kind.FORK, 0, 0)));
    assertThat(Simulation.trace(schedule)).anyMatch(line -> line.endsWith("another daemon starts"));
    Simulation.Result result = Simulation.run(schedule);
    assertThat(result.breach()).isNull();
    assertThat(result.time()).isGreaterThan(Duration.ofSeconds(60));
  }

  @Test
  void a_schedule_is_made_shorter_as_long_as_it_fails() {
    Schedule schedule = Schedule.of(11);
    assertThat(schedule.without(0, 3).steps()).hasSize(schedule.steps().size() - 3);
    assertThat(schedule.without(0, schedule.steps().size()).steps()).isEmpty();
  }
}
