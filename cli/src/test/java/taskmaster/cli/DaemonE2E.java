package taskmaster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The daemon behind its script, asked by the command line and by other clients. */
@Timeout(120)
class DaemonE2E {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;
  @SuppressWarnings("NullAway.Init")
  private Outside o;

  @BeforeEach
  void begin() throws IOException {
    o = new Outside(folder);
    o.config("web: { cmd: sleep 100000, starttime: 0 }\nmulti: { cmd: sleep 100000, numprocs: 3, starttime: 0, autostart: false }");
  }

  @AfterEach
  void stop() throws Exception {
    o.run("taskmasterd.sh", "stop", "-c", "tm.yaml").succeeded();
    assertThat(folder.resolve("tm.sock")).doesNotExist();
  }

  private int start() throws Exception {
    String said = o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded().out();
    assertThat(said).matches("(?s).*\\[TaskMaster] Daemon started \\(PID=[0-9]+\\)\n");
    return Integer.parseInt(o.read("tm.pid").strip());
  }

  private static String[] stat(int pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ");
  }

  @Test
  void start_status_and_stop() throws Exception {
    int pid = start();
    String[] stat = stat(pid);
    assertThat(stat[3]).as("a session of its own").isEqualTo(Integer.toString(pid));
    assertThat(stat[4]).as("no controlling terminal").isEqualTo("0");
    assertThat(Files.readSymbolicLink(Path.of("/proc/" + pid + "/fd/0"))).isEqualTo(Path.of("/dev/null"));
    assertThat(Files.getPosixFilePermissions(folder.resolve("tm.sock"))).hasToString("[OWNER_READ, OWNER_WRITE]");
    assertThat(o.run("taskmasterd.sh", "status", "-c", "tm.yaml").succeeded().out()).isEqualTo("[TaskMaster] Daemon is running (PID=" + pid + ")\n");
    assertThat(o.taskmaster("pid").succeeded().out()).isEqualTo(pid + "\n");
    Outside.Result again = o.run("taskmasterd.sh", "start", "-c", "tm.yaml");
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.out() + again.err()).contains("another daemon runs this file already (PID=" + pid + ")");
    assertThat(o.taskmaster("pid").out()).isEqualTo(pid + "\n");
    assertThat(o.run("taskmasterd.sh", "stop", "-c", "tm.yaml").succeeded().out()).isEqualTo("[TaskMaster] Daemon stopped\n");
    // a zombie until init gets round to it
    await().untilAsserted(() -> assertThat(Path.of("/proc/" + pid)).doesNotExist());
    assertThat(o.run("taskmasterd.sh", "status", "-c", "tm.yaml").exitCode()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"daemon --foreground", "daemon --check", "run"})
  void a_daemon_that_begins_is_not_told_its_socket_by_an_option(String command) throws Exception {
    Outside.Result refused = o.run(("taskmaster " + command + " -s other.sock -c tm.yaml").split(" "));
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).isEqualTo(
        "ERR usage: a daemon listens where its file says, not where -s does; write `daemon: { socket: " + folder.resolve("other.sock") + " }` into the file\n");
  }

  @Test
  void what_was_scaled_and_did_not_come_up_is_no_success() throws Exception {
    o.config("half: { cmd: [sh, -c, 'test ${index} = 0 && exec sleep 100000'], starttime: 1s, startretries: 0 }");
    start();
    o.awaitRow("half", "RUNNING");
    Outside.Result scaled = o.taskmaster("scale", "half", "2");
    assertThat(scaled.exitCode()).isEqualTo(1);
    assertThat(scaled.err()).startsWith("ERR scaled half to 2, but half:1 is FATAL");
    assertThat(o.taskmaster("scale", "half", "1").succeeded().out()).isEqualTo("OK scaled half to 1\n");
  }

  @Test
  void who_names_no_daemon_is_told_of_the_file_that_lies_here() throws Exception {
    Files.createSymbolicLink(folder.resolve("taskmaster.yaml"), folder.resolve("tm.yaml"));
    Outside.Result unnamed = o.run("taskmaster", "status");
    assumeTrue(unnamed.exitCode() == 4, "somebody runs a daemon on the usual socket");
    assertThat(unnamed.err()).contains("; -c taskmaster.yaml asks the one of the file that is here");
    assertThat(o.taskmaster("status").err()).contains("no daemon answers on ").doesNotContain("file that is here");
  }

  @Test
  void the_answers_and_exit_codes_of_the_client() throws Exception {
    Outside.Result none = o.taskmaster("status");
    assertThat(none.exitCode()).isEqualTo(4);
    assertThat(none.err()).contains(folder.resolve("tm.sock").toString()).contains("taskmasterd.sh start");
    start();
    assertThat(o.taskmaster("status").succeeded().out().lines().toList().get(1)).matches("web +RUNNING +1/1 +[0-9]+ .*");
    assertThat(o.taskmaster("start", "multi").succeeded().out()).isEqualTo("OK started multi\n");
    assertThat(o.taskmaster("stop", "multi:1", "web").succeeded().out()).isEqualTo("OK stopped multi:1\nOK stopped web\n");
    assertThat(o.taskmaster("stop", "web").succeeded().out()).as("idempotent").isEqualTo("OK stopped web\n");
    assertThat(o.taskmaster("status", "web").exitCode()).isEqualTo(3);
    assertThat(o.taskmaster("status", "multi:0").exitCode()).isZero();
    assertThat(o.taskmaster("restart", "web").succeeded().out()).isEqualTo("OK restarted web\n");
    Outside.Result usage = o.taskmaster("stop");
    assertThat(usage.exitCode()).isEqualTo(2);
    assertThat(usage.err()).isEqualTo("ERR usage: stop <program>\n");
    Outside.Result unknown = o.taskmaster("start", "wbe");
    assertThat(unknown.exitCode()).isEqualTo(1);
    assertThat(unknown.err()).isEqualTo("ERR no such program 'wbe' (did you mean web?)\n");
    assertThat(o.taskmaster("scale", "multi", "1").succeeded().out()).isEqualTo("OK scaled multi to 1\n");
    assertThat(o.taskmaster("signal", "CONT", "web").succeeded().out()).isEqualTo("OK sent CONT to web:0\n");
    assertThat(o.taskmaster("status", "-o", "json").succeeded().out()).startsWith("[{\"program\":\"web\",\"phase\":\"RUNNING\"");
    assertThat(o.taskmaster("status", "-o", "yaml").succeeded().out()).startsWith("- program: web\n  phase: RUNNING\n");
    assertThat(o.taskmaster("frobnicate").exitCode()).isEqualTo(2);
    assertThat(o.run("taskmaster", "--version").succeeded().out()).startsWith("taskmaster ");
  }

  @Test
  void plan_and_reload_and_hup() throws Exception {
    int daemon = start();
    String before = o.taskmaster("status", "web", "-o", "json").out();
    o.config("web: { cmd: sleep 100000, starttime: 0 }\nmulti: { cmd: sleep 100000, numprocs: 2, starttime: 0 }");
    assertThat(o.taskmaster("plan").succeeded().out()).contains("~ multi changed: numprocs 3 -> 2, autostart true".replace("autostart true", "autostart false -> true"))
        .containsPattern("multi:0 +start +wanted now");
    assertThat(o.taskmaster("status", "multi").exitCode()).isEqualTo(3);
    assertThat(o.taskmaster("reload", "--wait").succeeded().out()).startsWith("OK reloaded\n").contains("= 1 unchanged");
    assertThat(o.taskmaster("status", "multi").exitCode()).isZero();
    assertThat(o.taskmaster("status", "web", "-o", "json").out().replaceAll("uptime_seconds\":[0-9.]+|since\":\"[^\"]+", ""))
        .isEqualTo(before.replaceAll("uptime_seconds\":[0-9.]+|since\":\"[^\"]+", ""));
    o.config("web: { cmd: sleep 100000, starttime: 0, nonsense: 1 }");
    Outside.Result bad = o.taskmaster("reload");
    assertThat(bad.exitCode()).isEqualTo(1);
    assertThat(bad.out() + bad.err()).contains("tm.yaml:4:").contains("unknown key 'nonsense'");
    assertThat(o.run("taskmaster", "validate", "tm.yaml").exitCode()).isEqualTo(1);
    o.config("web: { cmd: sleep 100000, starttime: 0 }\nadded: { cmd: sleep 100000, starttime: 0 }");
    new ProcessBuilder("kill", "-HUP", Integer.toString(daemon)).start().waitFor();
    await().untilAsserted(() -> assertThat(o.taskmaster("status", "added").exitCode()).isZero());
  }

  @Test
  void programs_of_several_files_and_their_groups() throws Exception {
    Files.createDirectory(folder.resolve("conf.d"));
    o.write("conf.d/web.yaml", "programs:\n  nginx: { cmd: sleep 100000 }\n  app: { cmd: sleep 100000, numprocs: 2 }\ngroups: { web: [nginx, app] }\n");
    o.config("other: { cmd: sleep 100000 }", "include: [conf.d/*.yaml]", "defaults: { starttime: 0 }");
    assertThat(o.run("taskmaster", "validate", "tm.yaml").succeeded().out()).endsWith("tm.yaml: 3 programs, 4 instances, 1 group, with 1 other file\n");
    start();
    assertThat(o.taskmaster("stop", "group:web").succeeded().out()).isEqualTo("OK stopped group:web\n");
    assertThat(o.taskmaster("status", "group:web").exitCode()).isEqualTo(3);
    assertThat(o.taskmaster("status", "other").exitCode()).isZero();
    assertThat(o.taskmaster("start", "group:web").succeeded().out()).isEqualTo("OK started group:web\n");
    assertThat(o.taskmaster("status", "group:web").succeeded().out().lines().map(l -> l.split(" +")[0])).containsExactly("INSTANCE", "nginx:0", "app:0", "app:1");
    assertThat(o.taskmaster("signal", "CONT", "group:web").succeeded().out()).isEqualTo("OK sent CONT to nginx:0, app:0, app:1\n");
    assertThat(o.taskmaster("logs", "group:web", "-n", "1").succeeded().out()).isEmpty();
    assertThat(o.taskmaster("stop", "group:wbe").err()).isEqualTo("ERR no such group 'wbe' (did you mean web?)\n");
    assertThat(new Client(folder.resolve("tm.sock")).get("/v1/programs").body().lines()).contains("nginx", "app:1", "group:web");

    o.write("conf.d/z.yaml", "programs:\n  late: { cmd: sleep 100000 }\n  app: { cmd: sleep 1 }\n");
    String clash = "conf.d/z.yaml:3:3: the program 'app' stands in " + folder.resolve("conf.d/web.yaml") + ":3 already; a program stands in one file";
    Outside.Result refused = o.taskmaster("reload");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains(folder + "/" + clash);
    assertThat(o.run("taskmaster", "validate", "tm.yaml").err()).contains(clash);
    o.write("conf.d/z.yaml", "programs: { late: { cmd: sleep 100000 } }\n");
    assertThat(o.taskmaster("plan").succeeded().out()).contains("+ late added");
    assertThat(o.taskmaster("reload", "--wait").succeeded().out()).as("the main file is the same").contains("+ late added").contains("= 3 unchanged");
  }

  @Test
  void stale_files_of_a_daemon_that_was_killed_are_replaced() throws Exception {
    int pid = start();
    o.taskmaster("stop", "all").succeeded();
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    await().untilAsserted(() -> assertThat(Path.of("/proc/" + pid)).doesNotExist());
    assertThat(folder.resolve("tm.sock")).exists();
    assertThat(start()).isNotEqualTo(pid);
  }

  @Test
  void a_link_in_place_of_the_pid_file_is_replaced_and_not_followed() throws Exception {
    Path victim = folder.resolve("victim");
    Files.writeString(victim, "precious");
    Files.createSymbolicLink(folder.resolve("tm.pid"), victim);
    start();
    assertThat(victim).hasContent("precious");
    assertThat(folder.resolve("tm.pid")).isRegularFile();
    o.run("taskmasterd.sh", "stop", "-c", "tm.yaml");
    Files.createSymbolicLink(folder.resolve("tm.sock"), victim);
    Outside.Result refused = o.run("taskmasterd.sh", "start", "-c", "tm.yaml");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.out()).contains("something else is there that is not a socket");
    assertThat(victim).hasContent("precious");
    Files.delete(folder.resolve("tm.sock"));
  }

  @Test
  void clients_that_misbehave_disturb_nobody() throws Exception {
    start();
    List<SocketChannel> silent = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      SocketChannel c = SocketChannel.open(StandardProtocolFamily.UNIX);
      c.connect(UnixDomainSocketAddress.of(folder.resolve("tm.sock")));
      c.write(ByteBuffer.wrap("GET /v1/sta".getBytes(StandardCharsets.US_ASCII)));
      silent.add(c);
    }
    assertThat(o.taskmaster("status", "web").exitCode()).as("200 clients that say half a request and fall silent").isZero();
    for (SocketChannel c : silent) c.close();
    try (SocketChannel c = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      c.connect(UnixDomainSocketAddress.of(folder.resolve("tm.sock")));
      ByteBuffer megabyte = ByteBuffer.wrap("x".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII));
      for (int i = 0; i < 100; i++) {
        c.write(megabyte.clear());
      }
    } catch (IOException refused) {
      assertThat(refused).hasMessageMatching("(?i).*(broken pipe|reset).*");
    }
    SocketChannel dies = SocketChannel.open(StandardProtocolFamily.UNIX);
    dies.connect(UnixDomainSocketAddress.of(folder.resolve("tm.sock")));
    dies.write(ByteBuffer.wrap("POST /v1/restart?target=web&wait=true HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
    dies.close();
    assertThat(o.taskmaster("start", "web").exitCode()).isZero();
  }

  @Test
  void clients_that_leave_while_they_wait_are_let_go() throws Exception {
    int pid = start();
    for (int i = 0; i < 100; i++) {
      try (SocketChannel c = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        c.connect(UnixDomainSocketAddress.of(folder.resolve("tm.sock")));
        c.write(ByteBuffer.wrap("GET /v1/wait?target=web&for=stopped HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
      }
    }
    await().untilAsserted(() -> assertThat(sockets(pid)).isLessThan(20));
    Outside.Result waited = o.run("taskmaster", "-s", "tm.sock", "wait", "web", "--for", "stopped", "--timeout", "5s");
    assertThat(waited.exitCode()).as("one that stays is told, though it was looked after").isEqualTo(1);
    assertThat(waited.err()).contains("timed out");
  }

  @Test
  void as_many_clients_as_there_may_be_leave_room_for_one_more() throws Exception {
    start();
    String request = "GET /v1/wait?target=web&for=stopped HTTP/1.1\r\nHost: x\r\n\r\n";
    List<SocketChannel> waiting = new ArrayList<>();
    try {
      for (int i = 0; i < 1000; i++) {
        SocketChannel c = SocketChannel.open(StandardProtocolFamily.UNIX);
        waiting.add(c);
        c.connect(UnixDomainSocketAddress.of(folder.resolve("tm.sock")));
        c.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      }
      Outside.Result oneMore = o.run("taskmaster", "-s", "tm.sock", "wait", "web", "--for", "stopped", "--timeout", "5s");
      assertThat(oneMore.exitCode()).isEqualTo(1);
      assertThat(oneMore.err()).contains("requests wait already");
      assertThat(o.taskmaster("status").succeeded().out()).contains("web");
    } finally {
      for (SocketChannel c : waiting) c.close();
    }
  }

  private static long sockets(int pid) throws IOException {
    try (var all = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return all.filter(fd -> linked(fd).startsWith("socket:")).count();
    }
  }

  private static String linked(Path fd) {
    try {
      return Files.readSymbolicLink(fd).toString();
    } catch (IOException closed) {
      return "";
    }
  }

  @Test
  void a_pipe_in_place_of_the_file_holds_nothing_up() throws Exception {
    start();
    Path file = folder.resolve("tm.yaml");
    Path kept = Files.move(file, folder.resolve("kept"));
    assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
    Outside.Result reload = o.taskmaster("reload");
    assertThat(reload.exitCode()).isEqualTo(1);
    assertThat(reload.err()).contains("cannot read it: it is not a regular file");
    for (List<String> command : List.of(List.of("taskmaster", "-c", "tm.yaml", "status"), List.of("taskmasterd.sh", "start", "-c", "tm.yaml"))) {
      Outside.Result asked = o.run(command.toArray(String[]::new));
      assertThat(asked.exitCode()).as("%s", command).isEqualTo(1);
      assertThat(asked.out() + asked.err()).contains("it is not a regular file");
    }
    Files.move(kept, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThat(o.taskmaster("reload").succeeded().out()).contains("nothing changed");
  }

  @Test
  void a_broken_file_does_not_mean_another_daemon() throws Exception {
    start();
    Path file = folder.resolve("tm.yaml");
    String good = Files.readString(file);
    Files.writeString(file, good + "  oops: {\n");
    Outside.Result reload = o.run("taskmaster", "-c", "tm.yaml", "reload");
    assertThat(reload.exitCode()).as("the daemon of this file is found").isEqualTo(1);
    assertThat(reload.err()).contains("tm.yaml:", "not YAML");
    Files.writeString(folder.resolve("text.yaml"), "no mapping");
    assertThat(o.run("taskmaster", "-c", "text.yaml", "status").err()).contains("cannot tell where the daemon of this file listens", "text.yaml:1");
    Files.writeString(folder.resolve("other.yaml"), "daemon: {");
    for (String command : List.of("taskmaster", "taskmasterd.sh")) {
      Outside.Result asked = o.run(command, command.equals("taskmaster") ? "shutdown" : "stop", "-c", "other.yaml");
      assertThat(asked.exitCode()).isEqualTo(1);
      assertThat(asked.out() + asked.err()).contains("cannot tell where the daemon of this file listens", "other.yaml:", "not YAML", "-s PATH");
    }
    assertThat(o.run("taskmaster", "-c", "nowhere.yaml", "status").err()).contains("nowhere.yaml: cannot read it");
    // whatever names the folder of another file's daemon
    String its = folder.resolve("state").toString();
    o.write("good.yaml", "# state: " + its + "\ndaemon: { socket: good.sock }\nprograms: { a: { cmd: x, env: { state: " + its + " } } }\n");
    assertThat(o.run("taskmaster", "-c", "good.yaml", "shutdown").err()).contains("no daemon answers on ", "good.sock");
    o.write("bad.yaml", "# state: " + its + "\nprograms: { a: { cmd: x, env: { state: " + its + " } }\n");
    assertThat(o.run("taskmaster", "-c", "bad.yaml", "shutdown").err()).contains("cannot tell where the daemon of this file listens");
    assertThat(o.taskmaster("status").exitCode()).isZero();
    Files.writeString(file, good);
  }

  @Test
  void what_cannot_be_written_is_no_success() throws Exception {
    start();
    o.prefix = List.of("sh", "-c", "exec \"$@\" > /dev/full", "sh");
    Outside.Result full = o.taskmaster("status");
    o.prefix = List.of();
    assertThat(full.exitCode()).isEqualTo(1);
    assertThat(full.err()).isEqualTo("ERR cannot write to standard output\n");
  }

  @Test
  void logs_are_shown_and_followed() throws Exception {
    o.config("talk: { cmd: [sh, -c, 'for i in 1 2 3; do echo line $i; done; echo oops >&2; while :; do sleep 0.2; echo more; done'], starttime: 0 }");
    start();
    await().untilAsserted(() -> assertThat(o.read("logs/talk-0.stdout.log")).contains("more"));
    assertThat(o.taskmaster("logs", "talk", "-n", "100000").succeeded().out()).startsWith("line 1\nline 2\nline 3\nmore\n");
    assertThat(o.taskmaster("logs", "talk", "--stderr").succeeded().out()).isEqualTo("oops\n");
    Outside.Typed follow = o.inTerminal("taskmaster", "-s", "tm.sock", "logs", "talk", "-n", "1", "-f");
    follow.awaitScreen("more");
    follow.clear();
    follow.awaitScreen("more");
    follow.type("\u0003");
    follow.awaitEnd();
  }
}
