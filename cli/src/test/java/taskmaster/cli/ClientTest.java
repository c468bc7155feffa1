package taskmaster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the client does where something listens that never answers. */
@Timeout(60)
class ClientTest {
  private Path socket = Path.of("nowhere");

  @BeforeEach
  void place(@TempDir Path folder) {
    socket = folder.resolve("s");
  }

  private ServerSocketChannel deaf(int backlog) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket), backlog);
    return server;
  }

  private Client hasty() {
    return new Client(socket, Duration.ofMillis(100));
  }

  @Test
  void it_gives_up_on_a_daemon_that_does_not_answer() throws Exception {
    try (ServerSocketChannel server = deaf(5)) {
      assertThatThrownBy(() -> hasty().get("/v1/status"))
          .isInstanceOf(IOException.class)
          .hasMessage("the daemon on " + socket + " did not answer within 0.1 s: it may be stopped or too busy");
      assertThatThrownBy(() -> hasty().post("/v1/stop")).hasMessageEndingWith("too busy, and may still do what was asked for");
    }
  }

  @Test
  void it_gives_up_on_one_that_does_not_even_let_it_in() throws Exception {
    List<SocketChannel> others = new ArrayList<>();
    try (ServerSocketChannel server = deaf(1)) {
      while (true) {
        SocketChannel other = SocketChannel.open(StandardProtocolFamily.UNIX);
        others.add(other);
        try (Deadline full = Deadline.of(Duration.ofMillis(200), other)) {
          other.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException noPlaceLeft) {
          break;
        }
      }
      assertThatThrownBy(() -> hasty().get("/v1/status")).hasMessageContaining("did not answer within 0.1 s");
    } finally {
      for (SocketChannel other : others) other.close();
    }
  }

  @Test
  void where_nobody_is_it_says_so_at_once() {
    assertThatThrownBy(() -> new Client(socket).get("/v1/status")).isInstanceOf(NoDaemon.class);
    assertThat(socket).doesNotExist();
  }
}
