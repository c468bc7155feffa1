package taskmaster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** `taskmaster logs` and the API's logs, on a daemon from the outside. */
@Timeout(120)
class LogsE2E {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;
  @SuppressWarnings("NullAway.Init")
  private Outside o;

  @BeforeEach
  void begin() throws Exception {
    o = new Outside(folder);
    o.config("""
        web: { cmd: [sh, -c, 'echo hello $TASKMASTER_INSTANCE; echo oops >&2; exec sleep 100000'], numprocs: 2, starttime: 0 }
        db: { cmd: [sh, -c, 'echo ready; exec sleep 100000'], starttime: 0 }
        mute: { cmd: sleep 100000, stdout: discard, stderr: discard, starttime: 0 }
        both: { cmd: [sh, -c, 'echo out; echo err >&2; exec sleep 100000'], stderr: stdout, starttime: 0 }
        """);
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    for (String log : new String[] {"web-0.stdout", "web-1.stdout", "web-0.stderr", "web-1.stderr", "db-0.stdout"}) {
      await().untilAsserted(() -> assertThat(o.read("logs/" + log + ".log")).isNotEmpty());
    }
    await().untilAsserted(() -> assertThat(o.read("logs/both-0.stdout.log")).isEqualTo("out\nerr\n"));
  }

  @AfterEach
  void stop() throws Exception {
    o.run("taskmasterd.sh", "stop", "-c", "tm.yaml");
  }

  private void append(String log, String text) throws IOException {
    Files.writeString(folder.resolve("logs").resolve(log), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Test
  void several_programs_streams_and_filters() throws Exception {
    assertThat(o.taskmaster("logs", "web", "db").succeeded().out()).as("plain in a pipe").isEqualTo("hello web:0\nhello web:1\nready\n");
    assertThat(o.taskmaster("logs", "web:1").succeeded().out()).isEqualTo("hello web:1\n");
    Outside.Result all = o.taskmaster("logs").succeeded();
    assertThat(all.out().lines()).containsExactlyInAnyOrder("hello web:0", "hello web:1", "ready", "out", "err");
    assertThat(all.err()).isEqualTo("left out: mute:0 stdout, discarded or inherited\n");
    assertThat(o.taskmaster("logs", "web:0", "both", "--all").succeeded().out()).isEqualTo("hello web:0\noops\nout\nerr\n");
    assertThat(o.taskmaster("logs", "web", "db", "--grep", "web:1|^r").succeeded().out()).isEqualTo("hello web:1\nready\n");
    assertThat(o.taskmaster("logs", "db", "-o", "json").succeeded().out())
        .isEqualTo("{\"program\":\"db\",\"instance\":\"db:0\",\"stream\":\"stdout\",\"message\":\"ready\"}\n");
    assertThat(o.taskmaster("logs", "db", "--since", "1h").succeeded().err()).contains("carry no time");
    Outside.Typed screen = o.inTerminal("taskmaster", "-s", "tm.sock", "logs", "web", "db");
    assertThat(screen.awaitEnd()).isZero();
    screen.awaitScreen("web:0 | hello web:0\r\nweb:1 | hello web:1\r\ndb:0  | ready\r\n");
  }

  @Test
  void logs_that_were_moved_away_are_opened_again() throws Exception {
    for (String how : new String[] {"command", "signal"}) {
      Files.move(folder.resolve("logs/db-0.stdout.log"), folder.resolve("logs/moved." + how));
      if (how.equals("command")) assertThat(o.taskmaster("logs", "--reopen").succeeded().out()).isEqualTo("OK logs reopened\n");
      else assertThat(new ProcessBuilder("kill", "-USR1", o.read("tm.pid").strip()).start().waitFor()).isZero();
      await().untilAsserted(() -> assertThat(folder.resolve("logs/db-0.stdout.log")).exists());
    }
    assertThat(o.read("logs/moved.command")).isEqualTo("ready\n");
    o.taskmaster("restart", "db").succeeded();
    await().untilAsserted(() -> assertThat(o.read("logs/db-0.stdout.log")).isEqualTo("ready\n"));
  }

  @Test
  void what_is_wrong_is_said() throws Exception {
    Outside.Result unknown = o.taskmaster("logs", "wbe", "-f");
    assertThat(unknown.exitCode()).isEqualTo(1);
    assertThat(unknown.err()).isEqualTo("ERR no such program 'wbe' (did you mean web?)\n");
    Outside.Result mute = o.taskmaster("logs", "mute");
    assertThat(mute.exitCode()).isEqualTo(1);
    assertThat(mute.err()).isEqualTo("ERR mute:0 has no stdout file: it is discarded or inherited\n");
    Outside.Result regex = o.taskmaster("logs", "web", "--grep", "'a(b'".replace("'", ""));
    assertThat(regex.exitCode()).isEqualTo(2);
    assertThat(regex.err()).contains("'a(b' is not a regular expression: Unclosed group");
    assertThat(o.taskmaster("logs", "web", "--stderr", "--all").exitCode()).isEqualTo(2);
    assertThat(o.taskmaster("logs", "web", "--since", "soon").exitCode()).isEqualTo(2);
  }

  @Test
  void following_goes_on_over_a_rotation_and_without_the_daemon() throws Exception {
    Outside.Typed follow = o.inTerminal("taskmaster", "-s", "tm.sock", "logs", "web", "db", "-f");
    follow.awaitScreen("db:0  | ready");
    Path log = folder.resolve("logs/db-0.stdout.log");
    append("db-0.stdout.log", "last of the old\n");
    Files.move(log, folder.resolve("logs/db-0.stdout.log.1"));
    append("db-0.stdout.log", "first of the new\n");
    follow.awaitScreen("db:0  | last of the old\r\ndb:0  | first of the new");
    o.run("taskmasterd.sh", "stop", "-c", "tm.yaml").succeeded();
    append("web-1.stdout.log", "without a daemon\n");
    follow.awaitScreen("web:1 | without a daemon");
    follow.type("\u0003");
    assertThat(follow.awaitEnd()).isEqualTo(130);
    assertThat(follow.screen()).doesNotContain("java");
  }

  @Test
  void the_daemons_own_log() throws Exception {
    assertThat(o.taskmaster("logs", "--daemon", "-n", "1000").succeeded().out()).containsPattern("(?m)^[0-9-]{10} [0-9:]{8} INFO  .*web:0");
    assertThat(o.taskmaster("logs", "--daemon", "-n", "1", "-o", "json").succeeded().out()).startsWith("{\"@timestamp\":");
    assertThat(o.taskmaster("logs", "--daemon", "--since", "2020-01-01T00:00:00Z", "--grep", "no such words").succeeded().out()).isEmpty();
    o.run("taskmasterd.sh", "stop", "-c", "tm.yaml").succeeded();
    assertThat(o.run("taskmaster", "-c", "tm.yaml", "logs", "--daemon").succeeded().out()).contains("TaskMaster stopped");
    assertThat(o.taskmaster("logs", "--daemon").exitCode()).isEqualTo(4);
  }

  private SocketChannel ask(String path, String accept) throws IOException {
    SocketChannel c = SocketChannel.open(StandardProtocolFamily.UNIX);
    c.connect(UnixDomainSocketAddress.of(folder.resolve("tm.sock")));
    String request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nAccept: " + accept + "\r\n\r\n";
    c.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
    return c;
  }

  private static String readUntil(SocketChannel c, String text) throws IOException {
    StringBuilder all = new StringBuilder();
    ByteBuffer buffer = ByteBuffer.allocate(8192);
    while (all.indexOf(text) < 0 && c.read(buffer.clear()) >= 0) {
      all.append(StandardCharsets.UTF_8.decode(buffer.flip()));
    }
    return all.toString();
  }

  @Test
  void over_the_api() throws Exception {
    Client client = new Client(folder.resolve("tm.sock"));
    assertThat(client.get("/v1/logs?target=web&target=db:0").body()).isEqualTo("hello web:0\nhello web:1\nready\n");
    assertThat(client.get("/v1/logs/web:1?stream=all&grep=oo").body()).isEqualTo("oops\n");
    assertThat(client.get("/v1/logs/nobody").status()).isEqualTo(409);
    assertThat(client.get("/v1/logs/web?grep=%28").status()).isEqualTo(400);
    assertThat(client.get("/v1/logs/web?stream=stdin").status()).isEqualTo(400);
    Answer json = client.ask("GET", "/v1/logs/db", "application/json");
    assertThat(json.headers()).containsEntry("content-type", "application/x-ndjson");
    assertThat(json.body()).isEqualTo("{\"program\":\"db\",\"instance\":\"db:0\",\"stream\":\"stdout\",\"message\":\"ready\"}\n");
    assertThat(client.ask("GET", "/v1/logfile?target=db&stream=all", "application/json").body())
        .contains("\"instance\":\"db:0\"", "\"stream\":\"stderr\"", "\"path\":\"" + folder.resolve("logs/db-0.stderr.log"), "\"format\":\"raw\"");
    try (SocketChannel c = ask("/v1/logs/db?follow=true", "text/plain")) {
      assertThat(readUntil(c, "ready\n")).startsWith("HTTP/1.1 200");
      append("db-0.stdout.log", "more\n");
      assertThat(readUntil(c, "more\n")).contains("more\n");
    }
  }

  @Test
  void followers_that_left_or_do_not_read_disturb_nobody() throws Exception {
    for (int i = 0; i < 100; i++) {
      try (SocketChannel c = ask("/v1/logs/web?follow=true", "text/plain")) {
        readUntil(c, "hello web:1\n");
      }
    }
    Path log = folder.resolve("logs/db-0.stdout.log");
    String daemon = o.taskmaster("pid").out().strip();
    // silent logs: that a client left shows all the same
    await().untilAsserted(() -> assertThat(opened(daemon, "web-0.stdout.log")).isLessThan(3));
    append("db-0.stdout.log", "x".repeat(99).concat("\n").repeat(100_000));
    try (SocketChannel silent = ask("/v1/logs/db?n=1000000&follow=true", "text/plain")) {
      await().until(() -> opened(daemon, "db-0.stdout.log") >= 1);
      assertThat(o.taskmaster("restart", "web").succeeded().out()).isEqualTo("OK restarted web\n");
      assertThat(silent.isOpen()).isTrue();
    }
    assertThat(log).exists();
  }

  private static long opened(String pid, String name) throws IOException {
    try (var fds = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return fds.filter(fd -> {
        try {
          return Files.readSymbolicLink(fd).endsWith(name);
        } catch (IOException closed) {
          return false;
        }
      }).count();
    }
  }
}
