package taskmaster.controller.alerts;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import taskmaster.controller.urls.UrlCredentials;

/**
 * Sends the alert file's lines to a URL, each once it is on disk, in order, at least once: where it stands is on disk
 * too. Supervision never waits for it.
 */
public final class Webhook implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Webhook.class);

  private final URI url;

  /** The URL as it may be told. */
  private final String receiver;

  private final Duration timeout;
  private final Path positionFile;
  private final AlertAppender appender;
  private final CircuitBreaker breaker;
  private final Retry retry;
  private final Thread thread;
  private @Nullable HttpClient client;
  private volatile long position;
  private volatile boolean draining;
  private volatile @Nullable String lastError;
  private volatile long passedOver;
  private @Nullable String readTrouble;

  /** @param lastError why the latest attempt failed, null once one has succeeded */
  public record Status(String url, String state, long delivered, long waiting, long passedOver, @Nullable String lastError) {}

  /** An answer that may be another one next time. */
  private static final class TryAgain extends IOException {
    private static final long serialVersionUID = 1L;

    TryAgain(String why) {
      super(why);
    }
  }

  /** @param earlier where earlier versions kept the position */
  public Webhook(String url, Duration timeout, Path positionFile, Path earlier, AlertAppender appender) throws IOException {
    this.url = URI.create(url);
    this.receiver = UrlCredentials.hidden(this.url);
    this.timeout = timeout;
    this.positionFile = positionFile;
    this.appender = appender;
    this.position = startPosition(earlier);
    this.breaker =
        CircuitBreaker.of(
            "webhook",
            CircuitBreakerConfig.custom()
                .slidingWindowSize(5)
                .minimumNumberOfCalls(5)
                .waitDurationInOpenState(Duration.ofSeconds(5))
                .permittedNumberOfCallsInHalfOpenState(1)
                .build());
    this.retry =
        Retry.of(
            "webhook",
            RetryConfig.custom()
                .maxAttempts(Integer.MAX_VALUE)
                .intervalFunction(IntervalFunction.ofExponentialBackoff(Duration.ofMillis(250), 2, Duration.ofSeconds(30)))
                .retryOnException(e -> !(e instanceof InterruptedException) && !draining)
                .build());
    this.thread = Thread.ofPlatform().name("webhook").daemon().unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /** Where an earlier daemon got to; newly configured it begins with what comes from now on. */
  private long startPosition(Path earlier) throws IOException {
    for (Path file : List.of(positionFile, earlier)) {
      try {
        return Math.min(Long.parseLong(Files.readString(file).strip()), appender.seqOnDisk());
      } catch (NoSuchFileException fresh) {
        continue;
      } catch (NumberFormatException | CharacterCodingException damaged) {
        LOG.warn("cannot read in {} where the webhook stood: sending all alerts that are there, some may come twice", file);
        return 0;
      }
    }
    remember(appender.seqOnDisk()); // a full disk is no reason not to begin
    return position;
  }

  private void save(long seq) throws IOException {
    Path folder = positionFile.getParent();
    if (folder != null) Files.createDirectories(folder);
    Path next = positionFile.resolveSibling(positionFile.getFileName() + ".new");
    Files.writeString(next, seq + "\n");
    Files.move(next, positionFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    position = seq;
  }

  private void run() {
    try (AlertFeed feed = new AlertFeed(appender)) {
      boolean more = true;
      while (more && !Thread.interrupted()) {
        try {
          more = deliverNext(feed);
        } catch (RuntimeException | OutOfMemoryError | LinkageError e) {
          lastError = "internal error: " + e;
          LOG.error("internal error: the webhook; trying on", e);
          appender.pause(1000);
        }
      }
    } catch (InterruptedException | GaveUp ended) {
      LOG.debug("webhook ends at alert {}", position);
    } catch (IOException e) {
      LOG.warn("cannot close the alert file: {}", e.toString());
    }
  }

  /** Whether there may be another. */
  private boolean deliverNext(AlertFeed feed) throws InterruptedException, GaveUp {
    Optional<AlertFeed.Line> line = next(feed);
    if (line.isEmpty()) return !draining;
    deliver(line.get());
    remember(line.get().seq());
    return true;
  }

  private Optional<AlertFeed.Line> next(AlertFeed feed) throws InterruptedException {
    try {
      return feed.next(position);
    } catch (IOException e) {
      if (readTrouble == null) LOG.error("cannot read alerts for the webhook: {}; trying on", e.toString());
      readTrouble = e.toString();
      appender.pause(1000);
      return Optional.empty();
    }
  }

  /** A position that cannot be saved costs repeats after a restart, nothing else. */
  private void remember(long seq) {
    position = seq;
    try {
      save(seq);
      readTrouble = null;
    } catch (IOException e) {
      if (readTrouble == null) LOG.error("cannot save where the webhook stands: {}; trying on", e.toString());
      readTrouble = e.toString();
    }
  }

  /** The daemon ends before the receiver took everything; the next daemon goes on from the position. */
  private static final class GaveUp extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private void deliver(AlertFeed.Line line) throws InterruptedException, GaveUp {
    Callable<Integer> send = CircuitBreaker.decorateCallable(breaker, () -> send(line.text()));
    try {
      int status = Retry.decorateCallable(retry, () -> attempt(send)).call();
      if (lastError != null) LOG.info("webhook {} takes alerts again", receiver);
      lastError = null;
      if (status >= 300) {
        passedOver++;
        LOG.warn("webhook {} refused alert {} with status {}: passed over", receiver, line.seq(), status);
      }
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      throw new GaveUp();
    }
  }

  private int attempt(Callable<Integer> send) throws Exception {
    try {
      return send.call();
    } catch (InterruptedException e) {
      throw e;
    } catch (CallNotPermittedException stillWaiting) {
      throw stillWaiting; // the cause that opened the breaker is the one to show
    } catch (Exception e) {
      String why = e instanceof java.net.ConnectException ? "connection refused" : String.valueOf(e.getMessage());
      if (lastError == null) LOG.warn("webhook {} does not take alerts: {}; trying on", receiver, why);
      lastError = why;
      throw e;
    }
  }

  /** The status, unless another attempt may end otherwise (RFC 9110, 15.5 and 15.6; RFC 6585, 4). */
  private int send(String json) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url)
            .timeout(timeout)
            .header("Content-Type", "application/json")
            .header("User-Agent", "TaskMaster")
            .POST(HttpRequest.BodyPublishers.ofString(json));
    UrlCredentials.header(url).ifPresent(value -> request.header("Authorization", value));
    int status = status(request.build());
    if (status == 408 || status == 429 || status >= 500) throw new TryAgain("status " + status);
    return status;
  }

  /** A client whose threads could not be had (pids.max) is never right again. */
  private int status(HttpRequest request) throws IOException, InterruptedException {
    try {
      return status(client().sendAsync(request, HttpResponse.BodyHandlers.discarding()));
    } catch (OutOfMemoryError | LinkageError | TryAgain e) {
      letGoOfTheClient();
      throw e instanceof TryAgain again ? again : new TryAgain(String.valueOf(e.getMessage()));
    }
  }

  private synchronized HttpClient client() {
    HttpClient now = client;
    if (now == null) now = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(timeout).build();
    client = now;
    return now;
  }

  private synchronized void letGoOfTheClient() {
    HttpClient old = client;
    client = null;
    if (old != null) old.shutdownNow();
  }

  /** The request's own timeout ends with the headers; one that never ends its body must not hold us either. */
  private int status(CompletableFuture<HttpResponse<Void>> answer) throws IOException, InterruptedException {
    try {
      return answer.get(timeout.toMillis() + 100, TimeUnit.MILLISECONDS).statusCode();
    } catch (TimeoutException e) {
      throw new TryAgain("no whole answer within " + timeout.toMillis() + " ms");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) throw io;
      throw new TryAgain(String.valueOf(e.getCause()));
    } finally {
      answer.cancel(true);
    }
  }

  public Status status() {
    return new Status(
        receiver,
        lastError == null ? "ok" : breaker.getState() == CircuitBreaker.State.CLOSED ? "retrying" : "waiting",
        position,
        Math.max(0, appender.seqOnDisk() - position),
        passedOver,
        lastError);
  }

  /** Up to which number the receiver has everything. */
  public long delivered() {
    return position;
  }

  /** Delivers what is on disk as long as the receiver takes it, within {@code grace}; the rest is the next daemon's. */
  public void drain(Duration grace) {
    draining = true;
    appender.wakeReaders();
    try {
      thread.join(grace);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close();
  }

  @Override
  public void close() {
    thread.interrupt();
    letGoOfTheClient();
    try {
      thread.join(2_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
