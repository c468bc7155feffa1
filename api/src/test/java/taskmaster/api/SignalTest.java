package taskmaster.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SignalTest {
  @Test
  void a_signal_is_read_by_name_or_number() {
    assertThat(Signal.parse("sigterm")).contains(Signal.TERM);
    assertThat(Signal.parse("15")).contains(Signal.TERM);
    assertThat(Signal.parse("64").map(Signal::name)).contains("RTMAX");
    assertThat(Signal.parse("0")).isEmpty();
    assertThat(Signal.parse("33")).isEmpty();
    assertThat(Signal.parse("65")).isEmpty();
  }

  @Test
  void a_number_without_a_name_is_its_name() {
    assertThat(Signal.of(9)).isEqualTo(Signal.KILL);
    for (int number : new int[] {0, 32, 33, 65, -1}) assertThat(Signal.of(number)).isEqualTo(new Signal(number, Integer.toString(number)));
  }
}
