package taskmaster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The limit of open files: the daemon takes what it needs, and its programs see what it was started with. */
@Timeout(120)
class DescriptorsE2E {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  private static String limit(long pid) throws IOException {
    String line = Files.readAllLines(Path.of("/proc/" + pid + "/limits")).stream().filter(l -> l.startsWith("Max open files")).findFirst().orElseThrow();
    return line.substring("Max open files".length()).strip().replaceAll(" +", " ");
  }

  /** On one processor, where a child often reads its limit before its parent is there again. */
  @Test
  void few_programs_never_see_another_limit_than_the_daemon_was_started_with() throws Exception {
    Outside o = new Outside(folder);
    o.prefix = List.of("taskset", "-c", "0", "prlimit", "--nofile=1000:4000");
    o.config("web: { cmd: [sh, -c, 'ulimit -Sn; exec sleep 100000'], numprocs: 60, starttime: 0, stdout: out.log, stderr: discard }");
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    try {
      await().untilAsserted(() -> assertThat(o.read("out.log").lines()).hasSize(60));
      assertThat(o.read("out.log").lines()).containsOnly("1000");
      assertThat(limit(o.daemonPid())).isEqualTo("1000 4000 files");
    } finally {
      o.run("taskmasterd.sh", "stop", "-c", "tm.yaml");
    }
  }

  @Test
  void a_daemon_with_many_programs_takes_more_and_gives_them_what_it_was_started_with() throws Exception {
    Outside o = new Outside(folder);
    o.prefix = List.of("prlimit", "--nofile=200:4000");
    o.config("web: { cmd: [sleep, '100000'], numprocs: 100, starttime: 0 }");
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    try {
      await().untilAsserted(() -> assertThat(o.row("web")).contains("\"running\":100"));
      assertThat(limit(o.daemonPid())).isEqualTo("4000 4000 files");
      for (int i : new int[] {0, 50, 99}) assertThat(limit(o.pid("web:" + i))).isEqualTo("200 4000 files");
    } finally {
      o.run("taskmasterd.sh", "stop", "-c", "tm.yaml");
    }
  }

  @Test
  void a_daemon_that_cannot_look_at_all_that_runs_says_so_and_leaves_it_be() throws Exception {
    Outside o = new Outside(folder);
    o.config("web: { cmd: [sleep, '100000'], numprocs: 100, starttime: 0 }");
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    try {
      await().untilAsserted(() -> assertThat(o.row("web")).contains("\"running\":100"));
      long pid = o.pid("web:99");
      o.killDaemon();
      o.prefix = List.of("prlimit", "--nofile=250:250");
      Outside.Result refused = o.run("taskmasterd.sh", "start", "-c", "tm.yaml");
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.out() + refused.err()).contains("cannot take over what runs: ").contains("Too many open files; raise the limit of open files (ulimit -n) and start again")
          .doesNotContain("Exception");
      assertThat(Outside.isAlive(pid)).isTrue();
      o.prefix = List.of();
      o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
      assertThat(o.pid("web:99")).isEqualTo(pid);
    } finally {
      o.prefix = List.of();
      o.run("taskmasterd.sh", "stop", "-c", "tm.yaml");
    }
  }

  /** They are got by the server, which ends with the first that it does not get. */
  @Test
  void many_clients_at_once_are_let_in() throws Exception {
    Outside o = new Outside(folder);
    o.prefix = List.of("prlimit", "--nofile=600:4000");
    o.config("web: { cmd: [sleep, '100000'], numprocs: 50, starttime: 0 }");
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    List<SocketChannel> clients = new ArrayList<>();
    try {
      assertThat(limit(o.daemonPid())).isEqualTo("600 4000 files");
      for (int i = 0; i < 500; i++) clients.add(SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("tm.sock"))));
      assertThat(o.row("web")).contains("\"running\":50");
      assertThat(limit(o.daemonPid())).isEqualTo("4000 4000 files");
      assertThat(o.read("logs/daemon.log")).doesNotContain("this server socket is terminating");
    } finally {
      for (SocketChannel client : clients) client.close();
      o.prefix = List.of();
      o.run("taskmasterd.sh", "stop", "-c", "tm.yaml");
    }
  }

  @Test
  void what_cannot_have_its_logs_too_is_not_started_and_clients_find_their_place() throws Exception {
    Outside o = new Outside(folder);
    o.prefix = List.of("prlimit", "--nofile=400:400");
    o.config(
        """
        web:
          cmd: [sh, -c, 'until [ -e go ]; do sleep 0.2; done; echo out; echo err >&2; exec sleep 100000']
          numprocs: 100
          starttime: 0
          startretries: 0
        """);
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    List<SocketChannel> clients = new ArrayList<>();
    try {
      String refused = o.taskmaster("wait", "web", "--timeout", "60s").err();
      assertThat(refused).contains("out of file descriptors (raise ulimit -n)");
      o.write("go", "");
      long running = o.taskmaster("status", "web").out().lines().filter(l -> l.contains("RUNNING")).count();
      assertThat(running).isBetween(20L, 60L);
      await().untilAsserted(() -> {
        try (var logs = Files.list(folder.resolve("logs"))) {
          assertThat(logs.filter(l -> l.getFileName().toString().startsWith("web-") && l.toFile().length() == 4)).hasSize((int) (2 * running));
        }
      });
      for (int i = 0; i < 90; i++) clients.add(SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("tm.sock"))));
      assertThat(o.row("web")).contains("\"running\":" + running);
      assertThat(o.read("logs/daemon.log")).doesNotContain("this server socket is terminating");
      assertThat(o.read("logs/alerts.log")).doesNotContain("log_degraded");
    } finally {
      for (SocketChannel client : clients) client.close();
      o.prefix = List.of();
      o.run("taskmasterd.sh", "stop", "-c", "tm.yaml");
    }
  }
}
