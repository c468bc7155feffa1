package taskmaster.controller;

import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import taskmaster.controller.core.Snapshot;
import taskmaster.controller.linux.Scheduling;

/** Looks after what others may sweep away, and after the memory, as long as the daemon lives. */
final class Housekeeper {
  private static final Duration ROUND = Duration.ofSeconds(2);
  private static final int ROUNDS_OF_A_MINUTE = 30;
  private static final Duration MOST_OF_AN_END = Duration.ofSeconds(5);

  /** Not static: the first logger that is asked for sets all of them up, and that is the voice's to do. */
  private final Logger log = LoggerFactory.getLogger(Housekeeper.class);

  private final Doorway doorway;
  private final Claim claim;
  private final Reloads reloads;
  private final Loop loop;
  private final BooleanSupplier isEnding;
  private boolean isTriedOut;
  private final Thread thread = Thread.ofVirtual().name("housekeeper").unstarted(this::run);
  private final Thread practice = Thread.ofPlatform().name("practice").daemon().unstarted(this::practise);

  Housekeeper(Doorway doorway, Claim claim, Reloads reloads, Loop loop, BooleanSupplier isEnding) {
    this.doorway = doorway;
    this.claim = claim;
    this.reloads = reloads;
    this.loop = loop;
    this.isEnding = isEnding;
  }

  void start() {
    thread.start();
  }

  /** Returns when it has ended, or does not come to its end. */
  void end() {
    thread.interrupt();
    join(thread);
    join(practice);
  }

  private static void join(Thread thread) {
    try {
      thread.join(MOST_OF_AN_END.toMillis()); // at once where it was never started
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    Quiet ofChanges = new Quiet();
    Quiet ofStarts = new Quiet(); // where something is probed, something always changes
    Thrift thrift = new Thrift();
    try {
      while (true) {
        Thread.sleep(ROUND);
        try {
          Snapshot now = loop.snapshot();
          round(ofChanges.looks(now.version()), ofStarts.looks(now.observed().nextRun()), thrift);
        } catch (IOException | Startup | RuntimeException e) {
          log.warn("{}; looking again", e.getMessage() == null ? e : e.getMessage());
        } catch (OutOfMemoryError noMoreThreads) {
          log.warn("{}; looking again", noMoreThreads.getMessage());
        }
      }
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
    }
  }

  /** @param quiet rounds since something changed @param settled rounds since something was started */
  private void round(int quiet, int settled, Thrift thrift) throws IOException, Startup, InterruptedException {
    doorway.keepOpen();
    reloads.retry();
    if (settled > 0 && !isTriedOut) isTriedOut = doorway.tryOut();
    if (settled == 1) startPractice();
    if (quiet == 2 || settled == 2) thrift.giveBack(); // also what the compiler took for the practice
    if (settled % ROUNDS_OF_A_MINUTE == 2) thrift.letGoOfFiles();
    claim.keep();
  }

  private void startPractice() {
    if (practice.getState() != Thread.State.NEW) return;
    try {
      practice.start();
    } catch (OutOfMemoryError noMoreThreads) {
      log.debug("no practice: {}", noMoreThreads.toString());
    }
  }

  private void practise() {
    Scheduling.giveWay();
    Scheduling.letTheCompilerGiveWay(); // from now on what starts a program goes first, and the program
    try {
      Practice.run(claim.practice(), isEnding);
    } catch (IOException | RuntimeException e) {
      log.debug("no practice, the first restarts may take a millisecond longer: {}", e.toString());
    }
  }
}
