package taskmaster.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import taskmaster.api.Command;
import taskmaster.api.InstanceStatus;
import taskmaster.api.Target;
import taskmaster.controller.core.Goal;
import taskmaster.controller.core.Statuses;

/** A whole daemon whose real children are brought to their end by commands. */
@Timeout(60)
class StopCommandIT {
  private static final String UNTIL_TOLD = "cmd: [sh, -c, 'trap \"\" TERM; until [ -e told ]; do sleep 0.02; done; exit 7'], starttime: 0";

  @TempDir Path folder;
  private @Nullable Daemon daemon;

  private void start(String web) throws Exception {
    String head = "daemon: { socket: tm.sock, pidfile: tm.pid, state: state, logfile: logs/daemon.log }\nprograms:\n  web: ";
    Files.writeString(folder.resolve("tm.yaml"), head + "{ " + web + " }\n");
    daemon = Daemon.start(folder.resolve("tm.yaml"), Daemon.silent());
  }

  private Daemon daemon() {
    return Objects.requireNonNull(daemon);
  }

  @AfterEach
  void nothing_is_left_behind() throws Exception {
    if (daemon == null) return;
    daemon().shutdown("end of test", Command.Shutdown.How.AT_ONCE);
    daemon().awaitEnd();
    assertThat(ProcessHandle.current().children().filter(p -> commandLine(p.pid()).contains(folder.toString()))).isEmpty();
  }

  private static String commandLine(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cmdline")).replace('\0', ' ').strip();
    } catch (IOException gone) {
      return "";
    }
  }

  private InstanceStatus web() {
    return new Statuses(daemon().control().snapshot(), daemon().control().now(), Instant.now(), id -> 0).instance(World.id("web:0")).orElseThrow();
  }

  private void tellToStop() throws InterruptedException {
    daemon().control().command(new Command.Stop(List.of(Target.parse("web"))));
  }

  private void awaitStopped() throws InterruptedException, IOException {
    assertThat(daemon().control().await(new Goal.Stopped(List.of(World.id("web:0"))), Duration.ofSeconds(20), () -> true)).isEqualTo(new Goal.Reached());
  }

  private String alerts() throws IOException {
    return Files.readString(folder.resolve("logs/alerts.log"));
  }

  @Test
  void a_command_ends_it_as_the_program_itself_is_run() throws Exception {
    start(UNTIL_TOLD + ", env: { WHO: me }, stop: [ { exec: [sh, -c, 'echo $WHO $TASKMASTER_INSTANCE $TASKMASTER_PID >told'], wait: 1h } ]");
    long pid = Objects.requireNonNull(web().pid());
    tellToStop();
    awaitStopped();
    assertThat(Files.readString(folder.resolve("told"))).isEqualTo("me web:0 " + pid + "\n");
    await().untilAsserted(() -> assertThat(alerts()).contains("\"event\":\"process_stopped\"", "\"exit_code\":7").doesNotContain("stop_command"));
  }

  @Test
  void one_that_fails_is_told_and_the_next_step_follows_at_once() throws Exception {
    start("cmd: sleep 100000, starttime: 0, stop: [ { exec: [sh, -c, 'exit 3'], wait: 1h }, { signal: TERM, wait: 1h } ]");
    tellToStop();
    awaitStopped();
    await().untilAsserted(() -> assertThat(alerts()).contains("\"event\":\"process_stop_command_failed\"", "\"reason\":\"exit code 3\"", "\"signal\":\"TERM\""));
  }

  @Test
  void one_that_a_killed_daemon_had_begun_has_failed() throws Exception {
    start("cmd: sleep 100000, starttime: 0, stop: [ { exec: [sh, -c, 'touch begun; sleep 100124'], wait: 1h }, { signal: TERM, wait: 1h } ]");
    tellToStop();
    await().untilAsserted(() -> assertThat(folder.resolve("begun")).exists());
    daemon().shutdown("to be replaced", Command.Shutdown.How.KEEPING);
    daemon().awaitEnd();
    daemon = Daemon.start(folder.resolve("tm.yaml"), Daemon.silent());
    awaitStopped();
    await().untilAsserted(() -> assertThat(alerts()).contains("\"event\":\"process_stop_command_failed\"", "\"signal\":\"TERM\""));
  }

  @Test
  void it_goes_on_while_what_is_left_behind_is_told_to_end() throws Exception {
    start("cmd: [sh, -c, 'sh -c \"trap : TERM; while :; do sleep 0.02; done\" & touch up; wait'], starttime: 0, stop_group: false, "
        + "stop: [ { exec: [sh, -c, 'kill $TASKMASTER_PID; until [ -e heard ]; do sleep 0.02; done; touch done'], wait: 1h } ]");
    await().untilAsserted(() -> assertThat(folder.resolve("up")).exists());
    tellToStop();
    await().untilAsserted(() -> assertThat(web().reason()).startsWith("1 left behind, TERM sent"));
    Files.createFile(folder.resolve("heard"));
    await().untilAsserted(() -> assertThat(folder.resolve("done")).exists());
  }

  @Test
  void so_does_it_after_one_that_is_not_there() throws Exception {
    start("cmd: sleep 100000, starttime: 0, stop: [ { exec: ./missing, wait: 1h }, { signal: TERM, wait: 1h } ]");
    tellToStop();
    awaitStopped();
    await().untilAsserted(() -> assertThat(alerts()).contains("\"event\":\"process_stop_command_failed\"", "missing: No such file or directory"));
  }

  @Test
  void one_that_hangs_and_forks_ends_when_its_time_is_over() throws Exception {
    String hang = "sleep 100123 & setsid sleep 100123 & touch begun; wait";
    start("cmd: [sh, -c, 'trap \"\" INT; touch up; while :; do sleep 0.02; done'], starttime: 0, stop: [ { exec: [sh, -c, '" + hang
        + "'], wait: 1s }, { signal: INT, wait: 1h } ]");
    await().untilAsserted(() -> assertThat(folder.resolve("up")).exists());
    tellToStop();
    await().untilAsserted(() -> assertThat(folder.resolve("begun")).exists());
    await().untilAsserted(() -> assertThat(web().reason()).startsWith("INT sent"));
    await().untilAsserted(() -> assertThat(ProcessHandle.allProcesses().filter(p -> commandLine(p.pid()).equals("sleep 100123"))).isEmpty());
  }
}
