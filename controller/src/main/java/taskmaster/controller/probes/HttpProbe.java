package taskmaster.controller.probes;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import taskmaster.api.InstanceId;
import taskmaster.api.Placeholders;
import taskmaster.api.Probe;
import taskmaster.controller.urls.UrlCredentials;

/** Whether a GET is answered with a status that is good. */
final class HttpProbe implements AutoCloseable {
  /** A body of usual size is taken, so that its sender sees no broken connection; of a longer one the rest is refused. */
  private static final int LONGEST_BODY = 64 * 1024;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).followRedirects(HttpClient.Redirect.NEVER).build();

  /** The answer is told with the header; then the body is let pass, until it ends or the thread is interrupted. */
  void ask(Probe.Http probe, InstanceId id, Duration timeout, Consumer<@Nullable String> answer)
      throws IOException, InterruptedException {
    URI uri = URI.create(Placeholders.fill(probe.url(), id));
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(timeout).GET();
    request.setHeader("User-Agent", "TaskMaster").setHeader("Connection", "close");
    UrlCredentials.header(uri).ifPresent(value -> request.setHeader("Authorization", value));
    probe.headers().forEach((name, value) -> request.setHeader(name, Placeholders.fill(value, id)));
    client.send(request.build(), head -> {
      int status = head.statusCode();
      answer.accept(status >= probe.lowest() && status <= probe.highest() ? null : "status " + status);
      return new Discarding();
    });
  }

  private static final class Discarding implements HttpResponse.BodySubscriber<@Nullable Void> {
    private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;
    private long received;

    @Override
    public CompletionStage<@Nullable Void> getBody() {
      return end;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      given.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      for (ByteBuffer buffer : buffers) received += buffer.remaining();
      Flow.Subscription from = subscription;
      if (from == null) return;
      if (received <= LONGEST_BODY) {
        from.request(1);
      } else {
        from.cancel();
        end.complete(null);
      }
    }

    @Override
    public void onError(Throwable broken) {
      end.complete(null);
    }

    @Override
    public void onComplete() {
      end.complete(null);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
