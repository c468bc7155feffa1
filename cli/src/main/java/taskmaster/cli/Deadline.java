package taskmaster.cli;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** Closes a channel that is still in use after its time: a blocking one has no timeout of its own. */
final class Deadline implements AutoCloseable {
  private final Thread thread;
  private volatile boolean over;

  private Deadline(Duration time, SocketChannel channel) {
    thread = Thread.ofPlatform().name("deadline").daemon().unstarted(() -> {
      try {
        Thread.sleep(time);
        over = true;
        channel.close();
      } catch (InterruptedException inTime) {
        Thread.currentThread().interrupt();
      } catch (IOException gone) {
        over = true;
      }
    });
  }

  static Deadline of(Duration time, SocketChannel channel) {
    Deadline deadline = new Deadline(time, channel);
    deadline.thread.start();
    return deadline;
  }

  boolean isOver() {
    return over;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
