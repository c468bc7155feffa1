package taskmaster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** As a container's first process: PID 1 of a pid namespace of its own, with nobody around it. */
@Timeout(60)
class FirstProcessE2E {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;
  @SuppressWarnings("NullAway.Init")
  private Outside o;
  private @Nullable Process container;

  @BeforeEach
  void needs_namespaces() throws Exception {
    o = new Outside(folder);
    Process tried = inside("cat", "/proc/self/stat").start();
    tried.getOutputStream().close();
    boolean ended = tried.waitFor(10, TimeUnit.SECONDS);
    String said = Files.readString(folder.resolve("said")).strip();
    assumeTrue(ended && tried.exitValue() == 0 && said.startsWith("1 "), "unshare(1) may not make a pid namespace here: " + said);
  }

  @AfterEach
  void it_is_gone() throws Exception {
    if (container == null) return;
    container.destroyForcibly().waitFor(); // and all that is in it, were there anything
  }

  /** A command as PID 1; what it says is in the file "said". */
  private ProcessBuilder inside(String... command) {
    List<String> words = new ArrayList<>(List.of("unshare", "--pid", "--fork", "--kill-child", "--mount-proc"));
    if (!"root".equals(System.getProperty("user.name"))) words.add("--map-root-user");
    words.addAll(List.of(command));
    File said = folder.resolve("said").toFile();
    return new ProcessBuilder(words).directory(folder.toFile()).redirectErrorStream(true).redirectOutput(said);
  }

  private Process start(String programs) throws IOException {
    o.config(programs);
    Process started = inside(packaged().toString(), "daemon", "--foreground", "-c", "tm.yaml").start();
    container = started;
    return started;
  }

  private static Path packaged() throws IOException {
    Path dist = Outside.HOME.resolve("dist");
    return dist.resolve(Files.readString(dist.resolve(".made")).strip()).resolve("bin/taskmaster");
  }

  private int end(Process daemon) throws Exception {
    assertThat(daemon.waitFor(30, TimeUnit.SECONDS)).as("it ends; it said: %s", o.read("said")).isTrue();
    assertThat(folder.resolve("tm.sock")).doesNotExist();
    return daemon.exitValue();
  }

  /** The daemon as it is called out here. */
  private static long pidOutside(Process container) throws IOException {
    return ProcessHandle.of(container.pid()).orElseThrow().children().findFirst().orElseThrow().pid();
  }

  private static List<String> children(long pid) throws IOException {
    List<String> children = new ArrayList<>();
    try (var threads = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
      for (Path thread : threads) {
        for (String child : Files.readString(thread.resolve("children")).split(" ")) if (!child.isBlank()) children.add(child);
      }
    }
    return children;
  }

  @Test
  void a_vital_program_that_fails_for_good_ends_it_with_5() throws Exception {
    Process daemon = start("web: { cmd: [sh, -c, 'exit 3'], startretries: 1, backoff: { initial: 10ms }, on_fatal: shutdown }\nside: { cmd: sleep 100000, starttime: 0 }\n");
    assertThat(end(daemon)).isEqualTo(5);
    assertThat(o.alerts("process_fatal")).singleElement().asString().contains("\"web:0\"");
    assertThat(o.alerts("process_stopped")).singleElement().asString().contains("\"side:0\"");
  }

  @Test
  void a_vital_program_that_is_done_ends_it_with_0() throws Exception {
    Process daemon = start("web: { cmd: [sh, -c, 'until [ -e go ]; do sleep 0.02; done'], starttime: 0, autorestart: always, on_exit: shutdown }\nside: { cmd: sleep 100000, starttime: 0 }\n");
    await().ignoreExceptions().untilAsserted(() -> assertThat(o.row("side:0")).contains("RUNNING"));
    Files.createFile(folder.resolve("go"));
    assertThat(end(daemon)).isZero();
    assertThat(o.alerts("process_started")).as("it is not started again").hasSize(2);
    assertThat(o.alerts("process_stopped")).singleElement().asString().contains("\"side:0\"");
  }

  @Test
  void what_it_has_no_use_for_goes_on_to_the_vital_program() throws Exception {
    String told = "trap 'echo $0 USR2 >> told' USR2; trap 'echo $0 WINCH >> told' WINCH; while :; do sleep 0.02; done";
    Process daemon =
        start("web: { cmd: [sh, -c, \"%s\", web], starttime: 0, on_exit: shutdown }\nside: { cmd: [sh, -c, \"%s\", side], starttime: 0 }\n".formatted(told, told));
    await().ignoreExceptions().untilAsserted(() -> assertThat(o.row("web:0")).contains("RUNNING"));
    kill("USR2", pidOutside(daemon));
    await().ignoreExceptions().untilAsserted(() -> assertThat(o.read("told")).isEqualTo("web USR2\n"));
    kill("WINCH", pidOutside(daemon));
    await().untilAsserted(() -> assertThat(o.read("told")).isEqualTo("web USR2\nweb WINCH\n"));
    kill("TERM", pidOutside(daemon));
    assertThat(end(daemon)).isZero();
  }

  private static void kill(String signal, long pid) throws Exception {
    assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start().waitFor()).isZero();
  }

  @Test
  void it_reaps_orphans_and_a_term_from_outside_is_an_orderly_stop() throws Exception {
    o.write("forks.sh",
        """
        trap 'echo bye > bye; exit 0' TERM
        for i in 1 2 3 4 5; do sh -c '(echo here >> orphans; exec sleep 0.1) &'; done
        while :; do sleep 0.05; done
        """);
    Process daemon = start(
        """
        db: { cmd: [sh, forks.sh], starttime: 0, on_exit: shutdown, on_fatal: shutdown }
        web: { cmd: sleep 100000, starttime: 0, depends_on: [db] }
        """);
    await().ignoreExceptions().untilAsserted(() -> {
      assertThat(o.row("web:0")).contains("RUNNING");
      assertThat(o.read("orphans").lines()).hasSize(5);
    });
    assertThat(o.read("tm.pid").strip()).isEqualTo("1");
    long pid = pidOutside(daemon);
    await().untilAsserted(() -> assertThat(children(pid)).as("the two programs, and no zombie").hasSize(2));
    ProcessHandle.of(pid).orElseThrow().destroy();
    assertThat(end(daemon)).isZero();
    assertThat(o.read("bye")).isEqualTo("bye\n");
    assertThat(o.alerts("daemon_stopping")).singleElement().asString().contains("SIGTERM");
    assertThat(o.alerts("process_stopped")).satisfiesExactly(
        first -> assertThat(first).contains("\"web:0\""),
        second -> assertThat(second).contains("\"db:0\"").contains("\"exit_code\":0"));
  }

  /** The socket goes first: who sees the process waits for its end, whoever sees only the socket says so. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shutdown_waits_across_pid_namespaces(boolean outside) throws Exception {
    try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) { // what is sent there keeps a daemon alive for a while
      String webhook = "alerts: { webhook: { url: \"http://127.0.0.1:" + deaf.getLocalPort() + "/\" } }\n";
      Files.writeString(folder.resolve("tm.yaml"), "daemon: { socket: tm.sock, pidfile: tm.pid, state: state }\n" + webhook + "programs:\n"
          + "  web: { cmd: [sh, -c, 'trap \"touch last; exit 0\" TERM; while :; do sleep 0.02; done'], starttime: 0 }\n");
      Path taskmaster = packaged();
      Process daemon = outside
          ? inside(taskmaster.toString(), "daemon", "--foreground", "-c", "tm.yaml").start()
          : new ProcessBuilder(taskmaster.toString(), "daemon", "--foreground", "-c", "tm.yaml").directory(folder.toFile())
              .redirectErrorStream(true).redirectOutput(folder.resolve("daemon.said").toFile()).start();
      container = daemon;
      await().ignoreExceptions().untilAsserted(() -> assertThat(o.row("web:0")).contains("RUNNING"));
      long pid = outside ? pidOutside(daemon) : daemon.pid();
      if (outside) {
        Outside.Result said = o.taskmaster("shutdown", "--timeout", "30s");
        assertThat(Outside.isAlive(pid)).isFalse();
        assertThat(said).isEqualTo(new Outside.Result(0, "[TaskMaster] Daemon stopped\n", ""));
      } else {
        Process client = inside(taskmaster.toString(), "-s", folder.resolve("tm.sock").toString(), "shutdown", "--timeout", "30s").start();
        assertThat(client.waitFor()).isZero();
        assertThat(o.read("said")).isEqualTo("[TaskMaster] Daemon no longer answers; from here it cannot be seen\n");
      }
      assertThat(folder.resolve("last")).exists();
      assertThat(daemon.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
  }
}
