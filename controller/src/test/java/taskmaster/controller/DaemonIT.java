package taskmaster.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Command;
import taskmaster.api.InstanceStatus;
import taskmaster.api.Phase;
import taskmaster.api.Signal;
import taskmaster.api.Target;
import taskmaster.controller.config.ConfigRejected;
import taskmaster.controller.core.Goal;
import taskmaster.controller.core.Preview;
import taskmaster.controller.core.Statuses;
import taskmaster.fixtures.Fixture;

/** A whole daemon on the real kernel with real children: convergence, awaited on what can be seen from outside. */
@Timeout(60)
class DaemonIT {
  @TempDir Path folder;
  private @Nullable Daemon daemon;

  private Daemon start(String programs) throws Exception {
    write(programs);
    Daemon started = Daemon.start(folder.resolve("tm.yaml"), Daemon.silent());
    daemon = started;
    return started;
  }

  private void write(String programs) throws IOException {
    String head =
        "daemon: { socket: tm.sock, pidfile: tm.pid, state: state, logfile: logs/daemon.log, loglevel: debug }\nprograms:\n";
    Files.writeString(folder.resolve("tm.yaml"), head + programs.indent(2));
  }

  @AfterEach
  void nothing_is_left_behind() throws Exception {
    Daemon running = daemon;
    if (running == null) return;
    Set<Integer> before = descendants();
    running.shutdown("end of test", Command.Shutdown.How.GRACEFULLY);
    running.awaitEnd();
    await().untilAsserted(() -> assertThat(alive(before)).as("processes of the test that still live").isEmpty());
    assertThat(folder.resolve("tm.sock")).doesNotExist();
    assertThat(folder.resolve("tm.pid")).doesNotExist();
    if (!Files.exists(folder.resolve("state/pipes"))) return;
    try (var pipes = Files.list(folder.resolve("state/pipes"))) {
      assertThat(pipes.toList()).isEmpty();
    }
  }

  private static Set<Integer> descendants() {
    return ProcessHandle.current().descendants().map(p -> (int) p.pid()).collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<Integer> alive(Set<Integer> pids) {
    return pids.stream().filter(DaemonIT::isAlive).collect(Collectors.toCollection(TreeSet::new));
  }

  private static boolean isAlive(int pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
    } catch (IOException gone) {
      return false;
    }
  }

  private Daemon daemon() {
    return Objects.requireNonNull(daemon);
  }

  private InstanceStatus status(String instance) {
    return new Statuses(daemon().control().snapshot(), daemon().control().now(), Instant.now(), id -> 0).instance(World.id(instance)).orElseThrow();
  }

  private int pid(String instance) {
    return Objects.requireNonNull(status(instance).pid());
  }

  private void awaitPhase(String instance, Phase phase) {
    await().pollInterval(Duration.ofMillis(10)).untilAsserted(() -> assertThat(status(instance).phase()).isEqualTo(phase));
  }

  private static List<Target> targets(String name) {
    return List.of(Target.parse(name));
  }

  private void stopAndWait(String name) throws InterruptedException, IOException {
    daemon().control().command(new Command.Stop(targets(name)));
    Goal.State state = daemon().control().await(new Goal.Stopped(List.of(World.id(name + ":0"))), Duration.ofSeconds(20), () -> true);
    assertThat(state).isEqualTo(new Goal.Reached());
  }

  private String file(String name) throws IOException {
    return Files.readString(folder.resolve(name));
  }

  private void awaitFile(String name, String content) {
    await().untilAsserted(() -> {
      assertThat(folder.resolve(name)).exists();
      assertThat(file(name)).contains(content);
    });
  }

  @Test
  void a_killed_process_is_replaced() throws Exception {
    start("web: { cmd: sleep 100000, starttime: 0, backoff: { initial: 0 } }");
    awaitPhase("web:0", Phase.RUNNING);
    int first = pid("web:0");
    ProcessHandle.of(first).orElseThrow().destroyForcibly();
    await().untilAsserted(() -> {
      assertThat(status("web:0").pid()).isNotNull().isNotEqualTo(first);
      assertThat(status("web:0").lastExit()).isEqualTo("signal KILL");
    });
    assertThat(status("web:0").restarts()).isEqualTo(1);
  }

  @Test
  void one_that_dies_at_once_ends_fatal_with_the_reason() throws Exception {
    start("bad: { cmd: [" + Fixture.EXITS.in(folder) + ", 3], startretries: 1, backoff: { initial: 50ms } }");
    awaitPhase("bad:0", Phase.FATAL);
    assertThat(status("bad:0").reason()).isEqualTo("exited too quickly, code 3, gave up after 1 retry");
    awaitFile("logs/bad-0.stdout.log", "exiting with 3\nexiting with 3\n");
    awaitFile("logs/alerts.log", "\"event\":\"process_fatal\"");
  }

  @Test
  void what_cannot_be_started_says_what_is_missing() throws Exception {
    Path script = folder.resolve("script");
    Files.writeString(script, "#!/no/such/interpreter\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    Path plain = folder.resolve("plain");
    Files.writeString(plain, "x");
    start(
        """
        absent: { cmd: /usr/bin/ngnix, startretries: 0 }
        unfound: { cmd: no-such-program-anywhere, startretries: 0, env: { PATH: /bin } }
        dir: { cmd: sleep 1, workingdir: /no/such/dir, startretries: 0 }
        script: { cmd: %s, startretries: 0 }
        plain: { cmd: %s, startretries: 0 }
        folder: { cmd: /tmp, startretries: 0, umask: 022 }
        log: { cmd: sleep 1, stdout: /proc/nope/x, startretries: 0 }
        """.formatted(script, plain));
    for (String p : List.of("absent", "unfound", "dir", "script", "plain", "folder", "log")) awaitPhase(p + ":0", Phase.FATAL);
    assertThat(status("absent:0").reason()).startsWith("cannot start: /usr/bin/ngnix: No such file or directory");
    assertThat(status("unfound:0").reason()).startsWith("cannot start: no-such-program-anywhere: not found in its PATH (/bin)");
    assertThat(status("dir:0").reason()).startsWith("cannot start: workingdir /no/such/dir: No such file or directory");
    assertThat(status("script:0").reason()).contains("its interpreter /no/such/interpreter is missing");
    assertThat(status("plain:0").reason()).contains("Permission denied (is it executable?)");
    assertThat(status("folder:0").reason()).contains("/tmp: Is a directory");
    assertThat(status("log:0").reason()).startsWith("cannot start: log folder /proc/nope");
  }

  @Test
  void a_child_is_born_as_the_file_says() throws Exception {
    Path work = Files.createDirectory(folder.resolve("work dir"));
    start(
        """
        born:
          cmd: [%s, %s]
          umask: 027
          workingdir: "work dir"
          env: { ANSWER: 42, NAME: "with spaces" }
          starttime: 0
        """.formatted(Fixture.REPORTS.in(folder), folder.resolve("report")));
    awaitFile("report", "env ANSWER=42");
    List<String> lines = Files.readAllLines(folder.resolve("report"));
    int pid = pid("born:0");
    assertThat(lines)
        .contains("umask 0027", "cwd " + work, "pid " + pid, "session " + pid, "env NAME=with spaces", "env TASKMASTER_INSTANCE=born:0")
        // 32 and 33 are glibc's own, which its posix_spawn always leaves ignored
        .contains("SigBlk:\t0000000000000000", "SigIgn:\t0000000180000000");
    assertThat(Files.readAllLines(folder.resolve("report.fds")))
        .as("its descriptors, beside the one through which sh reads the script")
        .satisfiesExactlyInAnyOrder(
            l -> assertThat(l).isEqualTo("0 /dev/null"),
            l -> assertThat(l).matches("1 .*/pipes/born:0.1.stdout"),
            l -> assertThat(l).matches("2 .*/pipes/born:0.1.stderr"),
            l -> assertThat(l).matches("[0-9]+ .*/reports.sh"));
  }

  @Test
  void one_that_ignores_term_is_killed_after_stoptime() throws Exception {
    start("deaf: { cmd: " + Fixture.IGNORES_TERM.in(folder) + ", stoptime: 300ms, starttime: 0 }");
    awaitFile("logs/deaf-0.stdout.log", "ready");
    int pid = pid("deaf:0");
    stopAndWait("deaf");
    assertThat(isAlive(pid)).isFalse();
    assertThat(status("deaf:0").lastExit()).isEqualTo("signal KILL (stopped)");
  }

  @Test
  void descendants_that_left_group_and_session_and_lost_the_mark_are_stopped_too() throws Exception {
    start("wild: { cmd: [" + Fixture.ESCAPES.in(folder) + ", " + folder.resolve("pid") + "], starttime: 0, stoptime: 2s }");
    awaitFile("pid", "\n");
    int escaped = Integer.parseInt(file("pid").strip());
    assertThat(isAlive(escaped)).isTrue();
    stopAndWait("wild");
    assertThat(isAlive(escaped)).isFalse();
  }

  @Test
  void what_a_process_left_behind_is_stopped_before_it_counts_as_exited() throws Exception {
    start("wild: { cmd: [" + Fixture.ESCAPES_AND_ENDS.in(folder) + ", " + folder.resolve("pid") + "], starttime: 0, stoptime: 2s }");
    awaitPhase("wild:0", Phase.EXITED);
    assertThat(isAlive(Integer.parseInt(file("pid").strip()))).isFalse();
  }

  @Test
  void closing_its_output_is_not_an_exit() throws Exception {
    start("quiet: { cmd: " + Fixture.CLOSES_OUTPUT.in(folder) + ", starttime: 300ms }");
    awaitPhase("quiet:0", Phase.RUNNING);
    assertThat(status("quiet:0").restarts()).isZero();
    awaitFile("logs/quiet-0.stdout.log", "last words");
  }

  @Test
  void many_instances_share_one_file_and_no_line_is_torn() throws Exception {
    start(
        """
        many:
          cmd: [sh, -c, 'i=0; while [ $i -lt 300 ]; do printf "%s-start "; printf "%s-end\\n" >&2; printf "end\\n"; i=$((i+1)); done']
          numprocs: 8
          autorestart: never
          starttime: 0
          stdout: shared.log
          stderr: stdout
        other:
          cmd: [sh, -c, 'i=0; while [ $i -lt 300 ]; do echo other-line; i=$((i+1)); done']
          autorestart: never
          starttime: 0
          stdout: shared.log
          stderr: shared.log
        """.replace("printf \"%s-start \"; printf \"%s-end\\n\" >&2; printf \"end\\n\"", "printf \"start \"; printf \"end\\n\""));
    for (int i = 0; i < 8; i++) awaitPhase("many:" + i, Phase.EXITED);
    awaitPhase("other:0", Phase.EXITED);
    await().untilAsserted(() -> assertThat(Files.readAllLines(folder.resolve("shared.log"))).hasSize(8 * 300 + 300));
    assertThat(Files.readAllLines(folder.resolve("shared.log"))).containsOnly("start end", "other-line");
  }

  @Test
  void reload_keeps_what_did_not_change_and_replaces_what_did() throws Exception {
    start("keep: { cmd: sleep 100000, starttime: 0 }\nswap: { cmd: sleep 100001, starttime: 0 }\ngone: { cmd: sleep 100002 }");
    awaitPhase("keep:0", Phase.RUNNING);
    int keep = pid("keep:0");
    int swap = pid("swap:0");
    int gone = pid("gone:0");
    write("keep: { cmd: sleep 100000, starttime: 0, stoptime: 3 }\nswap: { cmd: sleep 100003, starttime: 0 }\nnew: { cmd: sleep 1000, numprocs: 2 }");
    Preview preview = daemon().control().reload(null);
    assertThat(preview.changes().stream().map(c -> c.kind().word() + " " + c.program()))
        .containsExactly("changed keep", "changed swap", "added new", "removed gone");
    awaitFile("logs/daemon.log", "added new; removed gone; changed keep, swap");
    assertThat(daemon().control().await(new Goal.AtRest(List.of()), Duration.ofSeconds(20), () -> true)).isEqualTo(new Goal.Reached());
    assertThat(pid("keep:0")).isEqualTo(keep);
    assertThat(pid("swap:0")).isNotEqualTo(swap);
    assertThat(isAlive(gone)).isFalse();
    assertThat(status("new:1").phase()).isEqualTo(Phase.RUNNING);
  }

  @Test
  void an_invalid_file_changes_nothing_and_is_alerted() throws Exception {
    start("keep: { cmd: sleep 100000, starttime: 0 }");
    awaitPhase("keep:0", Phase.RUNNING);
    int keep = pid("keep:0");
    write("keep: { cmd: sleep 5, nonsense: 3 }");
    org.junit.jupiter.api.Assertions.assertThrows(ConfigRejected.class, () -> daemon().control().reload(null));
    assertThat(pid("keep:0")).isEqualTo(keep);
    awaitFile("logs/alerts.log", "\"event\":\"config_rejected\"");
    write("keep: { cmd: sleep 100000, starttime: 0 }");
  }

  @Test
  void a_signal_reaches_the_main_process() throws Exception {
    start("hup: { cmd: [sh, -c, 'trap \"echo got it\" HUP; echo ready; while :; do sleep 0.05; done'], starttime: 0 }");
    awaitFile("logs/hup-0.stdout.log", "ready");
    daemon().control().command(new Command.SendSignal(Signal.HUP, targets("hup")));
    awaitFile("logs/hup-0.stdout.log", "got it");
  }

  @Test
  void a_flood_does_not_keep_a_quiet_one_waiting() throws Exception {
    start("flood: { cmd: " + Fixture.FLOODS.in(folder) + ", stdout: /dev/shm/tm-flood-" + ProcessHandle.current().pid() + ".log }\n"
        + "quiet: { cmd: [sh, -c, 'sleep 0.5; echo heard; exec sleep 100000'], starttime: 0 }");
    awaitFile("logs/quiet-0.stdout.log", "heard");
    stopAndWait("flood");
    for (int i = 0; i <= 10; i++) {
      Files.deleteIfExists(Path.of("/dev/shm/tm-flood-" + ProcessHandle.current().pid() + ".log" + (i == 0 ? "" : "." + i)));
    }
  }

  @Test
  void alerts_are_whole_lines_numbered_without_a_gap_over_restarts_of_the_daemon() throws Exception {
    start("web: { cmd: sleep 100000, starttime: 0 }");
    awaitPhase("web:0", Phase.RUNNING);
    nothing_is_left_behind();
    Files.writeString(folder.resolve("logs/alerts.log"), "{\"torn", java.nio.file.StandardOpenOption.APPEND);
    start("web: { cmd: sleep 100000, starttime: 0 }");
    awaitPhase("web:0", Phase.RUNNING);
    nothing_is_left_behind();
    daemon = null;
    List<String> lines = Files.readAllLines(folder.resolve("logs/alerts.log"));
    assertThat(lines).hasSize(8);
    for (int i = 0; i < 8; i++) assertThat(lines.get(i)).startsWith("{\"timestamp\":\"").endsWith(",\"seq\":" + (i + 1) + "}");
    assertThat(lines.stream().map(l -> l.replaceAll(".*\"event\":\"([a-z_]+)\".*", "$1")))
        .containsExactly(
            "daemon_started", "process_started", "daemon_stopping", "process_stopped",
            "daemon_started", "process_started", "daemon_stopping", "process_stopped");
  }

  @Test
  void a_file_that_is_no_program_at_all_costs_nobody_else_anything() throws Exception {
    Path odd = folder.resolve("odd");
    Files.write(odd, new byte[] {'#', '!', 0, 1, 2});
    assertThat(odd.toFile().setExecutable(true)).isTrue();
    start("odd: { cmd: " + odd + ", startretries: 0 }\nweb: { cmd: sleep 100000, starttime: 0 }");
    awaitPhase("odd:0", Phase.FATAL);
    awaitPhase("web:0", Phase.RUNNING);
  }

  @Test
  void the_state_folder_may_be_swept_away() throws Exception {
    start("web: { cmd: sleep 100000, starttime: 0, backoff: { initial: 0 } }");
    awaitPhase("web:0", Phase.RUNNING);
    try (var files = Files.walk(folder.resolve("state"))) {
      for (Path p : files.sorted(java.util.Comparator.reverseOrder()).toList()) Files.delete(p);
    }
    daemon().control().command(new Command.Restart(targets("web")));
    await().untilAsserted(() -> assertThat(status("web:0").restarts()).isEqualTo(1));
    awaitPhase("web:0", Phase.RUNNING);
    await().untilAsserted(() -> assertThat(folder.resolve("state/lock")).exists());
  }

  @Test
  void the_alert_file_may_be_truncated_or_renamed_by_others() throws Exception {
    start("web: { cmd: sleep 100000, starttime: 0 }");
    awaitFile("logs/alerts.log", "process_started");
    Files.write(folder.resolve("logs/alerts.log"), new byte[0]);
    stopAndWait("web");
    await().untilAsserted(() -> assertThat(file("logs/alerts.log")).startsWith("{\"timestamp\"").contains("process_stopped").contains("\"seq\":3}"));
    Files.move(folder.resolve("logs/alerts.log"), folder.resolve("logs/old"));
    daemon().control().command(new Command.Start(targets("web")));
    awaitFile("logs/alerts.log", "\"seq\":4}");
  }

  @Test
  void another_programs_helper_is_left_alone() throws Exception {
    start("keeps: { cmd: [" + Fixture.DAEMONIZES_HELPER.in(folder) + ", " + folder.resolve("pid") + "], starttime: 0 }\nother: { cmd: sleep 100000, starttime: 0 }");
    awaitFile("pid", "\n");
    int helper = Integer.parseInt(file("pid").strip());
    // it has to be seen in two sweeps, a second apart, while its program runs
    await().pollDelay(Duration.ofMillis(2500)).until(() -> true);
    daemon().control().command(new Command.Restart(targets("other")));
    await().untilAsserted(() -> assertThat(status("other:0").restarts()).isEqualTo(1));
    assertThat(isAlive(helper)).isTrue();
    new ProcessBuilder("kill", Integer.toString(helper)).start().waitFor();
  }

  @Test
  void a_start_that_fails_says_why_and_leaves_neither_lock_nor_socket() throws Exception {
    write("web: { cmd: sleep 100000 }");
    Files.createDirectory(folder.resolve("tm.pid"));
    Startup refused =
        org.junit.jupiter.api.Assertions.assertThrows(Startup.class, () -> Daemon.start(folder.resolve("tm.yaml"), Daemon.silent()));
    assertThat(refused).hasMessage("cannot write the pid file " + folder.resolve("tm.pid") + ": it is a directory");
    assertThat(folder.resolve("tm.sock")).doesNotExist();
    Files.delete(folder.resolve("tm.pid"));
    start("web: { cmd: sleep 100000, starttime: 0 }");
    awaitPhase("web:0", Phase.RUNNING);
  }

  /** The log comes up beside the rest; here it does so no sooner than the start waits for it. */
  @Test
  void that_records_cannot_be_read_is_told_however_late_the_log_comes() throws Exception {
    write("web: { cmd: sleep 100000, starttime: 0 }");
    Files.createDirectory(folder.resolve("state"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.writeString(folder.resolve("state/runs"), "no records\n");
    Thread starting = Thread.currentThread();
    daemon = Daemon.start(folder.resolve("tm.yaml"), () -> await().until(() -> starting.getState() == Thread.State.WAITING));
    awaitFile("logs/daemon.log", "1 line of " + folder.resolve("state/runs") + " is not what was written there");
  }

  @Test
  void a_second_daemon_of_the_same_file_is_refused_and_the_first_undisturbed() throws Exception {
    start("web: { cmd: sleep 100000, starttime: 0 }");
    awaitPhase("web:0", Phase.RUNNING);
    int pid = pid("web:0");
    Startup refused =
        org.junit.jupiter.api.Assertions.assertThrows(Startup.class, () -> Daemon.start(folder.resolve("tm.yaml"), Daemon.silent()));
    assertThat(refused).hasMessageContaining("another daemon runs this file already (PID=" + ProcessHandle.current().pid() + ")");
    assertThat(pid("web:0")).isEqualTo(pid);
    assertThat(folder.resolve("tm.sock")).exists();
  }

  @Test
  void a_webhook_hears_of_the_very_first_start() throws Exception {
    List<String> heard = new java.util.concurrent.CopyOnWriteArrayList<>();
    var receiver = com.sun.net.httpserver.HttpServer.create(new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext("/", exchange -> {
      heard.add(new String(exchange.getRequestBody().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
      exchange.sendResponseHeaders(204, -1);
      exchange.close();
    });
    receiver.start();
    try {
      write("a: { cmd: sleep 600 }");
      Path file = folder.resolve("tm.yaml");
      String url = "http://127.0.0.1:" + receiver.getAddress().getPort() + "/";
      Files.writeString(file, "alerts: { webhook: { url: '" + url + "' } }\n" + Files.readString(file));
      daemon = Daemon.start(file, Daemon.silent());
      await().untilAsserted(() -> assertThat(heard).anySatisfy(alert -> assertThat(alert).contains("daemon_started")));
      await().untilAsserted(() -> assertThat(heard).anySatisfy(alert -> assertThat(alert).contains("process_started")));
    } finally {
      receiver.stop(0);
    }
  }

  /** A child begins with a copy of them: with the daemon's own, each start would cost more than the one before. */
  @Test
  void what_starts_children_has_none_of_the_daemons_descriptors() throws Exception {
    start("a: { cmd: sleep 600, numprocs: 5 }");
    assertThat(daemon().control().await(new Goal.AtRest(List.of()), Duration.ofSeconds(20), () -> true)).isEqualTo(new Goal.Reached());
    // each launcher lets go of them at its second start: of those that are idle, the next has waited longest
    for (int i = 0; i < 2; i++) {
      daemon().control().command(new Command.Restart(targets("a:0")));
      assertThat(daemon().control().await(new Goal.Started(List.of(World.id("a:0"))), Duration.ofSeconds(20), () -> true))
          .isEqualTo(new Goal.Reached());
    }
    await().untilAsserted(() -> assertThat(descriptorsOfThreads("launcher")).hasSize(2).allSatisfy(open -> assertThat(open).isLessThanOrEqualTo(3)));
  }

  private static List<Integer> descriptorsOfThreads(String name) throws IOException {
    List<Integer> counts = new java.util.ArrayList<>();
    try (var threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path thread : threads) {
        try {
          if (!Files.readString(thread.resolve("comm")).strip().equals(name)) continue;
          try (var open = Files.list(thread.resolve("fd"))) {
            counts.add((int) open.count());
          }
        } catch (IOException | java.io.UncheckedIOException ended) {
          continue;
        }
      }
    }
    return counts;
  }
}
