package taskmaster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What comes to those who are to hear of it, and what may not. */
@Timeout(120)
class AlertsE2E {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  private static int freePort() throws IOException {
    try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return any.getLocalPort();
    }
  }

  private static void removeAll(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
    }
  }

  /** The state folder is a temporary one as a rule, the alerts are not. */
  @Test
  void what_the_receiver_missed_comes_after_a_restart_of_the_machine() throws Exception {
    Outside o = new Outside(folder);
    int port = freePort();
    o.config("web: { cmd: sleep 100000, starttime: 0 }", "alerts: { webhook: { url: 'http://127.0.0.1:" + port + "/in' } }");
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    o.awaitAlert("process_started", "web:0");
    o.run("taskmasterd.sh", "stop", "-c", "tm.yaml").succeeded();
    removeAll(folder.resolve("state"));

    List<String> received = new CopyOnWriteArrayList<>();
    HttpServer receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 10);
    receiver.createContext("/in", exchange -> {
      received.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      exchange.sendResponseHeaders(200, -1);
      exchange.close();
    });
    receiver.start();
    try {
      o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
      await().untilAsserted(() ->
          assertThat(received).filteredOn(line -> line.contains("\"event\":\"process_started\"")).as("of both lives").hasSize(2));
      assertThat(received.getFirst()).contains("\"seq\":1}");
    } finally {
      o.run("taskmasterd.sh", "stop", "-c", "tm.yaml");
      receiver.stop(0);
    }
  }

  @Test
  void what_stands_in_a_rejected_line_is_for_who_asked_alone() throws Exception {
    Outside o = new Outside(folder);
    o.config("web: { cmd: sleep 100000, starttime: 0 }");
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    try {
      o.config("web: { cmd: sleep 100000, starttime: 0, env: { DB_PASSWORD: hunter2, WORKERS: [1] } }");
      Outside.Result refused = o.taskmaster("reload");
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.err()).contains("hunter2").contains("tm.yaml:4:");
      assertThat(refused.out()).isEmpty();
      o.awaitAlert("config_rejected", "tm.yaml:4:");
      await().untilAsserted(() -> assertThat(o.read("logs/daemon.log")).contains("tm.yaml:4:"));
      o.config("web: { cmd: sleep 100000, starttime: 0 }", "alerts: { webhook: { url: 'https://ops:hunter2^@127.0.0.1/' } }");
      assertThat(o.taskmaster("reload").err()).contains("'https://ops:hunter2^@127.0.0.1/' is not a URL");
      o.awaitAlert("config_rejected", "'https://***@127.0.0.1/' is not a URL");
      assertThat(o.read("logs/alerts.log") + o.read("logs/daemon.log")).doesNotContain("hunter2");
    } finally {
      o.run("taskmasterd.sh", "stop", "-c", "tm.yaml");
    }
  }

  @Test
  void the_status_shows_no_secret_of_a_stop_command() throws Exception {
    Outside o = new Outside(folder);
    o.config("db: { cmd: sleep 100000, starttime: 0, env: { DB_PASSWORD: hunter2 }, stop: [{ exec: 'sleep 100001 -phunter2', wait: 100s }] }");
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    o.awaitRow("db", "RUNNING");
    o.taskmaster("stop", "--no-wait", "db").succeeded();
    o.awaitRow("db", "STOPPING");
    assertThat(o.row("db")).contains("-p***").doesNotContain("hunter2");
    o.taskmaster("shutdown", "--now").succeeded();
  }
}
