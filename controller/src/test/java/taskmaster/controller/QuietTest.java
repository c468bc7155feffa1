package taskmaster.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class QuietTest {
  @Test
  void counts_the_looks_since_something_happened() {
    Quiet quiet = new Quiet();
    List<Integer> looks = Stream.of(5L, 7L, 7L, 7L, 7L, 8L, 8L).map(quiet::looks).toList();
    assertThat(looks).containsExactly(0, 0, 1, 2, 3, 0, 1);
  }
}
