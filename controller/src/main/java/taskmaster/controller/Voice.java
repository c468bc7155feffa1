package taskmaster.controller;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.slf4j.LoggerFactory;
import taskmaster.controller.alerts.AlertAppender;
import taskmaster.controller.alerts.Logs;
import taskmaster.controller.config.Config;

/**
 * The coming up of the logs, beside that of the rest: it takes as long as the reading of the file, and no program has to
 * wait for it. What is logged before {@link #await} returns may be lost.
 */
public final class Voice {
  private final CompletableFuture<Void> silent;
  private volatile CompletableFuture<Void> speaking;

  private Voice() {
    silent = inThread("voice", Logs::begin);
    speaking = silent;
  }

  /** To be called before anything that has a logger: whoever asks for one first sets all of them up. */
  public static Voice begin() {
    return new Voice();
  }

  /** Runs this on a thread of its own as soon as loggers may be asked for. */
  void onceSilent(Runnable what) {
    inThread("groundwork", () -> {
      silent.join();
      what.run();
    });
  }

  /** Where to log, now that it is known. */
  void speak(Config config, Daemon.Console console, AlertAppender alerts) {
    speaking = inThread("voice", () -> {
      silent.join();
      Logs.level(config.daemon().loglevel().name());
      console.begin();
      Logs.alertsTo(alerts);
      try {
        Settings.logTo(config.daemon().logfile());
      } catch (IOException e) {
        LoggerFactory.getLogger(Voice.class).error("{}; logging goes on without it", e.getMessage());
      }
    });
  }

  /** Until loggers may be asked for: slf4j gives one that asks at the moment of its setting up a logger that is mute for ever. */
  void awaitSilence() {
    silent.join();
  }

  void await() {
    speaking.join();
  }

  private static CompletableFuture<Void> inThread(String name, Runnable what) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.ofPlatform().name(name).daemon().start(() -> {
      try {
        what.run();
        done.complete(null);
      } catch (RuntimeException | Error e) {
        done.completeExceptionally(e);
      }
    });
    return done;
  }
}
