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
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import taskmaster.api.Command;
import taskmaster.api.InstanceStatus;
import taskmaster.api.Phase;
import taskmaster.api.Signal;
import taskmaster.api.Target;
import taskmaster.controller.core.Goal;
import taskmaster.controller.core.Statuses;
import taskmaster.controller.linux.ServiceManager;

/** Runs that say which of their processes is the main one (sd_notify(3), MAINPID=). What they say, the test says for them. */
@Timeout(60)
class MainPidIT {
  private static final AtomicInteger MARKS = new AtomicInteger();

  @TempDir Path folder;
  private @Nullable Daemon daemon;

  /** In the command line of all that a test starts. */
  private final String mark = "mainpid-" + ProcessHandle.current().pid() + "-" + MARKS.incrementAndGet();

  /** Tells its pid in a file and what signals it gets in another, until a file NAME.end says with which code to end. */
  private static final String MEMBER =
      """
      echo $$ > $1.tmp; mv $1.tmp $1.pid
      for s in TERM HUP; do trap "echo $s >> $1.got; test $s = HUP || exit 0" $s; done
      while ! test -e $1.end; do sleep 0.02; done
      exit $(cat $1.end)
      """;

  private void start(String web) throws Exception {
    start(web, "stoptime: 10s");
  }

  private void start(String web, String more) throws Exception {
    Files.writeString(folder.resolve("member.sh"), MEMBER);
    Files.writeString(folder.resolve("web.sh"), web);
    Files.writeString(
        folder.resolve("tm.yaml"),
        "daemon: { socket: tm.sock, pidfile: tm.pid, state: state, logfile: logs/daemon.log, loglevel: debug }\nprograms:\n"
            + "  web: { cmd: sh web.sh " + mark + ", starttime: 0, autorestart: never, ready: { notify: true }, " + more + " }\n"
            + "  other: { cmd: [sh, -c, 'echo $$ > other.tmp; mv other.tmp other.pid; sleep 100000', " + mark + "], starttime: 0 }\n");
    daemon = Daemon.start(folder.resolve("tm.yaml"), Daemon.silent());
  }

  private Daemon daemon() {
    return Objects.requireNonNull(daemon);
  }

  @AfterEach
  void nothing_is_left_behind() throws Exception {
    if (daemon == null) return;
    end(Command.Shutdown.How.GRACEFULLY);
    await().untilAsserted(() -> assertThat(marked()).isEmpty());
  }

  private void end(Command.Shutdown.How how) throws Exception {
    daemon().shutdown("end of test", how);
    daemon().awaitEnd();
  }

  private List<String> marked() {
    return ProcessHandle.allProcesses().map(p -> text(Path.of("/proc/" + p.pid() + "/cmdline"))).filter(c -> c.contains(mark)).toList();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file).replace('\0', ' ').strip();
    } catch (IOException none) {
      return "";
    }
  }

  private int pidOf(String name) {
    await().pollInterval(Duration.ofMillis(10)).until(() -> !text(folder.resolve(name + ".pid")).isEmpty());
    return Integer.parseInt(text(folder.resolve(name + ".pid")));
  }

  private void end(String name, int code) throws IOException {
    Path whole = folder.resolve(name + ".end.tmp"); // not .tmp: the process may be writing its pid just then
    Files.writeString(whole, code + "\n");
    Files.move(whole, folder.resolve(name + ".end"));
  }

  private InstanceStatus web() {
    return new Statuses(daemon().control().snapshot(), daemon().control().now(), Instant.now(), id -> 0).instance(World.id("web:0")).orElseThrow();
  }

  private void tell(String words) {
    assertThat(new ServiceManager(folder.resolve("state/pipes/web:0." + web().run() + ".notify").toString()).tell(words)).isTrue();
  }

  private void awaitMain(int pid) {
    await().pollInterval(Duration.ofMillis(10)).untilAsserted(() -> assertThat(web().pid()).isEqualTo(pid));
  }

  /** Tells it, and awaits that it was heard. */
  private int move(String name) {
    int pid = pidOf(name);
    tell("MAINPID=" + pid + "\nREADY=1");
    awaitMain(pid);
    return pid;
  }

  private void awaitEnd(String how) {
    await().pollInterval(Duration.ofMillis(10)).untilAsserted(() -> {
      assertThat(web().phase()).isEqualTo(Phase.EXITED);
      assertThat(web().lastExit()).contains(how);
    });
  }

  private void stop() throws InterruptedException, IOException {
    daemon().control().command(new Command.Stop(List.of(Target.parse("web"))));
    assertThat(daemon().control().await(new Goal.Stopped(List.of(World.id("web:0"))), Duration.ofSeconds(20), () -> true)).isEqualTo(new Goal.Reached());
  }

  private static boolean isAlive(int pid) {
    String stat = text(Path.of("/proc/" + pid + "/stat"));
    return !stat.isEmpty() && stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
  }

  private void awaitDeath(int pid) {
    await().pollInterval(Duration.ofMillis(10)).until(() -> !isAlive(pid));
  }

  private String log() {
    return text(folder.resolve("logs/daemon.log"));
  }

  /** Until the loop has heard all that was said before. */
  private void awaitHeard() {
    String word = "heard " + MARKS.incrementAndGet() + ".";
    tell("STATUS=" + word);
    await().pollInterval(Duration.ofMillis(10)).untilAsserted(() -> assertThat(web().reason()).contains(word));
  }

  private static final String UPGRADE = "echo $$ > old.pid\nsh member.sh new $1 &\nwhile ! test -e old.end; do sleep 0.02; done\n";

  @Test
  void the_old_master_may_end_and_the_end_of_the_new_one_is_the_runs() throws Exception {
    start(UPGRADE);
    int old = pidOf("old");
    assertThat(web().pid()).isEqualTo(old);
    move("new");
    end("old", 3);
    awaitDeath(old);
    assertThat(Path.of("/proc/" + old)).as("it keeps the id of its group").exists();
    awaitHeard();
    assertThat(web().phase()).isEqualTo(Phase.RUNNING);
    end("new", 7);
    awaitEnd("7");
    await().untilAsserted(() -> assertThat(Path.of("/proc/" + old)).doesNotExist());
  }

  @Test
  void the_new_master_may_end_while_its_parent_lives() throws Exception {
    start("echo $$ > old.pid\nsh -c 'sh member.sh new $0 & echo $! > x; exec sleep 100000' $1 &\nwhile ! test -e old.end; do sleep 0.02; done\n", "stopsignal: KILL");
    move("new");
    ProcessHandle.of(pidOf("new")).ifPresent(ProcessHandle::destroyForcibly);
    awaitEnd("KILL");
    awaitDeath(pidOf("old"));
  }

  @Test
  void what_forked_twice_into_a_session_of_its_own_is_one_of_the_run() throws Exception {
    start("echo $$ > old.pid\n(setsid sh member.sh new $1 & )\nwhile ! test -e old.end; do sleep 0.02; done\n");
    int daemonised = move("new");
    end("old", 0);
    awaitDeath(pidOf("old"));
    awaitHeard();
    assertThat(web().pid()).isEqualTo(daemonised);
    daemon().control().command(new Command.SendSignal(Signal.HUP, List.of(Target.parse("web"))));
    await().untilAsserted(() -> assertThat(text(folder.resolve("new.got"))).isEqualTo("HUP"));
    stop();
    assertThat(text(folder.resolve("new.got"))).as("the stop signal went to its group").endsWith("TERM");
    assertThat(isAlive(daemonised)).isFalse();
  }

  @Test
  void a_stop_reaches_the_old_group_and_the_new_one() throws Exception {
    start("echo $$ > old.pid\nsh member.sh helper $1 &\n(setsid sh member.sh new $1 & )\nwhile ! test -e old.end; do sleep 0.02; done\n");
    pidOf("helper");
    move("new");
    end("old", 0);
    awaitDeath(pidOf("old"));
    stop();
    assertThat(text(folder.resolve("new.got"))).isEqualTo("TERM");
    assertThat(text(folder.resolve("helper.got"))).isEqualTo("TERM");
    assertThat(marked()).noneMatch(c -> c.contains("member.sh"));
  }

  @Test
  void what_is_not_of_the_run_is_ignored_and_told_of_once() throws Exception {
    start(UPGRADE);
    int old = pidOf("old");
    end("new", 0);
    awaitDeath(pidOf("new"));
    String dead = Integer.toString(pidOf("new"));
    for (String word : List.of("", "x", "-1", "0", "99999999999", dead, pidOf("other") + "")) {
      tell("MAINPID=" + word);
      awaitHeard(); // of what is said at once the last word counts
      assertThat(web().pid()).as(word).isEqualTo(old);
    }
    tell("MAINPID=" + old); // it is that already
    awaitHeard();
    assertThat(web().pid()).isEqualTo(old);
    await().untilAsserted(() -> assertThat(log()).contains("is ignored"));
    assertThat(log()).doesNotContain("its main process is");
    assertThat(log().lines().filter(l -> l.contains("is ignored"))).hasSize(1);
    end("old", 0);
    awaitEnd("0");
  }

  @Test
  void the_next_daemon_takes_over_the_right_one() throws Exception {
    start("echo $$ > old.pid\nsh member.sh helper $1 &\n(setsid sh member.sh new $1 & )\nwhile ! test -e old.end; do sleep 0.02; done\n");
    pidOf("helper");
    int moved = move("new");
    end("old", 0);
    awaitDeath(pidOf("old"));
    for (int i = 0; i < 2; i++) {
      end(Command.Shutdown.How.KEEPING);
      daemon = Daemon.start(folder.resolve("tm.yaml"), Daemon.silent());
      assertThat(web().pid()).isEqualTo(moved);
      awaitHeard();
      assertThat(web().phase()).isEqualTo(Phase.RUNNING);
    }
    stop();
    assertThat(text(folder.resolve("new.got"))).isEqualTo("TERM");
    assertThat(text(folder.resolve("helper.got"))).isEqualTo("TERM");
    assertThat(isAlive(pidOf("helper"))).isFalse();
  }

  @Test
  void a_run_that_was_taken_over_may_move_too() throws Exception {
    start("echo $$ > old.pid\n(setsid sh member.sh new $1 & )\nwhile ! test -e old.end; do sleep 0.02; done\n");
    pidOf("new");
    pidOf("old");
    end(Command.Shutdown.How.KEEPING);
    daemon = Daemon.start(folder.resolve("tm.yaml"), Daemon.silent());
    tell("MAINPID=" + pidOf("other"));
    awaitHeard();
    assertThat(web().pid()).isEqualTo(pidOf("old"));
    move("new");
    end("old", 0);
    awaitDeath(pidOf("old"));
    awaitHeard();
    end("new", 9);
    awaitEnd("9");
  }
}
