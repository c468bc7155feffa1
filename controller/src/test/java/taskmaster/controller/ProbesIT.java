package taskmaster.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import taskmaster.api.Command;
import taskmaster.api.InstanceStatus;
import taskmaster.api.Target;
import taskmaster.controller.core.Goal;
import taskmaster.controller.core.Statuses;

/** A whole daemon that asks real children how they are. */
@Timeout(60)
class ProbesIT {
  /** Sends its words to NOTIFY_SOCKET. */
  private static final String TELL =
      """
      import os, socket, sys, time
      def tell(text):
          socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(text.encode(), os.environ["NOTIFY_SOCKET"])
      """;

  private static final AtomicInteger MARKS = new AtomicInteger();

  @TempDir Path folder;
  private @Nullable Daemon daemon;

  /** A number of seconds that only processes of this test sleep. */
  private final String sleep = Long.toString(700_000_000L + ProcessHandle.current().pid() * 100 + MARKS.incrementAndGet());

  private void start(String programs) throws Exception {
    String head = "daemon: { socket: tm.sock, pidfile: tm.pid, state: state, logfile: logs/daemon.log, loglevel: debug }\nprograms:\n";
    Files.writeString(folder.resolve("tm.yaml"), head + programs.indent(2));
    daemon = Daemon.start(folder.resolve("tm.yaml"), Daemon.silent());
  }

  private Daemon daemon() {
    return Objects.requireNonNull(daemon);
  }

  @AfterEach
  void nothing_is_left_behind() throws Exception {
    if (daemon == null) return;
    daemon().shutdown("end of test", Command.Shutdown.How.GRACEFULLY);
    daemon().awaitEnd();
    await().untilAsserted(() -> assertThat(sleepers()).isEmpty());
    try (var pipes = Files.list(folder.resolve("state/pipes"))) {
      assertThat(pipes.toList()).isEmpty();
    }
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

  private InstanceStatus web() {
    return new Statuses(daemon().control().snapshot(), daemon().control().now(), Instant.now(), id -> 0).instance(World.id("web:0")).orElseThrow();
  }

  private void awaitReady() {
    await().pollInterval(Duration.ofMillis(10)).untilAsserted(() -> assertThat(web().ready()).isTrue());
  }

  private void awaitReason(String text) {
    await().pollInterval(Duration.ofMillis(10)).untilAsserted(() -> assertThat(web().reason()).contains(text));
  }

  private void stop() throws InterruptedException, IOException {
    daemon().control().command(new Command.Stop(List.of(Target.parse("web"))));
    assertThat(daemon().control().await(new Goal.Stopped(List.of(World.id("web:0"))), Duration.ofSeconds(20), () -> true)).isEqualTo(new Goal.Reached());
  }

  private Path script(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void a_command_that_ends_with_0_makes_it_ready() throws Exception {
    start("web: { cmd: sleep " + sleep + ", starttime: 0, env: { SEEN: seen }, ready: { exec: [sh, -c, 'test $SEEN = seen && test -e here'], interval: 20ms } }");
    awaitReason("exit code 1");
    assertThat(web().ready()).isFalse();
    Files.createFile(folder.resolve("here"));
    awaitReady();
  }

  @Test
  void a_command_that_cannot_be_started_says_so() throws Exception {
    start("web: { cmd: sleep " + sleep + ", starttime: 0, ready: { exec: ./missing, interval: 20ms } }");
    awaitReason("missing: No such file or directory");
  }

  @Test
  void a_command_that_hangs_is_given_up_with_all_that_it_forked() throws Exception {
    start("web: { cmd: cat /dev/zero, stdout: discard, starttime: 0, ready: { exec: [sh, -c, 'sleep " + sleep + " & setsid sleep " + sleep
        + " & touch asked; wait'], interval: 1h, timeout: 300ms } }");
    await().untilAsserted(() -> assertThat(folder.resolve("asked")).exists());
    awaitReason("no answer within");
    await().untilAsserted(() -> assertThat(sleepers()).isEmpty());
  }

  @Test
  void a_command_that_forks_and_floods_leaves_nothing() throws Exception {
    start("web: { cmd: sleep 100000, starttime: 0, ready: { exec: [sh, -c, 'sleep " + sleep + " & head -c 20000000 /dev/zero'], interval: 20ms, successes: 3 } }");
    awaitReady();
    await().untilAsserted(() -> assertThat(sleepers()).isEmpty());
    try (var logs = Files.list(folder.resolve("logs"))) {
      assertThat(logs.filter(f -> f.getFileName().toString().startsWith("web")).mapToLong(f -> f.toFile().length()).sum()).isZero();
    }
  }

  @Test
  void a_command_under_way_ends_with_its_run_and_does_not_hold_it_up() throws Exception {
    start("web: { cmd: sleep 100000, starttime: 0, stoptime: 1h, ready: { exec: sleep " + sleep + ", timeout: 1h } }");
    await().untilAsserted(() -> assertThat(sleepers()).isNotEmpty());
    stop();
    await().untilAsserted(() -> assertThat(sleepers()).isEmpty());
  }

  @Test
  void a_command_under_way_ends_when_its_run_exits() throws Exception {
    start("web: { cmd: [sh, -c, 'while ! test -e over; do sleep 0.02; done'], autorestart: never, starttime: 0, ready: { exec: sleep " + sleep + ", timeout: 1h } }");
    await().untilAsserted(() -> assertThat(sleepers()).isNotEmpty());
    Files.createFile(folder.resolve("over"));
    await().untilAsserted(() -> {
      assertThat(web().pid()).isNull();
      assertThat(sleepers()).isEmpty();
    });
  }

  @Test
  void a_status_that_is_good_makes_it_ready() throws Exception {
    AtomicInteger status = new AtomicInteger(503);
    AtomicInteger asked = new AtomicInteger();
    Set<String> hosts = java.util.concurrent.ConcurrentHashMap.newKeySet();
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> {
      asked.incrementAndGet();
      hosts.add(exchange.getRequestHeaders().getFirst("Host") + " " + exchange.getRequestHeaders().getFirst("Connection"));
      exchange.sendResponseHeaders(status.get(), 0);
      try (var body = exchange.getResponseBody()) {
        for (int i = 0; i < 100_000; i++) body.write(new byte[8192]); // 800 MB, should anybody want them
      } catch (IOException refused) {
        // what is not wanted is not taken
      }
    });
    server.setExecutor(Runnable::run);
    server.start();
    try {
      start("web: { cmd: sleep 100000, starttime: 0, ready: { http: { url: 'http://127.0.0.1:" + server.getAddress().getPort()
          + "/x', headers: { Host: shop.example } }, interval: 50ms } }");
      awaitReason("status 503");
      status.set(200);
      awaitReady();
      assertThat(hosts).containsExactly("shop.example close");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void what_refuses_connections_is_not_ready() throws Exception {
    start("web: { cmd: sleep 100000, starttime: 0, ready: { http: { port: " + freePort() + " }, interval: 50ms } }");
    awaitReason("connection refused");
    assertThat(web().ready()).isFalse();
  }

  @Test
  void an_accepted_connection_makes_it_ready() throws Exception {
    int port = freePort();
    start("web: { cmd: sleep 100000, starttime: 0, ready: { tcp: '" + port + "', interval: 50ms } }");
    awaitReason("connection refused");
    try (ServerSocket listening = new ServerSocket(port, 10, InetAddress.getLoopbackAddress())) {
      awaitReady();
      assertThat(listening.isClosed()).isFalse();
    }
  }

  @Test
  void a_line_of_its_output_makes_it_ready() throws Exception {
    start("web: { cmd: [sh, -c, 'echo up; sleep 0.2; echo now serving on 80 >&2; exec sleep 100000'], starttime: 0, stdout: discard, ready: { log: 'serving on \\d+$' } }");
    awaitReady();
  }

  @Test
  void a_pattern_without_end_and_a_flood_hold_up_nobody() throws Exception {
    String line = "a".repeat(3000);
    Path lines = script("lines", (line + "!\n").repeat(50) + "ready\n");
    start("web: { cmd: [sh, -c, 'cat " + lines + "; exec sleep 100000'], starttime: 0, ready: { log: '^(a+)+$|^ready$' } }\n");
    awaitReady();
  }

  @Test
  void silence_is_unhealthy_and_replaced() throws Exception {
    start("web: { cmd: [sh, -c, 'for i in 1 2 3 4 5; do echo alive; sleep 0.1; done; exec sleep 100000'], starttime: 0, stoptime: 1s,"
        + " health: { log: alive, timeout: 400ms, failures: 1 } }");
    await().untilAsserted(() -> assertThat(web().healthy()).isTrue());
    await().untilAsserted(() -> assertThat(web().restarts()).isPositive());
  }

  @Test
  void the_unhealthy_is_replaced() throws Exception {
    Files.createFile(folder.resolve("well"));
    start("web: { cmd: sleep " + sleep + ", starttime: 0, health: { exec: test -e well, interval: 20ms, failures: 2 } }");
    await().untilAsserted(() -> assertThat(web().healthy()).isTrue());
    Files.delete(folder.resolve("well"));
    await().untilAsserted(() -> assertThat(web().restarts()).isPositive());
    assertThat(Files.readString(folder.resolve("logs/alerts.log"))).contains("unhealthy");
  }

  @Test
  void the_unhealthy_is_only_told_of_where_the_file_says_so() throws Exception {
    start("web: { cmd: sleep " + sleep + ", starttime: 0, health: { exec: \"sh -c 'echo >> asked; exit 1'\", interval: 20ms, failures: 2, action: alert } }");
    await().untilAsserted(() -> assertThat(web().healthy()).isFalse());
    int pid = Objects.requireNonNull(web().pid());
    awaitReason("exit code 1");
    await().untilAsserted(() -> assertThat(Files.readAllLines(folder.resolve("asked"))).hasSizeGreaterThan(6)); // and nothing came of it
    assertThat(web().pid()).isEqualTo(pid);
    assertThat(Files.readString(folder.resolve("logs/alerts.log"))).contains("unhealthy");
  }

  @Test
  void it_says_by_itself_that_it_is_ready_and_what_it_does() throws Exception {
    Path program = script("n.py", TELL + "time.sleep(0.2)\ntell('STATUS=loading')\ntime.sleep(0.3)\ntell('READY=1\\nSTATUS=serving 5')\ntime.sleep(100000)\n");
    start("web: { cmd: [python3, " + program + "], starttime: 0, ready: { notify: true } }");
    awaitReason("loading");
    assertThat(web().ready()).isFalse();
    awaitReady();
    awaitReason("serving 5");
    stop();
    try (var pipes = Files.list(folder.resolve("state/pipes"))) {
      assertThat(pipes.map(p -> p.getFileName().toString()).filter(n -> n.endsWith(".notify")).collect(Collectors.toSet())).isEmpty();
    }
  }

  @Test
  void a_watchdog_that_falls_silent_is_replaced() throws Exception {
    Path program = script("w.py", TELL + "tell('READY=1')\nassert os.environ['WATCHDOG_USEC'] == '500000'\nfor i in range(12):\n    tell('WATCHDOG=1')\n    time.sleep(0.1)\ntime.sleep(100000)\n");
    start("web: { cmd: [python3, " + program + "], starttime: 0, ready: { notify: true }, health: { notify: true, timeout: 500ms, failures: 1 } }");
    await().untilAsserted(() -> assertThat(web().healthy()).isTrue());
    await().untilAsserted(() -> assertThat(web().restarts()).isPositive());
  }

  @Test
  void a_path_too_long_for_a_socket_refuses_the_start() throws Exception {
    String name = "w".repeat(100);
    start("web: { cmd: sleep 100000 }\n" + name + ": { cmd: sleep 100000, startretries: 0, ready: { notify: true } }");
    await().untilAsserted(() -> {
      InstanceStatus status =
          new Statuses(daemon().control().snapshot(), daemon().control().now(), Instant.now(), id -> 0).instance(World.id(name + ":0")).orElseThrow();
      assertThat(status.reason()).contains("107 are allowed");
    });
  }
}
