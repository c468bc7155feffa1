import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The webhook's other end: takes alerts, checks their order, and is down or unwell at times. */
final class Receiver {
  /** How it treats a request. */
  enum Mood { WELL, REFUSING, SLOW }

  private final Report report;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<Long, Integer> received = new HashMap<>();
  private final int port;
  private HttpServer server;
  private volatile Mood mood = Mood.WELL;
  private long last;
  private long highest;
  private long repeats;

  Receiver(Report report) throws IOException {
    this.report = report;
    // else each answer waits for the client's delayed acknowledgement
    System.setProperty("sun.net.httpserver.nodelay", "true");
    this.server = listen(0);
    this.port = server.getAddress().getPort();
  }

  int port() {
    return port;
  }

  private HttpServer listen(int on) throws IOException {
    HttpServer next = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), on), 0);
    next.setExecutor(threads);
    next.createContext("/", this::handle);
    next.start();
    return next;
  }

  void mood(Mood next) {
    mood = next;
  }

  synchronized void down() {
    server.stop(0);
  }

  synchronized void up() throws IOException {
    server = listen(port);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String line = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      Mood now = mood;
      if (now == Mood.SLOW) sleep(2500);
      if (now == Mood.WELL) take(line);
      exchange.sendResponseHeaders(now == Mood.WELL ? 200 : 503, -1);
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void take(String line) {
    OptionalLong found = AlertLog.seq(line);
    if (found.isEmpty()) {
      report.breach("the webhook got what is no alert: " + line);
      return;
    }
    long seq = found.getAsLong();
    if (seq > highest + 1) report.breach("the webhook got alert " + seq + " after " + highest + ": a gap");
    if (seq <= highest) repeats++;
    // a repeat goes back to what a dead daemon could not note as delivered, and on from there
    boolean inOrder = seq <= last + 1;
    report.check(inOrder || seq > highest, "the webhook got alert " + seq + " after " + last + ": out of order");
    Integer before = received.put(seq, line.hashCode());
    boolean same = before == null || before == line.hashCode();
    report.check(same, "the webhook got two alerts " + seq + " that differ");
    highest = Math.max(highest, seq);
    last = seq;
  }

  synchronized long highest() {
    return highest;
  }

  synchronized long repeats() {
    return repeats;
  }

  /** Whether it got exactly this line under that number. */
  synchronized boolean has(long seq, String line) {
    return Integer.valueOf(line.hashCode()).equals(received.get(seq));
  }
}
