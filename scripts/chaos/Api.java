import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The daemon's control API: one request, one connection. */
final class Api {
  private static final int LONGEST_SECONDS = 20;
  private static final Pattern INSTANCE =
      Pattern.compile("\"instance\":\"([^\"]+)\",\"phase\":\"([A-Z]+)\",\"pid\":([0-9]+|null)");

  private final Path socket;
  private final ScheduledExecutorService closer = Executors.newSingleThreadScheduledExecutor(Api::daemonThread);

  record Answer(int status, String body) {}

  /** What the daemon says of one instance. */
  record Shown(String instance, String phase, int pid) {}

  /** Connected, asked, and nothing came. */
  static final class NoAnswer extends IOException {
    private static final long serialVersionUID = 1L;
  }

  Api(Path socket) {
    this.socket = socket;
  }

  private static Thread daemonThread(Runnable task) {
    Thread thread = new Thread(task, "closer");
    thread.setDaemon(true);
    return thread;
  }

  Answer get(String path) throws IOException {
    return ask("GET", path);
  }

  Answer post(String path) throws IOException {
    return ask("POST", path);
  }

  List<Shown> status() throws IOException {
    Answer answer = get("/v1/status");
    if (answer.status() != 200) throw new IOException("status answers " + answer);
    List<Shown> all = new ArrayList<>();
    Matcher m = INSTANCE.matcher(answer.body());
    while (m.find()) {
      all.add(new Shown(m.group(1), m.group(2), m.group(3).equals("null") ? 0 : Integer.parseInt(m.group(3))));
    }
    return all;
  }

  /** A number of a JSON object, -1 if it is not there. */
  long number(String path, String key) throws IOException {
    Matcher m = Pattern.compile('"' + key + "\":([0-9]+)").matcher(get(path).body());
    return m.find() ? Long.parseLong(m.group(1)) : -1;
  }

  private Answer ask(String method, String path) throws IOException {
    String request =
        method + " " + path + " HTTP/1.1\r\nHost: chaos\r\nAccept: application/json\r\nConnection: close\r\n"
            + (method.equals("POST") ? "Content-Length: 0\r\n" : "") + "\r\n";
    boolean[] tooLong = {false};
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      ScheduledFuture<?> timeout = closer.schedule(() -> close(channel, tooLong), LONGEST_SECONDS, TimeUnit.SECONDS);
      try {
        channel.connect(UnixDomainSocketAddress.of(socket));
        ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
        while (bytes.hasRemaining()) channel.write(bytes);
        return read(channel);
      } finally {
        timeout.cancel(false);
      }
    } catch (IOException e) {
      throw tooLong[0] ? new NoAnswer() : e;
    }
  }

  private static void close(SocketChannel channel, boolean[] tooLong) {
    tooLong[0] = true;
    try {
      channel.close();
    } catch (IOException nothingMoreToDo) {
      return;
    }
  }

  /** To the end of the connection, which the daemon closes as asked. */
  private static Answer read(SocketChannel channel) throws IOException {
    StringBuilder text = new StringBuilder();
    ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
    while (channel.read(buffer) >= 0) {
      text.append(StandardCharsets.ISO_8859_1.decode(buffer.flip()));
      buffer.clear();
    }
    int body = text.indexOf("\r\n\r\n");
    if (body < 0 || text.length() < 12) throw new EOFException("the daemon closed before it had answered");
    return new Answer(Integer.parseInt(text.substring(9, 12)), text.substring(body + 4));
  }
}
