package taskmaster.controller.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import taskmaster.api.ExitCode;
import taskmaster.api.InstanceId;
import taskmaster.api.logs.LogQuery;
import taskmaster.api.logs.LogReader;
import taskmaster.api.logs.LogShape;
import taskmaster.api.logs.LogSource;

/** Where logs are, and what is in them. A file is read on the connection's own thread, which waits for a slow client. */
final class LogRoutes {
  /** Each is a descriptor, and programs need theirs. */
  private static final int MOST_FOLLOWED = 256;

  private static final AtomicInteger FOLLOWED = new AtomicInteger();

  private final Control control;
  private final Peers peers;
  private final Semaphore kept;

  /** @param kept the connections that may be kept at a time */
  LogRoutes(Control control, Peers peers, Semaphore kept) {
    this.control = control;
    this.peers = peers;
    this.kept = kept;
  }

  /** What is captured, and which streams of which instances are not. */
  record Found(List<LogSource> sources, List<LogSource> without) {
    List<Map<String, Object>> view() {
      List<Map<String, Object>> view = new ArrayList<>();
      for (LogSource s : sources) view.add(view(s, s.path()));
      for (LogSource s : without) view.add(view(s, null));
      return view;
    }

    private static Map<String, Object> view(LogSource s, @Nullable Path path) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("program", s.program());
      map.put("instance", s.instance());
      map.put("stream", s.stream());
      map.put("path", path == null ? null : path.toString());
      map.put("format", s.format().name().toLowerCase(Locale.ROOT));
      return map;
    }

    String text() {
      StringBuilder text = new StringBuilder();
      for (LogSource s : sources) text.append(s.toLine()).append('\n');
      for (LogSource s : without) text.append(s.toLine()).append('\n');
      return text.toString();
    }
  }

  Found find(ServerRequest q, List<InstanceId> instances) {
    String stream = Query.first(q, "stream").orElse("stdout");
    List<Boolean> stderr = switch (stream) {
      case "stdout" -> List.of(false);
      case "stderr" -> List.of(true);
      case "all" -> List.of(false, true);
      default -> throw Problem.usage("stream is one of stdout, stderr, all; not '" + stream + "'");
    };
    List<LogSource> sources = new ArrayList<>();
    List<LogSource> without = new ArrayList<>();
    for (InstanceId id : instances) {
      for (boolean err : stderr) {
        Optional<LogSource> source = control.logFile(id, err);
        source.ifPresentOrElse(sources::add, () -> without.add(LogSource.none(id, err ? "stderr" : "stdout")));
      }
    }
    if (!sources.isEmpty()) return new Found(sources, without);
    if (without.isEmpty()) throw Problem.failed("nothing to read: there is no instance");
    String which = without.getFirst().instance() + (instances.size() > 1 ? " (and " + (instances.size() - 1) + " more)" : "");
    throw Problem.failed(which + " has no " + (stream.equals("all") ? "log" : stream) + " file: it is discarded or inherited");
  }

  void logs(ServerRequest q, ServerResponse s, List<InstanceId> instances) {
    List<LogSource> sources = LogSource.distinct(find(q, instances).sources());
    boolean follow = Query.flag(q, "follow");
    LogQuery query = LogQuery.parse(
        Query.first(q, "n"), Query.first(q, "since"), Query.first(q, "grep"), follow, Instant.now());
    if (!follow) {
      send(q, s, sources, query);
      return;
    }
    boolean isKept = kept.tryAcquire();
    if (FOLLOWED.addAndGet(sources.size()) > MOST_FOLLOWED || !isKept) {
      FOLLOWED.addAndGet(-sources.size());
      if (isKept) kept.release();
      throw new Problem(Status.SERVICE_UNAVAILABLE_503, ExitCode.FAILED,
          "cannot follow: over this socket " + MOST_FOLLOWED + " files are followed at the most, and by few while many wait; `taskmaster logs -f` reads them itself");
    }
    try {
      send(q, s, sources, query);
    } finally {
      kept.release();
      FOLLOWED.addAndGet(-sources.size());
    }
  }

  private void send(ServerRequest q, ServerResponse s, List<LogSource> sources, LogQuery query) {
    boolean json = q.headers().first(HeaderNames.ACCEPT).orElse("").contains("json");
    Body body = new Body(s, json ? "application/x-ndjson" : "text/plain; charset=utf-8");
    LogReader.Audience audience = peers.of(q.socketId());
    try (LogReader reader =
        new LogReader(sources, query, json ? LogShape.JSON : LogShape.RAW, LogReader.Prefix.NONE, body)) {
      reader.run(audience);
      body.close();
    } catch (IOException | UncheckedIOException e) {
      if (!body.isBegun()) throw Problem.failed(String.valueOf(e.getMessage()));
      throw new CloseConnectionException("the client is gone, or a log cannot be read", e);
    }
    // a client that left may have said something after its request, which was read
    if (query.follow()) throw new CloseConnectionException("followed to the end");
  }

  /** Begun with its first byte, so that an error before that has a status of its own. */
  private static final class Body extends OutputStream {
    private final ServerResponse response;
    private final String type;
    private @Nullable OutputStream out;

    Body(ServerResponse response, String type) {
      this.response = response;
      this.type = type;
    }

    boolean isBegun() {
      return out != null;
    }

    private OutputStream begun() {
      if (out == null) {
        response.header(HeaderNames.CONTENT_TYPE, type);
        out = response.outputStream();
      }
      return Objects.requireNonNull(out);
    }

    @Override
    public void write(int b) throws IOException {
      begun().write(b);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      begun().write(bytes, from, count);
    }

    @Override
    public void flush() throws IOException {
      begun().flush();
    }

    @Override
    public void close() throws IOException {
      begun().close();
    }
  }
}
