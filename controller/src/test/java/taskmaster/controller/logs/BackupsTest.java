package taskmaster.controller.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import taskmaster.controller.linux.FileStatus;

final class BackupsTest {
  @Test
  void a_look_at_the_folder_tells_which_logs_have_rotated_files(@TempDir Path folder) throws IOException {
    for (String name : List.of("web.log", "db.log", "db.log.3", "app.1.log", "app.1.log.2.gz", "x.gz", "y.log.gz-new")) {
      Files.createFile(folder.resolve(name));
    }
    assertThat(Backups.rotatedIn(folder).orElseThrow()).containsExactlyInAnyOrder("db.log", "app.1.log");
    assertThat(Backups.rotatedIn(folder.resolve("missing"))).isEmpty();
  }

  @Test
  void a_link_that_was_put_in_its_way_leads_nowhere(@TempDir Path folder) throws IOException {
    Path victim = Files.writeString(folder.resolve("victim"), "precious");
    Path log = folder.resolve("web.log");
    Files.writeString(folder.resolve("web.log.1"), "rotated");
    Files.createSymbolicLink(folder.resolve("web.log.gz-new"), victim);
    Files.createSymbolicLink(folder.resolve("web.log.2"), victim);
    new Backups(log).compress(3, 1000);
    assertThat(victim).hasContent("precious");
    assertThat(folder.resolve("web.log.1.gz")).isRegularFile();
    assertThat(folder.resolve("web.log.2.gz")).as("what is no file of its own is left alone").doesNotExist();
  }

  @Test
  void a_folder_that_its_owner_has_put_another_in_the_place_of_is_left_alone(@TempDir Path folder) throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root can give a folder away");
    Path home = Files.createDirectory(folder.resolve("home"));
    Path victims = Files.createDirectory(folder.resolve("victims"));
    for (String name : List.of("web.log", "web.log.1", "web.log.2")) Files.writeString(victims.resolve(name), name);
    Files.createSymbolicLink(home.resolve("logs"), victims);
    Files.setAttribute(home, "unix:uid", 65534);
    Backups backups = new Backups(home.resolve("logs/web.log"));
    for (ThrowingCallable attempt : List.<ThrowingCallable>of(() -> backups.add(2, new FileStatus.Identity(0, 0)), () -> backups.compress(2, 1000), () -> backups.expire(1, Duration.ZERO, Instant.now()))) {
      assertThatThrownBy(attempt).isInstanceOf(IOException.class).hasMessageContaining("logs: Too many levels of symbolic links");
    }
    for (String name : List.of("web.log", "web.log.1", "web.log.2")) assertThat(victims.resolve(name)).hasContent(name);
  }

  @Test
  void what_its_owner_puts_in_the_place_of_a_backup_is_left_alone(@TempDir Path folder) throws Exception {
    Path log = Files.writeString(folder.resolve("web.log"), "new");
    Path pipe = folder.resolve("web.log.1");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Files.writeString(folder.resolve("web.log.2"), "rotated");
    Backups backups = new Backups(log);
    backups.compress(3, 1000);
    assertThat(folder.resolve("web.log.2.gz")).isRegularFile();
    assertThat(pipe).exists();
    Files.delete(pipe);
    try (RandomAccessFile sparse = new RandomAccessFile(pipe.toFile(), "rw")) {
      sparse.setLength(1L << 40);
    }
    assertThatThrownBy(() -> backups.compress(3, 1000)).hasMessage(log + ".1 has 1099511627776 bytes, which it cannot have from here");
    assertThatThrownBy(() -> backups.add(3, new FileStatus.Identity(0, 0))).hasMessage(log + ": another file has its name");
    assertThat(log).hasContent("new");
    backups.add(3, Objects.requireNonNull(FileStatus.of(log)).identity());
    assertThat(pipe).hasContent("new");
  }
}
