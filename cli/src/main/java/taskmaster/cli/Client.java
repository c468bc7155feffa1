package taskmaster.cli;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Durations;
import taskmaster.api.Waits;

/**
 * Asks the daemon: one HTTP/1.1 request on one connection (RFC 9112). An HTTP library would take longer to load than the
 * whole call.
 */
public final class Client {
  private static final int ATTEMPTS = 20;
  private static final long PAUSE_NANOS = 50_000_000;

  /** What a daemon takes at the most for what it need not wait for. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  /** Beyond what it was told to wait. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private final Path socket;
  private final Duration patience;

  public Client(Path socket) {
    this(socket, PATIENCE);
  }

  Client(Path socket, Duration patience) {
    this.socket = socket;
    this.patience = patience;
  }

  /** One that lets the daemon wait so long; where nobody says how long, for as long as the daemon does. */
  Client patient(@Nullable String timeout) {
    try {
      return new Client(socket, GRACE.plus(timeout == null ? Waits.USUAL : Durations.parse(timeout)));
    } catch (IllegalArgumentException saidByTheDaemon) {
      return this;
    }
  }

  public Path socket() {
    return socket;
  }

  public Answer get(String path) throws IOException, NoDaemon {
    return ask("GET", path, "text/plain");
  }

  public Answer post(String path) throws IOException, NoDaemon {
    return ask("POST", path, "text/plain");
  }

  /** @throws NoDaemon where nobody is there; every other failure is an IOException */
  public Answer ask(String method, String path, String accept) throws IOException, NoDaemon {
    for (int attempt = 1; ; attempt++) {
      try {
        return askOnce(method, path, accept);
      } catch (SocketException reset) {
        // a daemon that has just begun holds its socket, and does not answer yet; only a question may be asked twice
        if (attempt == ATTEMPTS || !method.equals("GET")) throw new IOException("the daemon closed the connection; it is starting or leaving, try again", reset);
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private Answer askOnce(String method, String path, String accept) throws IOException, NoDaemon {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        Deadline deadline = Deadline.of(patience, channel)) {
      try {
        return askOver(channel, method, path, accept);
      } catch (IOException e) {
        if (!deadline.isOver()) throw e;
        String fate = method.equals("GET") ? "" : ", and may still do what was asked for";
        throw new IOException("the daemon on " + socket + " did not answer within " + Durations.show(patience) + ": it may be stopped or too busy" + fate, e);
      }
    }
  }

  private Answer askOver(SocketChannel channel, String method, String path, String accept) throws IOException, NoDaemon {
    connect(channel);
    String request =
        method + " " + path + " HTTP/1.1\r\nHost: taskmaster\r\nAccept: " + accept
            + "\r\nConnection: close\r\n" + (method.equals("POST") ? "Content-Length: 0\r\n" : "") + "\r\n";
    ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
    while (bytes.hasRemaining()) channel.write(bytes);
    return new Reader(channel).answer();
  }

  private void connect(SocketChannel channel) throws IOException, NoDaemon {
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (AsynchronousCloseException overOrInterrupted) {
      throw overOrInterrupted;
    } catch (IOException e) {
      if (Files.notExists(socket)) throw new NoDaemon(socket, "no such socket");
      // who may not ask does not know whether anybody is there
      if (!Files.isWritable(socket)) throw new IOException("cannot ask the daemon on " + socket + ": permission denied; ask as the user that runs it");
      throw new NoDaemon(socket, "connection refused");
    }
  }

  public static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static final class Reader {
    private final SocketChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(16 * 1024).flip();

    Reader(SocketChannel channel) {
      this.channel = channel;
    }

    Answer answer() throws IOException {
      String[] status = line().split(" ", 3);
      if (status.length < 2 || !status[0].startsWith("HTTP/1.")) throw new IOException("what answers there is no daemon");
      Map<String, String> headers = new LinkedHashMap<>();
      for (String line = line(); !line.isEmpty(); line = line()) {
        int colon = line.indexOf(':');
        if (colon > 0) headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
      byte[] body = "chunked".equals(headers.get("transfer-encoding")) ? chunks() : bytes(length(headers));
      return new Answer(Integer.parseInt(status[1]), headers, new String(body, StandardCharsets.UTF_8));
    }

    private static int length(Map<String, String> headers) {
      return Integer.parseInt(headers.getOrDefault("content-length", "0"));
    }

    private byte[] chunks() throws IOException {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int n = Integer.parseInt(line(), 16); n > 0; n = Integer.parseInt(line(), 16)) {
        all.writeBytes(bytes(n));
        line();
      }
      return all.toByteArray();
    }

    private String line() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int b = next(); b != '\n'; b = next()) if (b != '\r') line.write(b);
      return line.toString(StandardCharsets.ISO_8859_1);
    }

    private byte[] bytes(int count) throws IOException {
      byte[] bytes = new byte[count];
      for (int i = 0; i < count; i++) bytes[i] = (byte) next();
      return bytes;
    }

    private int next() throws IOException {
      while (!buffer.hasRemaining()) {
        buffer.clear();
        if (channel.read(buffer) < 0) throw new EOFException("the daemon closed the connection before it had answered");
        buffer.flip();
      }
      return buffer.get();
    }
  }
}
