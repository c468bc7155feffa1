package taskmaster.controller.http;

import io.helidon.common.socket.SocketOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/** Asks the system who connects (SO_PEERCRED, unix(7)): only the daemon's own user and root are heard. */
final class OwnUserOnly implements SocketOptions {
  private final SocketOptions usual = SocketOptions.create();
  private final Path socket;
  private final Peers peers;

  OwnUserOnly(Path socket, Peers peers) {
    this.socket = socket;
    this.peers = peers;
  }

  @Override
  public void configureSocket(SocketChannel channel) {
    try {
      UnixDomainPrincipal peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
      boolean own = peer.user().equals(Files.getOwner(socket));
      if (!own && !peer.user().getName().equals("root")) {
        channel.close();
        throw new IOException("user " + peer.user().getName() + " may not control this daemon");
      }
      peers.add(channel);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Map<SocketOption<?>, Object> socketOptions() {
    return usual.socketOptions();
  }

  @Override
  public Duration connectTimeout() {
    return usual.connectTimeout();
  }

  @Override
  public Duration readTimeout() {
    return usual.readTimeout();
  }

  @Override
  public Optional<Integer> socketReceiveBufferSize() {
    return usual.socketReceiveBufferSize();
  }

  @Override
  public Optional<Integer> socketSendBufferSize() {
    return usual.socketSendBufferSize();
  }

  @Override
  public boolean socketReuseAddress() {
    return usual.socketReuseAddress();
  }

  @Override
  public boolean socketKeepAlive() {
    return usual.socketKeepAlive();
  }

  @Override
  public boolean tcpNoDelay() {
    return usual.tcpNoDelay();
  }
}
