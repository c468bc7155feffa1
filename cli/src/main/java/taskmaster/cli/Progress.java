package taskmaster.cli;

import java.time.Duration;
import java.time.Instant;

/** Shows on a terminal that a call takes its time, once it takes more than a second. */
final class Progress implements AutoCloseable {
  private static final String[] FRAMES = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};

  /** So that it stays on one line, which is drawn again and again. */
  private static final int LONGEST = 60;

  private final Thread thread;
  private volatile boolean shown;

  private Progress(Thread thread) {
    this.thread = thread;
  }

  static Progress of(String task) {
    String what = task.length() <= LONGEST ? task : task.substring(0, LONGEST - 1) + "…";
    Instant begun = Instant.now();
    Progress[] self = new Progress[1];
    Thread thread =
        Thread.ofPlatform().daemon().unstarted(() -> {
          try {
            Thread.sleep(1000);
            for (int i = 0; ; i++) {
              self[0].shown = true;
              long seconds = Duration.between(begun, Instant.now()).toSeconds();
              System.err.print("\r\u001b[K" + FRAMES[i % FRAMES.length] + " " + what + " … " + seconds + " s");
              System.err.flush();
              Thread.sleep(120);
            }
          } catch (InterruptedException done) {
            Thread.currentThread().interrupt();
          }
        });
    self[0] = new Progress(thread);
    if (Terminals.isTerminal(2)) thread.start();
    return self[0];
  }

  @Override
  public void close() {
    thread.interrupt();
    if (shown) System.err.print("\r\u001b[K");
  }
}
