package taskmaster.controller.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFolderTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  @SuppressWarnings("NullAway.Init")
  private Path session;

  @SuppressWarnings("NullAway.Init")
  private Path beside;

  @BeforeEach
  void name() {
    session = folder.resolve("session");
    beside = folder.resolve("beside");
  }

  private static void leaveRecords(Path state) throws IOException {
    Files.createDirectories(state);
    Files.createFile(state.resolve("runs"));
  }

  @Test
  void a_login_sessions_place_is_where_it_says_and_anybody_elses_beside_the_file() {
    assertThat(StateFolder.ofUser(Optional.of(session), Optional.of(session), beside)).isEqualTo(session);
    assertThat(StateFolder.ofUser(Optional.empty(), Optional.of(session), beside)).as("it goes with the session").isEqualTo(beside);
    assertThat(StateFolder.ofUser(Optional.empty(), Optional.empty(), beside)).isEqualTo(beside);
  }

  @Test
  void where_records_are_there_is_the_state_whoever_asks() throws IOException {
    leaveRecords(session);
    assertThat(StateFolder.ofUser(Optional.empty(), Optional.of(session), beside)).isEqualTo(session);
    Files.delete(session.resolve("runs"));
    leaveRecords(beside);
    assertThat(StateFolder.ofUser(Optional.of(session), Optional.of(session), beside)).isEqualTo(beside);
  }
}
