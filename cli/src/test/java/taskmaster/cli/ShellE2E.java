package taskmaster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The interactive mode and the shell, in a pseudo-terminal and from a pipe. */
@Timeout(120)
class ShellE2E {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;
  @SuppressWarnings("NullAway.Init")
  private Outside o;

  @BeforeEach
  void begin() throws IOException {
    o = new Outside(folder);
    o.config("fast_ok: { cmd: sleep 100000, starttime: 0 }\nmanual_only: { cmd: sleep 100000, autostart: false, starttime: 0 }");
  }

  @Test
  void without_a_terminal_it_is_plain_text_with_a_right_exit_code() throws Exception {
    Outside.Result good = o.runWith("status\nstart manual_only\nexit\n", "run_taskmaster.sh", "start", "-c", "tm.yaml").succeeded();
    assertThat(good.out()).containsPattern("fast_ok +RUNNING +1/1").contains("OK started manual_only").contains("All programs stopped").doesNotContain("\u001b");
    Outside.Result bad = o.runWith("start nope\nexit\n", "run_taskmaster.sh", "start", "-c", "tm.yaml");
    assertThat(bad.exitCode()).isEqualTo(1);
    assertThat(bad.err()).contains("ERR no such program 'nope'");
  }

  @Test
  void only_the_bare_word_ends_it() throws Exception {
    Outside.Result all =
        o.runWith("shutdown --help\nexit --help\nlogs fast_ok --grep 'a|b\nstatus fast_ok\nshutdown\n", "run_taskmaster.sh", "start", "-c", "tm.yaml");
    assertThat(all.exitCode()).isEqualTo(2);
    assertThat(all.out()).contains("--keep-programs").containsPattern("fast_ok +RUNNING").contains("All programs stopped");
    assertThat(all.err()).contains("ERR usage: exit (it takes no arguments)").contains("ERR a ' is not closed");
  }

  @Test
  void it_can_leave_its_programs_running() throws Exception {
    Outside.Result left = o.runWith("shutdown --keep-programs\n", "run_taskmaster.sh", "start", "-c", "tm.yaml");
    assertThat(left.succeeded().out()).contains("[TaskMaster] Daemon stopped; its programs run on").doesNotContain("All programs stopped");
    Outside.Result stopped = o.run("taskmasterd.sh", "stop", "-c", "tm.yaml");
    assertThat(stopped.succeeded().out()).contains("stopped what an earlier one had left (1 instance)");
  }

  @Test
  void tab_completes_history_survives_ctrl_c_kills_nothing_and_ctrl_d_is_exit() throws Exception {
    Outside.Typed t = o.inTerminal("run_taskmaster.sh", "start", "-c", "tm.yaml");
    t.awaitScreen("taskmaster> ");
    t.type("sta\t");
    t.awaitScreen("status");
    t.type("\u0003");
    t.clear();
    t.type("start man\t");
    t.awaitScreen("start manual_only");
    t.type("\r");
    t.awaitScreen("OK started manual_only");
    t.clear();
    t.type("status\r");
    t.awaitScreen("manual_only  RUNNING");
    t.type("\u0003");
    t.clear();
    t.type("status fast_ok\r");
    t.awaitScreen("fast_ok  RUNNING");
    t.clear();
    t.type("\u0004");
    t.awaitScreen("All programs stopped");
    assertThat(t.awaitEnd()).isZero();

    Outside.Typed later = o.inTerminal("run_taskmaster.sh", "start", "-c", "tm.yaml");
    later.awaitScreen("taskmaster> ");
    later.type("\u001b[A");
    later.awaitScreen("status fast_ok");
    later.type("\u0003");
    later.clear();
    later.type("exit\r");
    later.awaitScreen("All programs stopped");
    assertThat(later.awaitEnd()).isZero();
  }

  @Test
  void a_terminal_that_goes_away_ends_it_and_its_programs() throws Exception {
    Outside.Typed t = o.inTerminal("run_taskmaster.sh", "start", "-c", "tm.yaml");
    t.awaitScreen("taskmaster> ");
    long pid = Long.parseLong(o.read("tm.pid").strip());
    for (String signal : new String[] {"USR1", "USR2"}) assertThat(new ProcessBuilder("kill", "-" + signal, "" + pid).start().waitFor()).isZero();
    t.type("status\r");
    t.awaitScreen("manual_only  STOPPED");
    t.process.destroy();
    await().untilAsserted(() -> assertThat(Path.of("/proc/" + pid)).doesNotExist());
    assertThat(o.read("logs/alerts.log")).contains("process_stopped");
  }

  @Test
  void it_forwards_what_the_file_says_but_its_terminals_end() throws Exception {
    o.write("hears.sh", "trap 'echo heard' USR2; trap 'echo lost' HUP; echo ready; while :; do sleep 0.05; done\n");
    o.write(
        "tm.yaml",
        """
        daemon: { socket: tm.sock, pidfile: tm.pid, state: state, logfile: logs/daemon.log, forward: { USR2: hears, HUP: hears } }
        programs:
          hears: { cmd: sh hears.sh, ready: { log: ready } }
        """);
    Outside.Typed t = o.inTerminal("run_taskmaster.sh", "start", "-c", "tm.yaml");
    t.awaitScreen("taskmaster> ");
    o.taskmaster("wait", "hears", "--timeout", "30s").succeeded();
    String pid = o.read("tm.pid").strip();
    assertThat(new ProcessBuilder("kill", "-USR2", pid).start().waitFor()).isZero();
    await().untilAsserted(() -> assertThat(o.read("logs/hears-0.stdout.log")).isEqualTo("ready\nheard\n"));
    assertThat(new ProcessBuilder("kill", "-HUP", pid).start().waitFor()).isZero();
    t.awaitScreen("All programs stopped");
    assertThat(o.read("logs/hears-0.stdout.log")).doesNotContain("lost");
  }

  @Test
  void where_a_daemon_owns_the_socket_it_says_so_and_the_shell_joins_it() throws Exception {
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    try {
      Outside.Result refused = o.runWith("exit\n", "run_taskmaster.sh", "start", "-c", "tm.yaml");
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.err()).contains("taskmaster shell -s " + folder.resolve("tm.sock"));
      Outside.Result joined = o.runWith("status\nexit\n", "taskmaster", "shell", "-s", folder.resolve("tm.sock").toString());
      assertThat(joined.succeeded().out()).containsPattern("fast_ok +RUNNING");
      assertThat(o.taskmaster("status", "fast_ok").exitCode()).as("leaving the shell leaves the daemon").isZero();
    } finally {
      o.run("taskmasterd.sh", "stop", "-c", "tm.yaml").succeeded();
    }
  }
}
