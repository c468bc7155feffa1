package taskmaster.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DidYouMeanTest {
  private static final List<String> COMMANDS = List.of("status", "start", "stop", "restart", "reload", "logs", "scale", "shutdown", "signal");

  @ParameterizedTest
  @CsvSource({
    "stat, status", // start is nearer by its letters
    "statsu, status",
    "strat, start",
    "reloda, reload",
    "log, logs",
    "sh, shutdown",
    "stp, stop",
    "s, ''",
    "st, ''",
    "re, ''",
    "banana, ''",
  })
  void a_beginning_is_completed_and_a_slip_is_mended(String word, String meant) {
    assertThat(DidYouMean.among(COMMANDS, word).orElse("")).isEqualTo(meant);
    assertThat(DidYouMean.among(COMMANDS.reversed(), word).orElse("")).as("in any order").isEqualTo(meant);
  }
}
