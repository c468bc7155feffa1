package taskmaster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** All that a file may ask for, of a daemon that is nobody's and may do nothing special. */
@Timeout(180)
class OrdinaryUserE2E {
  private static final String NOBODY = "65534";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  @SuppressWarnings("NullAway.Init")
  private Outside o;

  @BeforeEach
  void become_nobody() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root can become somebody else");
    o = new Outside(Files.createDirectory(folder.resolve("home")));
    Path dist = Outside.HOME.resolve("dist");
    Path made = dist.resolve(Files.readString(dist.resolve(".made")).strip());
    Path copy = folder.resolve("package"); // the tree it was built in may be closed to others
    assertThat(new ProcessBuilder("cp", "-a", made.toString(), copy.toString()).start().waitFor()).isZero();
    for (Path open : List.of(folder, o.folder)) Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    o.scripts = copy.resolve("bin");
    o.prefix = List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "--inh-caps=-all");
    o.environment.putAll(Map.of("HOME", o.folder.toString(), "USER", "nobody", "XDG_RUNTIME_DIR", o.folder.toString()));
  }

  @AfterEach
  void stop() throws Exception {
    if (!Files.exists(folder.resolve("package"))) return; // it did not come to that
    o.run("taskmasterd.sh", "stop", "-c", "tm.yaml").succeeded();
    assertThat(o.folder.resolve("state/runs")).doesNotExist();
  }

  @Test
  void who_may_not_ask_is_not_told_that_nobody_is_there() throws Exception {
    o.config("web: { cmd: sleep 100000, starttime: 0 }");
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    List<String> own = o.prefix;
    o.prefix = List.of("setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", "--inh-caps=-all");
    try {
      for (String asked : List.of("stop", "status")) {
        Outside.Result refused = o.run("taskmasterd.sh", asked, "-c", "tm.yaml");
        assertThat(refused.exitCode()).as(asked).isEqualTo(1);
        assertThat(refused.out() + refused.err()).as(asked).contains("permission denied; ask as the user that runs it").doesNotContain("not running");
      }
    } finally {
      o.prefix = own;
    }
  }

  /** Where it may not look at others' processes, they are none of its own. */
  @Test
  void it_needs_to_see_none_but_its_own_processes() throws Exception {
    List<String> hidden = new java.util.ArrayList<>(List.of("unshare", "--mount", "sh", "-c", "mount -t proc -o hidepid=1 proc /proc && exec \"$@\"", "sh"));
    hidden.addAll(o.prefix);
    assumeTrue(new ProcessBuilder("unshare", "--mount", "mount", "-t", "proc", "-o", "hidepid=1", "proc", "/proc").start().waitFor() == 0);
    o.prefix = hidden;
    o.config("web: { cmd: [sh, -c, 'sleep 100000 & wait'], starttime: 0 }");
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    o.taskmaster("restart", "web").succeeded();
    long pid = o.pid("web:0");
    o.killDaemon();
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    assertThat(o.pid("web:0")).isEqualTo(pid);
  }

  @Test
  void it_gets_all_that_needs_no_privilege() throws Exception {
    Files.createDirectory(o.folder.resolve("conf.d"));
    o.write("web.env", "NAME=world\n");
    o.write("web.sh", "trap 'echo read again' HUP; echo \"$GREETING\"; : > up.$TASKMASTER_INSTANCE; while :; do sleep 0.05; done\n");
    o.write("conf.d/jobs.yaml", "programs: { migrate: { type: job, cmd: [sh, -c, 'echo migrated'], depends_on: { db: ready } } }\n");
    o.config(
        """
        db: { cmd: [sh, -c, 'echo accepting; exec sleep 100000'], ready: { log: accepting } }
        web:
          cmd: sh web.sh
          numprocs: 2
          rolling: true
          depends_on: { db: ready, migrate: completed }
          ready: { exec: [sh, -c, 'test -e up.$TASKMASTER_INSTANCE'], interval: 100ms }
          health: { exec: [sh, -c, 'test "$GREETING" = "hello world"'], interval: 100ms }
          reload_signal: HUP
          env_file: web.env
          env: { GREETING: "hello ${NAME}" }
          limits: { nofile: "32:64", core: 0 }
          nice: 5
          oom_score_adj: 300
          umask: "077"
        stubborn:
          cmd: [sh, -c, "trap '' TERM; while :; do sleep 0.05; done"]
          stop: [ { exec: [sh, -c, 'echo $TASKMASTER_PID > told; exit 1'], wait: 60s }, { signal: TERM, wait: 50ms }, { signal: KILL } ]
        """,
        "include: conf.d/*.yaml", "defaults: { starttime: 100ms }", "groups: { front: [web] }");
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    assertThat(o.taskmaster("wait", "all", "--timeout", "30s").succeeded().out()).isEqualTo("OK all is ready\n");

    Path proc = Path.of("/proc/" + o.pid("web:1"));
    assertThat(Files.readString(proc.resolve("status"))).containsPattern("Uid:(\\s65534){4}\n").contains("CapEff:\t0000000000000000");
    assertThat(Files.readString(proc.resolve("limits"))).containsPattern("Max open files +32 +64 ").containsPattern("Max core file size +0 +0 ");
    assertThat(Files.readString(proc.resolve("oom_score_adj"))).isEqualTo("300\n");
    assertThat(Files.readString(proc.resolve("stat")).split(" ")[18]).as("nice").isEqualTo("5");
    assertThat(o.taskmaster("env", "web:1").succeeded().out()).contains("GREETING='hello world'");

    o.taskmaster("reload-program", "group:front").succeeded();
    await().untilAsserted(() -> assertThat(o.read("logs/web-1.stdout.log")).isEqualTo("hello world\nread again\n"));
    long db = o.pid("db:0");
    o.taskmaster("restart", "group:front").succeeded();
    o.killDaemon();
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    assertThat(o.pid("db:0")).as("it is taken over").isEqualTo(db);
    o.taskmaster("stop", "stubborn").succeeded();
    o.awaitAlert("process_stopped", "\"stubborn:0\"");
    assertThat(o.read("told")).isEqualTo(stubbornPid() + "\n");
    assertThat(o.taskmaster("stop", "db", "--with-dependents").succeeded().out()).contains("OK stopped web");
    stop();
    assertThat(Outside.isAlive(db)).isFalse();
  }

  private String stubbornPid() throws Exception {
    String stopped = o.alerts("process_stopped").stream().filter(l -> l.contains("\"stubborn:0\"")).findFirst().orElseThrow();
    return stopped.replaceAll(".*\"pid\":([0-9]+).*", "$1").strip();
  }

  private boolean hasThread(long pid, String name) throws IOException {
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
      for (Path thread : threads.toList()) if (Files.readString(thread.resolve("comm")).strip().equals(name)) return true;
      return false;
    }
  }

  /** As where a program forks until pids.max: what it needs threads for, it has by then, or comes back to. */
  @Test
  void it_lives_through_a_time_without_threads() throws Exception {
    o.config("web: { cmd: sleep 100000, starttime: 0, startretries: 1000 }\nasked: { cmd: sleep 100000, ready: { tcp: 1, interval: 50ms }, starttime: 0 }\n");
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    long daemon = o.daemonPid();
    await().until(() -> hasThread(daemon, "MasterPoller"));
    long web = o.pid("web:0");
    o.run("/usr/bin/prlimit", "--pid", "" + daemon, "--nproc=1:").succeeded();
    o.run("/bin/kill", "-9", "" + web).succeeded();
    await().untilAsserted(() -> assertThat(o.row("web:0")).contains("cannot start: ").contains("Resource temporarily unavailable"));
    assertThat(o.taskmaster("info").succeeded().out()).contains("pid       " + daemon);
    o.run("/usr/bin/prlimit", "--pid", "" + daemon, "--nproc=50000:").succeeded();
    o.taskmaster("restart", "web").succeeded();
    stop();
    assertThat(Outside.isAlive(daemon)).isFalse();
  }

  @Test
  void what_needs_a_privilege_is_refused_and_says_so() throws Exception {
    o.config("web: { cmd: sleep 100000, user: root }\n");
    Outside.Result validate = o.run("taskmaster", "validate", "tm.yaml");
    assertThat(validate.exitCode()).isEqualTo(1);
    assertThat(validate.err()).contains("tm.yaml:4:").contains("user").contains("root");
    o.config(
        """
        hasty: { cmd: sleep 100000, nice: -5, startretries: 0 }
        greedy: { cmd: sleep 100000, limits: { nofile: 1:100000000 }, startretries: 0 }
        immortal: { cmd: sleep 100000, oom_score_adj: -500, startretries: 0 }
        plain: { cmd: sleep 100000, starttime: 0 }
        """);
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    for (String refused : List.of("hasty", "greedy", "immortal")) {
      await().untilAsserted(() -> assertThat(o.row(refused + ":0")).contains("FATAL").contains("cannot start: "));
    }
    o.awaitRow("plain:0", "RUNNING");
    stop();
  }

  @Test
  void a_vital_program_ends_it_too() throws Exception {
    o.config("web: { cmd: [sh, -c, 'exit 3'], starttime: 0, on_exit: shutdown }\nside: { cmd: sleep 100000, starttime: 0 }\n");
    Process daemon = o.process("taskmaster", "daemon", "--foreground", "-c", "tm.yaml").redirectErrorStream(true).redirectOutput(folder.resolve("said").toFile()).start();
    assertThat(daemon.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(daemon.exitValue()).as("%s", Files.readString(folder.resolve("said"))).isEqualTo(5);
    assertThat(o.alerts("process_stopped")).singleElement().asString().contains("\"side:0\"");
  }
}
