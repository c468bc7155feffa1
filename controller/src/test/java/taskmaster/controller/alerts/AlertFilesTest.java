package taskmaster.controller.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AlertFilesTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  private Path file() {
    return folder.resolve("alerts.log");
  }

  private static String line(int seq) {
    return "{\"event\":\"log_degraded\",\"payload\":{\"log\":\"/logs/" + seq + "\"},\"seq\":" + seq + "}\n";
  }

  @Test
  void what_a_daemon_did_not_come_to_rename_is_found_all_the_same() throws Exception {
    Files.writeString(folder.resolve("alerts.log.3"), line(1) + line(2));
    Files.writeString(folder.resolve("alerts.log.2"), line(3) + line(4));
    Files.writeString(folder.resolve("alerts.log.10.gz"), "not ours");
    Files.writeString(file(), line(5));
    assertThat(new AlertFiles(file()).oldestFirst()).extracting(p -> p.getFileName().toString()).containsExactly("alerts.log.3", "alerts.log.2", "alerts.log");
    AlertAppender appender = new AlertAppender(file(), 1000, () -> 0);
    try (AlertFeed feed = new AlertFeed(appender)) {
      for (long seq = 2; seq < 5; seq++) assertThat(feed.next(seq).orElseThrow().seq()).isEqualTo(seq + 1);
    } finally {
      appender.stop();
    }
    assertThat(new AlertFiles(folder.resolve("nowhere/alerts.log")).oldestFirst()).isEmpty();
  }

  @Test
  void a_line_that_is_no_text_spoils_nothing_but_itself() throws IOException {
    Files.writeString(file(), line(1) + "x\u00ff\n" + line(2), StandardCharsets.ISO_8859_1);
    assertThat(Missed.degradedLogs(file())).containsExactlyInAnyOrderElementsOf(List.of(Path.of("/logs/1"), Path.of("/logs/2")));
  }
}
