package taskmaster.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PracticeTest {
  @TempDir Path folder;

  @Test
  void restarts_as_often_as_the_compiler_needs_and_leaves_nothing() throws Exception {
    Path scratch = folder.resolve("practice");
    assertThat(Practice.run(scratch)).isEqualTo(Practice.RESTARTS);
    assertThat(folder).isEmptyDirectory();
  }
}
