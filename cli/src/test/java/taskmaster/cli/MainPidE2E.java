package taskmaster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import taskmaster.controller.linux.ServiceManager;

/** A main process that moved, and the daemon killed: what the next one makes of it. */
@Timeout(120)
class MainPidE2E {
  /** Tells its pid, and which signals it gets. */
  private static final String MEMBER =
      "trap 'echo TERM >> $1.got; exit 0' TERM\necho $$ > $1.tmp; mv $1.tmp $1.pid\nwhile :; do sleep 0.02; done\n";

  private static final String OLD = "sh member.sh helper &\n(setsid sh member.sh new &)\necho $$ > old.tmp; mv old.tmp old.pid\nwhile ! test -e over; do sleep 0.02; done\n";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  @SuppressWarnings("NullAway.Init")
  private Outside o;

  @BeforeEach
  void begin() throws Exception {
    o = new Outside(folder);
    o.write("member.sh", MEMBER);
    o.write("old.sh", OLD);
    o.config("web: { cmd: sh old.sh, starttime: 0, autorestart: never, ready: { notify: true } }\n");
    start();
  }

  @AfterEach
  void stop() throws Exception {
    o.run("taskmasterd.sh", "stop", "-c", "tm.yaml").succeeded();
    assertThat(folder.resolve("state/pipes")).isEmptyDirectory();
    for (String name : new String[] {"old", "new", "helper"}) assertThat(isAlive(pid(name))).as(name).isFalse();
  }

  private void start() throws Exception {
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
  }

  private long pid(String name) throws IOException {
    await().until(() -> Files.exists(folder.resolve(name + ".pid")));
    return Long.parseLong(o.read(name + ".pid").strip());
  }

  private static void awaitEnd(long pid) {
    await().until(() -> !isAlive(pid));
  }

  private static boolean isAlive(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
    } catch (IOException gone) {
      return false;
    }
  }

  private void awaitMain(long pid) {
    await().untilAsserted(() ->
        assertThat(new Client(folder.resolve("tm.sock")).ask("GET", "/v1/status?target=web:0", "application/json").body())
            .contains("\"pid\":" + pid + ",").contains("\"RUNNING\""));
  }

  private void killDaemon() throws Exception {
    long daemon = Long.parseLong(o.read("tm.pid").strip());
    ProcessHandle.of(daemon).orElseThrow().destroyForcibly();
    awaitEnd(daemon);
  }

  private void move() throws Exception {
    pid("old");
    pid("helper");
    try (var sockets = Files.list(folder.resolve("state/pipes"))) {
      Path socket = sockets.filter(f -> f.toString().endsWith(".notify")).findFirst().orElseThrow();
      assertThat(new ServiceManager(socket.toString()).tell("READY=1\nMAINPID=" + pid("new"))).isTrue();
    }
    awaitMain(pid("new"));
  }

  private void endOld() throws Exception {
    Files.createFile(folder.resolve("over"));
    awaitEnd(pid("old"));
  }

  @Test
  void the_next_daemon_has_the_right_one_and_stops_all() throws Exception {
    move();
    endOld();
    killDaemon();
    assertThat(isAlive(pid("new"))).isTrue();
    start();
    awaitMain(pid("new"));
    o.taskmaster("stop", "web").succeeded();
    assertThat(o.read("new.got")).isEqualTo("TERM\n");
    assertThat(o.read("helper.got")).isEqualTo("TERM\n");
  }

  @Test
  void the_old_one_may_end_while_no_daemon_is_there() throws Exception {
    move();
    killDaemon();
    endOld();
    start();
    awaitMain(pid("new"));
  }

  @Test
  void what_was_taken_over_may_move() throws Exception {
    pid("new");
    killDaemon();
    start();
    move();
    endOld();
    awaitMain(pid("new"));
  }
}
