package taskmaster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A daemon that dies, and what its programs and the next one make of that. */
@Timeout(180)
class AdoptionE2E {
  private static final String WEB = "web: { cmd: sleep 100000, starttime: 0, backoff: { initial: 0 } }\n";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  @SuppressWarnings("NullAway.Init")
  private Outside o;

  @BeforeEach
  void begin() {
    o = new Outside(folder);
  }

  @AfterEach
  void stop() throws Exception {
    o.run("taskmasterd.sh", "stop", "-c", "tm.yaml").succeeded();
    assertThat(folder.resolve("state/runs")).as("no records after a clean end").doesNotExist();
    assertThat(folder.resolve("state/pipes")).isEmptyDirectory();
  }

  private void start() throws Exception {
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
  }

  /** Anybody can write anything into an environment, and a container may run a daemon of the same path. */
  @Test
  void a_mark_that_was_guessed_is_nobodys() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "others see their own processes alone");
    Outside o = new Outside(folder);
    o.config("web: { cmd: sleep 100000, starttime: 0 }");
    String byPath = Integer.toHexString(folder.resolve("state").toString().hashCode());
    ProcessBuilder stranger = new ProcessBuilder("setsid", "-f", "sh", "-c", "echo $$ > x; mv x stranger; exec sleep 100000").directory(folder.toFile());
    stranger.environment().put("TASKMASTER_RUN", byPath + "/web:0.99.stdout");
    assertThat(stranger.start().waitFor()).isZero();
    await().until(() -> Files.exists(folder.resolve("stranger")));
    long pid = Long.parseLong(o.read("stranger").strip());
    try {
      o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
      o.awaitRow("web", "RUNNING");
      assertThat(o.pid("web:0")).isNotEqualTo(pid);
      o.run("taskmasterd.sh", "stop", "-c", "tm.yaml").succeeded();
      assertThat(Outside.isAlive(pid)).isTrue();
    } finally {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  /** As where the disk was full from then on. */
  @Test
  void a_run_that_the_records_do_not_know_takes_the_place_of_the_one_they_do() throws Exception {
    Outside o = new Outside(folder);
    o.config("web: { cmd: sleep 100000, starttime: 0 }");
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    o.awaitRow("web", "RUNNING");
    long first = o.pid("web:0");
    Files.copy(folder.resolve("state/runs"), folder.resolve("old"));
    o.taskmaster("restart", "web").succeeded();
    long second = o.pid("web:0");
    assertThat(second).isNotEqualTo(first);
    o.killDaemon();
    Files.copy(folder.resolve("old"), folder.resolve("state/runs"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    o.awaitRow("web", "RUNNING");
    assertThat(o.pid("web:0")).isEqualTo(second);
    o.run("taskmasterd.sh", "stop", "-c", "tm.yaml").succeeded();
    assertThat(Outside.isAlive(second)).isFalse();
  }

  @Test
  void what_is_being_stopped_is_not_kept() throws Exception {
    Outside o = new Outside(folder);
    o.config("slow: { cmd: [sh, -c, 'trap \"\" TERM; echo on; exec sleep 100000'], stoptime: 100s, starttime: 0, ready: { log: on } }");
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    o.awaitRow("slow", "\"ready\":true");
    o.taskmaster("shutdown", "--no-wait").succeeded();
    Outside.Result kept = o.taskmaster("shutdown", "--keep-programs");
    assertThat(kept.exitCode()).isEqualTo(1);
    assertThat(kept.err()).contains("ERR the daemon is shutting down already; its programs are not kept");
    Outside.Result replaced = o.run("taskmasterd.sh", "restart", "--keep-programs", "-c", "tm.yaml");
    assertThat(replaced.exitCode()).isEqualTo(1);
    assertThat(replaced.out() + replaced.err()).contains("its programs are not kept").doesNotContain("Daemon started");
    o.taskmaster("shutdown", "--now").succeeded();
  }

  @Test
  void stop_ends_what_a_dead_daemon_left_running() throws Exception {
    o.config(WEB + "once: { cmd: [sh, -c, 'echo x >> once.txt'], starttime: 0 }\n");
    start();
    long web = o.pid("web:0");
    await().untilAsserted(() -> assertThat(o.read("once.txt")).isEqualTo("x\n"));
    o.killDaemon();
    assertThat(Outside.isAlive(web)).isTrue();
    assertThat(o.run("taskmasterd.sh", "stop", "-c", "tm.yaml").succeeded().out()).contains("stopped what an earlier one had left (1 instance)");
    assertThat(Outside.isAlive(web)).isFalse();
    assertThat(o.alerts("process_stopped").getLast()).contains("\"pid\":" + web);
    assertThat(o.read("once.txt")).as("nothing is started for it").isEqualTo("x\n");
    assertThat(o.run("taskmasterd.sh", "stop", "-c", "tm.yaml").succeeded().out()).isEqualTo("[TaskMaster] Daemon is not running\n");
  }

  @Test
  void what_cannot_start_is_told_by_the_next_one_again() throws Exception {
    o.config("broken: { type: job, cmd: [sh, -c, 'exit 3'], startretries: 0 }\nneedy: { cmd: sleep 100000, depends_on: { broken: completed } }\n");
    start();
    o.awaitAlert("process_blocked", "waiting for broken: FATAL");
    o.killDaemon();
    start();
    await().untilAsserted(() -> assertThat(o.alerts("process_blocked")).hasSize(2).allMatch(l -> l.contains("needy:0")));
  }

  @Test
  void its_death_is_a_non_event_for_what_runs() throws Exception {
    o.config(
        WEB
            + "ticker: { cmd: [sh, -c, 'i=0; while :; do i=$((i+1)); echo line $i; sleep 0.02; done'], starttime: 0 }\n"
            + "job: { cmd: [sh, -c, 'echo once >> job.txt'], starttime: 0 }\n"
            + "dies: { cmd: [sleep, '100001'], starttime: 0, autorestart: never }\n"
            + "manual: { cmd: sleep 100000, autostart: false, starttime: 0 }\n"
            + "held: { cmd: sleep 100000, starttime: 0 }\n");
    start();
    o.taskmaster("start", "manual").succeeded();
    o.taskmaster("stop", "held").succeeded();
    o.taskmaster("scale", "web", "2").succeeded();
    long web = o.pid("web:0");
    long second = o.pid("web:1");
    long manual = o.pid("manual:0");
    long dies = o.pid("dies:0");
    o.killDaemon();
    Outside.kill(dies);
    // as long as init has not reaped it, its status can still be seen
    await().untilAsserted(() -> assertThat(Path.of("/proc/" + dies)).doesNotExist());
    start();
    assertThat(o.pid("web:0")).isEqualTo(web);
    assertThat(o.pid("web:1")).as("scaled by an operator").isEqualTo(second);
    assertThat(o.pid("manual:0")).as("started by an operator").isEqualTo(manual);
    assertThat(o.row("held:0")).as("stopped by an operator").contains("STOPPED");
    assertThat(o.row("job:0")).contains("EXITED");
    assertThat(o.read("job.txt")).isEqualTo("once\n");
    o.awaitAlert("process_exited", "\"exit\":\"unknown\"");
    assertThat(o.row("dies:0")).contains("EXITED").contains("unknown");
    assertThat(o.alerts("daemon_started").getLast()).contains("\"adopted\":4");

    Outside.kill(web);
    await().untilAsserted(() -> assertThat(o.row("web:0")).contains("RUNNING"));
    o.awaitAlert("process_exited", "\"signal\":\"KILL\"");
    String lines = o.read("logs/ticker-0.stdout.log");
    int last = (int) lines.lines().count();
    await().untilAsserted(() -> assertThat(o.read("logs/ticker-0.stdout.log").lines().count()).isGreaterThan(last + 10));
    List<String> all = o.read("logs/ticker-0.stdout.log").lines().toList();
    for (int i = 0; i < all.size(); i++) assertThat(all.get(i)).isEqualTo("line " + (i + 1));
    List<String> seqs = o.read("logs/alerts.log").lines().map(l -> l.replaceAll(".*\"seq\":([0-9]+)}", "$1")).toList();
    for (int i = 0; i < seqs.size(); i++) assertThat(seqs.get(i)).isEqualTo(Integer.toString(i + 1));
    assertThat(o.alerts("process_started").stream().filter(l -> l.contains("\"manual:0\""))).hasSize(1);
  }

  @Test
  void while_anything_of_a_run_lives_no_second_one_is_started() throws Exception {
    Path script = folder.resolve("postgres-like.sh");
    // a child in a session of its own, its environment gone, its parent killed
    Files.writeString(script, "#!/bin/sh\nsetsid env -i sh -c 'echo $$ > child; trap \"\" TERM; while :; do sleep 0.1; done' &\nexec sleep 100000\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    o.config("db: { cmd: ./postgres-like.sh, starttime: 0, stoptime: 2, autorestart: always, backoff: { initial: 0 } }\n");
    start();
    await().untilAsserted(() -> assertThat(folder.resolve("child")).exists().isNotEmptyFile());
    long child = Long.parseLong(o.read("child").strip());
    long main = o.pid("db:0");
    o.killDaemon();
    Outside.kill(main);
    start();
    assertThat(o.row("db:0")).contains("STOPPING");
    await().untilAsserted(() -> assertThat(o.row("db:0")).contains("RUNNING"));
    assertThat(Outside.isAlive(child)).as("it was ended before the next run began").isFalse();
  }

  @Test
  void a_bad_file_does_not_leave_the_programs_unwatched() throws Exception {
    o.config(WEB);
    start();
    long web = o.pid("web:0");
    o.killDaemon();
    String good = o.read("tm.yaml");
    o.write("tm.yaml", good.replace("programs:", "programs: {"));
    start();
    assertThat(o.pid("web:0")).isEqualTo(web);
    o.awaitAlert("config_rejected", "tm.yaml");
    o.write("tm.yaml", good + "  more: { cmd: sleep 100000, starttime: 0 }\n");
    await().untilAsserted(() -> assertThat(o.row("more")).contains("RUNNING"));
    assertThat(o.pid("web:0")).isEqualTo(web);
  }

  @Test
  void a_bad_included_file_does_not_leave_the_programs_unwatched_either() throws Exception {
    Files.createDirectory(folder.resolve("conf.d"));
    o.write("conf.d/web.yaml", "programs:\n  " + WEB + "groups: { all_web: [web] }\n");
    o.write("conf.d/more.yaml", "programs: { more: { cmd: sleep 100000, starttime: 0 } }\n");
    o.config("main: { cmd: sleep 100000, starttime: 0 }", "include: conf.d/*.yaml");
    start();
    long web = o.pid("web:0");
    long more = o.pid("more:0");
    o.killDaemon();
    String good = o.read("conf.d/web.yaml");
    o.write("conf.d/web.yaml", good + "nonsense: 1\n");
    Files.delete(folder.resolve("conf.d/more.yaml"));
    start();
    assertThat(o.pid("web:0")).isEqualTo(web);
    assertThat(o.pid("more:0")).as("its file is gone, but nothing was taken").isEqualTo(more);
    o.awaitAlert("config_rejected", "conf.d/web.yaml:");
    assertThat(o.taskmaster("restart", "group:all_web").succeeded().out()).isEqualTo("OK restarted group:all_web\n");
    long restarted = o.pid("web:0");
    o.write("conf.d/web.yaml", good);
    await().untilAsserted(() -> assertThat(Outside.isAlive(more)).as("the mended files were taken").isFalse());
    assertThat(o.pid("web:0")).isEqualTo(restarted);
  }

  @Test
  void without_its_records_the_programs_are_found_all_the_same() throws Exception {
    o.config(WEB + "quiet: { cmd: sleep 100000, starttime: 0, stdout: discard, stderr: discard }\n");
    start();
    long web = o.pid("web:0");
    long quiet = o.pid("quiet:0");
    o.killDaemon();
    o.write("state/runs", "no records\n");
    start();
    assertThat(o.pid("web:0")).isEqualTo(web);
    assertThat(o.pid("quiet:0")).isEqualTo(quiet);
    assertThat(o.read("logs/daemon.log")).contains("not what was written there");
  }

  @Test
  void a_new_version_takes_over_and_one_that_cannot_start_leaves_the_old_one_running() throws Exception {
    o.config(WEB + "slow: { cmd: [sh, -c, 'trap \"\" TERM; while :; do sleep 0.1; done'], starttime: 0, stoptime: 30 }\n");
    start();
    long web = o.pid("web:0");
    long daemon = Long.parseLong(o.read("tm.pid").strip());
    Outside.Typed waits = o.inTerminal("taskmaster", "-s", "tm.sock", "stop", "slow");
    await().untilAsserted(() -> assertThat(o.row("slow:0")).contains("STOPPING"));
    assertThat(o.run("taskmasterd.sh", "restart", "--keep-programs", "-c", "tm.yaml").succeeded().out()).contains("[TaskMaster] Daemon started");
    waits.awaitScreen("the daemon is being replaced, and goes on with this");
    assertThat(waits.awaitEnd()).isEqualTo(1);
    long second = Long.parseLong(o.read("tm.pid").strip());
    assertThat(second).isNotEqualTo(daemon);
    assertThat(o.pid("web:0")).isEqualTo(web);
    assertThat(o.row("slow:0")).contains("STOPPING");

    String good = o.read("tm.yaml");
    o.write("tm.yaml", good + "nonsense: 1\n");
    Outside.Result refused = o.run("taskmasterd.sh", "restart", "--keep-programs", "-c", "tm.yaml");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.out()).contains("unknown key 'nonsense'");
    assertThat(o.taskmaster("pid").succeeded().out()).isEqualTo(second + "\n");
    o.write("tm.yaml", good);
    o.taskmaster("shutdown", "--now").succeeded();
  }
}
