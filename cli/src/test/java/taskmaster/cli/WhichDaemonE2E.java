package taskmaster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whom a command goes to, where several files and daemons are about. */
@Timeout(120)
class WhichDaemonE2E {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;
  @SuppressWarnings("NullAway.Init")
  private Outside o;

  @BeforeEach
  void start() throws Exception {
    o = new Outside(folder);
    o.config("web: { cmd: sleep 100000, starttime: 0 }");
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    // as where neither says anything of the socket
    o.write("two.yaml", "daemon: { socket: tm.sock, pidfile: two.pid, state: state2, logfile: logs/two.log }\nprograms: { other: { cmd: sleep 100000 } }\n");
  }

  @AfterEach
  void stop() throws Exception {
    o.run("taskmasterd.sh", "stop", "-c", "tm.yaml").succeeded();
    assertThat(folder.resolve("state/runs")).doesNotExist();
  }

  @Test
  void the_daemon_of_another_file_is_left_alone() throws Exception {
    long web = o.pid("web:0");
    for (String asked : new String[] {"status", "reload", "shutdown", "pid"}) {
      Outside.Result refused = o.run("taskmaster", asked, "-c", "two.yaml");
      assertThat(refused.exitCode()).as(asked).isEqualTo(4);
      assertThat(refused.err()).as(asked).contains("two.yaml answers: the one on " + folder.resolve("tm.sock") + " is of " + folder.resolve("tm.yaml"));
    }
    assertThat(o.run("taskmasterd.sh", "status", "-c", "two.yaml").exitCode()).isEqualTo(3);
    assertThat(o.run("taskmasterd.sh", "stop", "-c", "two.yaml").out()).contains("not running");
    assertThat(o.run("taskmasterd.sh", "restart", "--keep-programs", "-c", "two.yaml").exitCode()).isEqualTo(1);
    assertThat(o.pid("web:0")).isEqualTo(web);
    Files.createSymbolicLink(folder.resolve("same.yaml"), folder.resolve("tm.yaml"));
    assertThat(o.run("taskmaster", "status", "-c", "same.yaml").succeeded().out()).as("by another name").contains("web");
  }

  @Test
  void what_is_typed_goes_before_what_is_exported() throws Exception {
    o.environment.put("TASKMASTER_SOCKET", "/nowhere/tm.sock");
    assertThat(o.run("taskmaster", "status", "-c", "tm.yaml").succeeded().out()).contains("web");
    assertThat(o.run("taskmaster", "status").exitCode()).isEqualTo(4);
    o.environment.remove("TASKMASTER_SOCKET");
    o.environment.put("TASKMASTER_CONFIG", folder.resolve("tm.yaml").toString());
    assertThat(o.run("taskmaster", "status").succeeded().out()).contains("web");
    o.killDaemon();
    assertThat(o.run("taskmaster", "logs", "--daemon").succeeded().out()).contains("started (PID=");
  }

  @Test
  void what_holds_from_the_next_start_on_is_said_so() throws Exception {
    o.write("tm.yaml", o.read("tm.yaml").replace("socket: tm.sock", "socket: later.sock"));
    String change = "~ daemon.socket changed: " + folder.resolve("tm.sock") + " -> " + folder.resolve("later.sock") + ", at the next start";
    assertThat(o.taskmaster("plan").succeeded().out()).contains(change);
    assertThat(o.taskmaster("reload").succeeded().out()).contains(change);
    assertThat(o.taskmaster("reload").succeeded().out()).as("until then").contains(change);
  }

  @Test
  void what_makes_no_sense_is_refused() throws Exception {
    for (String[] typed : new String[][] {{"plan", "-o", "jsn"}, {"info", "-o", "wide"}, {"reload", "--timeout", "5s"}, {"logs", "web", "--reopen"}}) {
      Outside.Result refused = o.taskmaster(typed);
      assertThat(refused.exitCode()).as(String.join(" ", typed)).isEqualTo(2);
      assertThat(refused.err()).startsWith("ERR usage: ");
    }
    o.write("bad.yaml", "programs: { web: { cmd: 'sleep 1', numprocs: x } }\n");
    Outside.Result some = o.run("taskmaster", "validate", "bad.yaml", "two.yaml");
    assertThat(some.exitCode()).isEqualTo(1);
    assertThat(some.err()).contains("bad.yaml:1:");
    assertThat(some.out()).isEqualTo("OK " + folder.resolve("two.yaml") + ": 1 program, 1 instance\n");
  }
}
