package taskmaster.controller.probes;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import taskmaster.api.InstanceId;
import taskmaster.api.Placeholders;
import taskmaster.api.Probe;

/** Whether a connection is accepted. */
final class TcpProbe {
  private TcpProbe() {}

  /** Null: it is. On a virtual thread, where an interrupt closes the socket. */
  static @Nullable String ask(Probe.Tcp probe, InstanceId id, Duration timeout) throws IOException {
    String port = Placeholders.fill(probe.port(), id);
    int number;
    try {
      number = Integer.parseInt(port);
      if (number < 1 || number > 65_535) return "no port: " + port;
    } catch (NumberFormatException e) {
      return "no port: " + port;
    }
    String host = Placeholders.fill(probe.host(), id);
    InetSocketAddress address = new InetSocketAddress(host, number);
    if (address.isUnresolved()) throw new UnknownHostException(host);
    try (Socket socket = new Socket()) {
      socket.connect(address, Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE));
    }
    return null;
  }
}
