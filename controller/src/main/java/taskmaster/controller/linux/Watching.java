package taskmaster.controller.linux;

import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/** The descriptors that the loop sleeps on, and who hears when one of them becomes readable. */
final class Watching {
  private static final System.Logger LOG = System.getLogger(Watching.class.getName());

  private final Epoll epoll = new Epoll();
  private final Map<Long, Runnable> hearers = new HashMap<>();
  private final Map<Integer, Long> tokens = new HashMap<>();
  private long nextToken = 1;

  void poll(int millis) {
    epoll.poll(millis, token -> {
      Runnable hearer = hearers.get(token);
      if (hearer == null) return; // forgotten in this round
      try {
        hearer.run();
      } catch (UncheckedIOException cannotLookNow) {
        LOG.log(System.Logger.Level.DEBUG, "put off: {0}", cannotLookNow.toString()); // it stays readable
      }
    });
  }

  /** From any thread. */
  void wake() {
    epoll.wake();
  }

  /** Calls {@code ready}, on the loop's thread, whenever the descriptor is readable. 0, or the negative errno. */
  int watch(int fd, Runnable ready) {
    long token = nextToken++;
    hearers.put(token, ready);
    tokens.put(fd, token);
    return epoll.add(fd, token);
  }

  /** Stops that; the descriptor stays open. */
  void mute(int fd) {
    Long token = tokens.remove(fd);
    if (token != null) hearers.remove(token);
    epoll.remove(fd);
  }

  /** Stops that, and closes the descriptor. */
  void forget(int fd) {
    mute(fd);
    Fd.close(fd);
  }

  void close() {
    epoll.close();
  }
}
