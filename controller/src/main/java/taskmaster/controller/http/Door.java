package taskmaster.controller.http;

import io.helidon.service.registry.GlobalServiceRegistry;
import io.helidon.service.registry.ServiceRegistryConfig;
import io.helidon.service.registry.ServiceRegistryManager;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Listens on the socket, and again where somebody swept it away. */
public final class Door implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Door.class);
  /** sun_path holds 108 bytes with the final NUL (unix(7)). */
  private static final int LONGEST_PATH = 107;

  private static final long MOST_BODY = 1 << 20;

  private final Path socket;
  private final Control control;
  private final int mostConnections;
  private WebServer server;
  private boolean closed;

  /** @throws IOException "cannot listen on PATH: …" */
  public static Door open(Reservation reserved, Control control, int mostConnections) throws IOException {
    return new Door(reserved, control, mostConnections);
  }

  /**
   * Listens and stops again: whether that works here, before it has to.
   *
   * @throws IOException "cannot listen on PATH: …"
   */
  public static void rehearse(Path socket) throws IOException {
    boolean tooLong = socket.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH;
    if (tooLong) return; // the socket itself may be elsewhere
    Files.deleteIfExists(socket);
    WebServer server = settings(socket, 1, new Peers(() -> {})).routing(HttpRouting.builder().any((q, s) -> s.send())).build();
    try {
      server.start();
      server.stop();
    } catch (RuntimeException e) {
      throw new IOException("cannot listen on " + socket + ": " + reason(e.getCause() != null ? e.getCause() : e), e);
    } finally {
      Files.deleteIfExists(socket);
    }
  }

  /** Loads what {@link #open} takes, before it is there to be opened. Only where loggers may be asked for. */
  public static void warmUp() {
    try {
      ServerSocketChannel.open(StandardProtocolFamily.UNIX).close();
    } catch (IOException saidWhenItMatters) {
      return;
    }
    WebServer unused = settings(Path.of("nowhere"), 1, new Peers(() -> {})).routing(HttpRouting.builder().any((q, s) -> s.send())).build();
    JsonMapper alsoUnused = new JsonMapper();
  }

  /** The place of a door that is not there yet: nobody is answered, but no other daemon can take it. */
  public static final class Reservation implements AutoCloseable {
    private final Path socket;
    private final ServerSocketChannel channel;

    private Reservation(Path socket, ServerSocketChannel channel) {
      this.socket = socket;
      this.channel = channel;
    }

    @Override
    public void close() throws IOException {
      if (!channel.isOpen()) return;
      Files.deleteIfExists(socket);
      channel.close();
    }
  }

  /**
   * Listens there, without anything of the server: that takes its time.
   *
   * @throws IOException "cannot listen on PATH: …"
   */
  public static Reservation reserve(Path socket) throws IOException {
    clearStale(socket);
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.bind(UnixDomainSocketAddress.of(socket));
      return new Reservation(socket, channel);
    } catch (IOException e) {
      channel.close();
      throw new IOException("cannot listen on " + socket + ": " + reason(e), e);
    }
  }

  /** Helidon looks through the class path for services, of which we use none: that took half of the door's time. */
  private static void leaveServicesAlone() {
    if (GlobalServiceRegistry.configured()) return;
    ServiceRegistryConfig none =
        ServiceRegistryConfig.builder().discoverServices(false).discoverServicesFromServiceLoader(false).build();
    GlobalServiceRegistry.registry(ServiceRegistryManager.create(none).registry());
  }

  private static WebServerConfig.Builder settings(Path socket, int mostConnections, Peers peers) {
    leaveServicesAlone();
    return WebServer.builder()
        .shutdownHook(false)
        .protocolsDiscoverServices(false)
        .bindAddress(UnixDomainSocketAddress.of(socket))
        .maxTcpConnections(mostConnections)
        .maxPayloadSize(MOST_BODY)
        .shutdownGracePeriod(Duration.ofMillis(300))
        .idleConnectionTimeout(Duration.ofMinutes(2))
        .connectionOptions(new OwnUserOnly(socket, peers))
        .addProtocol(anyHost());
  }

  private Door(Reservation reserved, Control control, int mostConnections) throws IOException {
    this.socket = reserved.socket;
    this.control = control;
    this.mostConnections = mostConnections;
    this.server = listen(reserved);
  }

  /** @param reserved what keeps the place until the server is there; null where nothing does */
  private WebServer listen(@Nullable Reservation reserved) throws IOException {
    Peers peers = new Peers(control::clientCame);
    WebServer next = settings(socket, mostConnections, peers).routing(new Api(control, peers, mostConnections * 3 / 4).routing()).build();
    try {
      if (reserved != null) reserved.close();
      clearStale(socket);
      next.start();
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
      return next;
    } catch (RuntimeException | IOException e) {
      Throwable cause = e.getCause() != null ? e.getCause() : e;
      throw new IOException("cannot listen on " + socket + ": " + reason(cause), e);
    }
  }

  private static String reason(Throwable e) {
    return e instanceof java.nio.file.AccessDeniedException ? "Permission denied" : String.valueOf(e.getMessage());
  }

  /** Some clients on a UNIX socket send an empty Host. */
  @SuppressWarnings("removal")
  private static Http1Config anyHost() {
    return Http1Config.builder().validateRequestHostHeader(false).build();
  }

  /** A socket that nobody answers on is left over from a daemon that died; anything else there is not ours to remove. */
  private static void clearStale(Path socket) throws IOException {
    if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
      Path folder = socket.toAbsolutePath().getParent();
      try {
        if (folder != null && !Files.isDirectory(folder)) Files.createDirectories(folder);
      } catch (IOException e) {
        throw new IOException("cannot listen on " + socket + ": " + reason(e), e);
      }
      return;
    }
    if (!SocketFile.isSocket(socket)) throw new IOException("cannot listen on " + socket + ": something else is there that is not a socket");
    if (SocketFile.answers(socket)) throw new IOException("cannot listen on " + socket + ": another daemon answers there");
    Files.delete(socket);
  }

  /**
   * Asks itself once, as a slow client would. The server and the runtime make threads with their first request, and where
   * there are none to be had just then they never try again: nobody would be answered any more.
   */
  public void tryOut() throws IOException, InterruptedException {
    String question = "GET /v1/daemon HTTP/1.1\r\nHost: taskmaster\r\nConnection: close\r\n\r\n";
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      for (String part : List.of(question.substring(0, 3), question.substring(3))) {
        channel.write(ByteBuffer.wrap(part.getBytes(StandardCharsets.US_ASCII)));
        Thread.sleep(2); // so that it is waited for
      }
      ByteBuffer answer = ByteBuffer.allocate(4096);
      while (channel.read(answer) >= 0) answer.clear();
    }
  }

  /** Listens anew if the socket is gone: /tmp is swept on many machines. */
  public synchronized void keepOpen() {
    if (closed || Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) return;
    WebServer old = server;
    try {
      server = listen(null);
      old.stop();
      LOG.warn("{} was gone: listening there again", socket);
    } catch (IOException e) {
      LOG.error("{}; trying again", e.getMessage());
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    server.stop();
    try {
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      LOG.warn("cannot remove {}: {}", socket, e.toString());
    }
  }
}
