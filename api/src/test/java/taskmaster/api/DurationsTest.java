package taskmaster.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0", "10, 10000", "1.5s, 1500", "200ms, 200", "0.5ms, 0.5", "5m, 300000", "1.5h, 5400000", "2h, 7200000", "7d, 604800000",
    "' 3s ', 3000", "007, 7000", "0000000000000000000012, 12000", "315360000, 315360000000", "0.000000001, 0.000001"
  })
  void readsNumbersWithAUnitOrWithout(String text, double millis) {
    assertEquals(Duration.ofNanos(Math.round(millis * 1e6)), Durations.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "s", "-1", "+1", "1.", ".5", "1..5", "1.5.2", "1,5", "1 s", "1e3", "1S", "1sec", "1w", "٣", "0x10", "NaN", "Infinity"})
  void saysWhatADurationLooksLike(String text) {
    Exception e = assertThrows(IllegalArgumentException.class, () -> Durations.parse(text));
    assertEquals("'" + text + "' is not a duration: write 10, 1.5s, 200ms, 5m, 2h or 7d", e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"315360001", "3651d", "99999999999999999999", "1000000000000000000000000000000.5h"})
  void knowsNoneOfMoreThanTenYears(String text) {
    Exception e = assertThrows(IllegalArgumentException.class, () -> Durations.parse(text));
    assertTrue(String.valueOf(e.getMessage()).endsWith("is longer than 3650 days"), e.getMessage());
  }
}
