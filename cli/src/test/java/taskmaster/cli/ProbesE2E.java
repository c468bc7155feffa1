package taskmaster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is asked and heard goes on when the daemon dies, and a flood of it hurts nobody. */
@Timeout(120)
class ProbesE2E {
  /** Says what the files NAME.ready and NAME.beats ask it to; when nobody hears it, it goes on as real ones do. */
  private static final String PUPPET =
      """
      import os, socket, sys, time
      name = sys.argv[1]
      said = False
      def tell(text):
          try:
              socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(text.encode(), os.environ["NOTIFY_SOCKET"])
              return True
          except OSError:
              return False
      while True:
          if not said and os.path.exists(name + ".ready"):
              said = tell("READY=1")
          if os.path.exists(name + ".beats") and tell("WATCHDOG=1"):
              open(name + ".heard", "a").write(".")
          time.sleep(0.04)
      """;

  private static final AtomicInteger MARKS = new AtomicInteger();

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;
  @SuppressWarnings("NullAway.Init")
  private Outside o;

  /** A number of seconds that only processes of this test sleep. */
  private final String sleep = Long.toString(800_000_000L + ProcessHandle.current().pid() * 100 + MARKS.incrementAndGet());

  @BeforeEach
  void begin() {
    o = new Outside(folder);
  }

  @AfterEach
  void nothing_is_left_behind() throws Exception {
    o.run("taskmasterd.sh", "stop", "-c", "tm.yaml").succeeded();
    await().untilAsserted(() -> assertThat(sleepers()).isEmpty());
    assertThat(folder.resolve("state/pipes")).isEmptyDirectory();
  }

  private void start() throws Exception {
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
  }

  private List<Long> sleepers() {
    return ProcessHandle.allProcesses().filter(p -> commandLine(p.pid()).endsWith(sleep)).map(ProcessHandle::pid).toList();
  }

  private static String commandLine(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cmdline")).replace('\0', ' ').strip();
    } catch (IOException gone) {
      return "";
    }
  }

  private void touch(String name) throws IOException {
    Files.createFile(folder.resolve(name));
  }

  private long size(String name) throws IOException {
    return Files.exists(folder.resolve(name)) ? Files.size(folder.resolve(name)) : 0;
  }

  @Test
  void the_next_daemon_hears_what_programs_say_by_themselves() throws Exception {
    o.write("puppet.py", PUPPET);
    String policy = "starttime: 0, backoff: { initial: 0 }, ready: { notify: true }, health: { notify: true, timeout: 1s, failures: 1 }";
    o.config(
        "early: { cmd: [python3, puppet.py, early], " + policy + " }\n"
            + "late: { cmd: [python3, puppet.py, late], " + policy + " }\n"
            + "silent: { cmd: [python3, puppet.py, silent], " + policy + " }\n");
    for (String name : List.of("early", "silent")) {
      touch(name + ".ready");
      touch(name + ".beats");
    }
    start();
    for (String name : List.of("early", "silent")) o.awaitRow(name + ":0", "\"ready\":true,\"healthy\":true");
    assertThat(o.row("late:0")).contains("\"ready\":false");
    long early = o.pid("early:0");
    long late = o.pid("late:0");
    long silent = o.pid("silent:0");
    o.killDaemon();
    Files.delete(folder.resolve("silent.beats")); // it falls silent while nobody listens
    start();

    assertThat(o.row("early:0")).as("it said so once, to the daemon before").contains("\"ready\":true");
    assertThat(o.row("late:0")).contains("\"ready\":false");
    touch("late.ready");
    touch("late.beats");
    o.awaitRow("late:0", "\"ready\":true,\"healthy\":true");
    o.awaitAlert("process_unhealthy", "\"silent:0\"");
    await().untilAsserted(() -> assertThat(Outside.isAlive(silent)).isFalse());
    touch("silent.beats");
    o.awaitRow("silent:0", "\"ready\":true,\"healthy\":true"); // the run that replaces it is heard too
    long beats = size("late.heard");
    await().untilAsserted(() -> assertThat(size("late.heard")).as("for longer than the longest silence").isGreaterThan(beats + 30));
    assertThat(o.pid("early:0")).isEqualTo(early);
    assertThat(o.pid("late:0")).isEqualTo(late);
    assertThat(o.alerts("process_unhealthy")).noneMatch(l -> l.contains("early") || l.contains("late"));
    Files.delete(folder.resolve("late.beats"));
    o.awaitAlert("process_unhealthy", "\"late:0\"");
    await().untilAsserted(() -> assertThat(Outside.isAlive(late)).isFalse());
    assertThat(o.pid("early:0")).isEqualTo(early);
  }

  @Test
  void the_next_daemon_ends_a_command_that_the_dead_one_waited_for_and_asks_again() throws Exception {
    String forks = "sleep " + sleep + " & setsid sleep " + sleep + " & setsid env -i sleep " + sleep + " & env -i sleep " + sleep
        + " & echo $$ >> asked; wait";
    o.config(
        "web: { cmd: sleep 100000, starttime: 0, ready: { exec: [sh, -c, '" + forks + "'], timeout: 1h } }\n"
            + "orphans: { cmd: sleep 100000, starttime: 0, ready: { exec: [sh, -c, '(env -i sleep " + sleep + " &); exec sleep 100001'], timeout: 1h } }\n");
    start();
    await().untilAsserted(() -> {
      assertThat(sleepers()).hasSize(5);
      assertThat(folder.resolve("asked")).isNotEmptyFile();
    });
    List<Long> old = sleepers();
    long web = o.pid("web:0");
    long probe = Long.parseLong(o.read("asked").strip());
    o.killDaemon();
    assertThat(old).allMatch(Outside::isAlive);
    start();
    await().untilAsserted(() -> assertThat(old).noneMatch(Outside::isAlive));
    assertThat(Outside.isAlive(probe)).isFalse();
    await().untilAsserted(() -> assertThat(o.read("asked").lines()).hasSize(2));
    assertThat(o.pid("web:0")).isEqualTo(web);
    assertThat(o.row("web:0")).contains("RUNNING", "\"ready\":false");
  }

  @Test
  void floods_of_words_hold_up_nobody() throws Exception {
    o.write("floods.py",
        """
        import os, socket
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.connect(os.environ["NOTIFY_SOCKET"])
        s.send(b"READY=1")
        n = 0
        while not os.path.exists("enough"):
            for i in range(1000):
                n += 1
                s.send(b"WATCHDOG=1\\nSTATUS=%d" % n)
        open("words", "w").write(str(n))
        import time
        time.sleep(100000)
        """);
    o.write("floods.sh", "echo up; while ! [ -e enough ]; do yes 'still here, and well' | head -n 20000; n=$((n+20000)); done; echo $n > lines; while :; do echo still here; sleep 1; done\n");
    o.config(
        """
        words: { cmd: [python3, floods.py], starttime: 0, ready: { notify: true }, health: { notify: true, timeout: 30s } }
        lines:
          cmd: [sh, floods.sh]
          starttime: 0
          ready: { log: ^up$ }
          health: { log: still here, timeout: 30s }
          log: { max_bytes: 1MB, backups: 1 }
        quiet: { cmd: sleep 100000, starttime: 0, ready: { exec: "true", interval: 50ms }, health: { exec: "true", interval: 50ms } }
        """);
    start();
    for (String name : List.of("words:0", "lines:0", "quiet:0")) o.awaitRow(name, "\"ready\":true,\"healthy\":true");
    long words = o.pid("words:0");
    long lines = o.pid("lines:0");
    for (int i = 0; i < 2; i++) {
      long quiet = o.pid("quiet:0");
      Outside.kill(quiet);
      await().untilAsserted(() -> assertThat(o.row("quiet:0")).contains("\"pid\":", "\"ready\":true").doesNotContain("\"pid\":" + quiet + ","));
      o.taskmaster("restart", "quiet").succeeded();
    }
    assertThat(o.row("words:0")).containsPattern("\"reason\":\"[0-9]+\"");
    touch("enough");
    await().untilAsserted(() -> {
      assertThat(folder.resolve("words")).isNotEmptyFile();
      assertThat(folder.resolve("lines")).isNotEmptyFile();
    });
    assertThat(Long.parseLong(o.read("words").strip())).as("words said, as fast as they are heard").isGreaterThan(500);
    assertThat(Long.parseLong(o.read("lines").strip())).as("lines written").isGreaterThan(10_000);
    assertThat(o.pid("words:0")).isEqualTo(words);
    assertThat(o.pid("lines:0")).isEqualTo(lines);
    assertThat(o.alerts("process_ready").stream().filter(l -> l.contains("words") || l.contains("lines"))).hasSize(2);
    assertThat(o.read("logs/alerts.log")).doesNotContain("process_unhealthy", "invariant_violated");
    assertThat(o.read("logs/daemon.log").lines()).hasSizeLessThan(300);
    assertThat(size("state/runs")).isLessThan(2 << 20);
    assertThat(peakMemory()).as("KiB at most").isLessThan(200 << 10);
  }

  private long peakMemory() throws IOException {
    Matcher peak = Pattern.compile("VmHWM:\\s+([0-9]+) kB").matcher(Files.readString(Path.of("/proc/" + o.daemonPid() + "/status")));
    assertThat(peak.find()).isTrue();
    return Long.parseLong(peak.group(1));
  }
}
