package taskmaster.controller.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Alerts on their way to a real receiver that is down, refuses, stalls, and comes back. */
@Timeout(60)
class WebhookIT {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  @SuppressWarnings("NullAway.Init")
  private AlertAppender appender;

  private final List<String> received = new CopyOnWriteArrayList<>();
  private @Nullable HttpServer server;
  private @Nullable Webhook webhook;
  private volatile IntUnaryOperator answer = n -> 200;
  private int port;
  private volatile @Nullable String authorization;

  @BeforeEach
  void begin() throws IOException {
    Logs.begin();
    appender = new AlertAppender(folder.resolve("alerts.log"), 2_000, this::delivered);
    Logs.alertsTo(appender);
    listen(0);
  }

  private long delivered() {
    return webhook == null ? Long.MAX_VALUE : webhook.delivered();
  }

  private void listen(int on) throws IOException {
    HttpServer s = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), on), 10);
    s.createContext("/webhook", this::receive);
    s.start();
    port = s.getAddress().getPort();
    server = s;
  }

  private void receive(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    int status = answer.applyAsInt(received.size());
    authorization = exchange.getRequestHeaders().getFirst("Authorization");
    if (status < 400) received.add(body);
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  private void stopListening() {
    if (server != null) server.stop(0);
    server = null;
  }

  @AfterEach
  void end() {
    if (webhook != null) webhook.close();
    stopListening();
    Logs.end();
  }

  private Webhook connect() throws IOException {
    Webhook w = new Webhook("http://127.0.0.1:" + port + "/webhook", Duration.ofMillis(500), folder.resolve("position"), folder.resolve("earlier"), appender);
    webhook = w;
    w.start();
    return w;
  }

  @Test
  void a_user_and_password_of_the_url_are_sent_and_not_shown() throws IOException {
    Webhook w = new Webhook("http://alerts:s%3Acret@127.0.0.1:" + port + "/webhook", Duration.ofMillis(500), folder.resolve("position"), folder.resolve("earlier"), appender);
    webhook = w;
    w.start();
    alert(1);
    awaitNumbers(1, 1);
    assertThat(authorization).isEqualTo("Basic " + java.util.Base64.getEncoder().encodeToString("alerts:s:cret".getBytes(StandardCharsets.UTF_8)));
    assertThat(w.status().url()).isEqualTo("http://***@127.0.0.1:" + port + "/webhook");
  }

  private void alert(int n) {
    LoggerFactory.getLogger(Logs.ALERTS).info("test", new Alert(Instant.now(), "test", Map.of("n", n)));
  }

  private List<Integer> numbers() {
    return received.stream().map(l -> Integer.parseInt(l.replaceAll(".*\"n\":([0-9]+).*", "$1"))).toList();
  }

  private void awaitNumbers(int from, int to) {
    await().untilAsserted(() -> assertThat(numbers()).isEqualTo(IntStream.rangeClosed(from, to).boxed().toList()));
  }

  @Test
  void newly_configured_it_begins_at_the_end_and_sends_in_order_over_rotations() throws IOException {
    alert(1);
    alert(2);
    connect();
    for (int i = 3; i <= 60; i++) alert(i);
    awaitNumbers(3, 60);
    assertThat(received.getFirst()).contains("\"event\":\"test\"").endsWith("\"seq\":3}");
    assertThat(folder.resolve("alerts.log.1")).exists();
  }

  @Test
  void where_its_place_was_lost_it_sends_all_that_is_there() throws IOException {
    for (int i = 1; i <= 5; i++) alert(i);
    Files.writeString(folder.resolve("position"), "");
    connect();
    awaitNumbers(1, 5);
    await().untilAsserted(() -> assertThat(folder.resolve("position")).hasContent("5"));
  }

  @Test
  void a_receiver_that_refuses_for_now_gets_everything_later_and_one_that_refuses_for_good_is_passed_over() throws IOException {
    answer = n -> 503;
    Webhook w = connect();
    alert(1);
    alert(2);
    await().untilAsserted(() -> assertThat(w.status().lastError()).isEqualTo("status 503"));
    answer = n -> 200;
    awaitNumbers(1, 2);
    answer = n -> 404;
    alert(3);
    await().untilAsserted(() -> assertThat(w.status().passedOver()).isEqualTo(1));
    answer = n -> 200;
    alert(4);
    await().untilAsserted(() -> assertThat(numbers()).containsExactly(1, 2, 4));
  }

  @Test
  void what_a_receiver_missed_while_it_was_down_comes_after_a_restart_of_the_daemon_too() throws IOException {
    Webhook first = connect();
    alert(1);
    awaitNumbers(1, 1);
    stopListening();
    alert(2);
    await().untilAsserted(() -> assertThat(first.status().state()).isNotEqualTo("ok"));
    first.drain(Duration.ofMillis(200));
    for (int i = 3; i <= 40; i++) alert(i);
    listen(port);
    connect();
    awaitNumbers(1, 40);
  }

  @Test
  void no_file_with_unsent_alerts_is_deleted() throws IOException {
    stopListening();
    connect();
    for (int i = 1; i <= 200; i++) alert(i);
    long files;
    try (var all = Files.list(folder)) {
      files = all.filter(p -> p.getFileName().toString().startsWith("alerts.log.")).count();
    }
    assertThat(files).isGreaterThan(AlertAppender.BACKUPS);
    listen(port);
    awaitNumbers(1, 200);
    alert(201);
    awaitNumbers(1, 201);
  }
}
