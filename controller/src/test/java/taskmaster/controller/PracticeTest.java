package taskmaster.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PracticeTest {
  @TempDir Path folder;

  @Test
  void restarts_as_often_as_the_compiler_needs_and_leaves_nothing() throws Exception {
    Path scratch = folder.resolve("practice");
    assertThat(Practice.run(scratch, () -> false)).isEqualTo(Practice.RESTARTS);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void ends_when_the_daemon_does_and_leaves_nothing_then_either() throws Exception {
    AtomicInteger ticks = new AtomicInteger();
    assertThat(Practice.run(folder.resolve("practice"), () -> ticks.incrementAndGet() > 10)).isBetween(1, 10);
    assertThat(folder).isEmptyDirectory();
  }
}
