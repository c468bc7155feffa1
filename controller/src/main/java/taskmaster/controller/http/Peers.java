package taskmaster.controller.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import taskmaster.api.logs.LogReader;

/**
 * Whether a client is still there, for answers that may be silent for long: only reading from a socket tells, and Helidon
 * has no way to ask it while a request is served.
 */
final class Peers {
  private final Set<SocketChannel> channels = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  private final Runnable came;

  /** @param came told of each, before the next one is let in */
  Peers(Runnable came) {
    this.came = came;
  }

  void add(SocketChannel channel) {
    channels.add(channel);
    came.run();
  }

  /** @param socketId as Helidon names a connection: by its channel's identity */
  LogReader.Audience of(String socketId) {
    List<SocketChannel> found;
    synchronized (channels) {
      found = channels.stream().filter(c -> socketId.endsWith(HexFormat.of().toHexDigits(System.identityHashCode(c)))).toList();
    }
    if (found.size() != 1) return () -> true;
    SocketChannel channel = found.getFirst();
    return () -> isThere(channel);
  }

  private static boolean isThere(SocketChannel channel) throws IOException {
    channel.configureBlocking(false);
    try {
      return channel.read(ByteBuffer.allocate(1)) >= 0;
    } finally {
      channel.configureBlocking(true);
    }
  }
}
