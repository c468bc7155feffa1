package taskmaster.controller.logs;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import taskmaster.api.LogPolicy;
import taskmaster.controller.linux.Scheduling;

/** Compresses and removes rotated files, on a thread of its own: no program's output waits for that. */
final class LogKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(LogKeeper.class);
  private static final Duration ROUND = Duration.ofMinutes(1);

  /** As long as no log is larger, in bytes: one may have grown past its limit, or have got a smaller one since. */
  private static final long USUALLY_MOST = 1L << 30;

  /** All logs that there are. */
  interface Logs {
    List<Sink> all();
  }

  private final Logs logs;
  private final BlockingQueue<Sink> rotated = new LinkedBlockingQueue<>();
  private final Thread thread = Thread.ofPlatform().name("log-keeper").daemon().unstarted(this::run);

  LogKeeper(Logs logs) {
    this.logs = logs;
  }

  void start() {
    thread.start();
  }

  void rotated(Sink sink) {
    if (!rotated.contains(sink)) rotated.add(sink);
  }

  private void run() {
    Scheduling.giveWay();
    tendAll(); // what an earlier daemon did not come to
    long round = System.nanoTime();
    try {
      while (!Thread.currentThread().isInterrupted()) {
        Sink next = rotated.poll(ROUND.toSeconds(), TimeUnit.SECONDS);
        if (next != null) tend(next);
        if (System.nanoTime() - round < ROUND.toNanos()) continue;
        round = System.nanoTime();
        tendAll();
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  /** Those that have rotated files: a look into each folder, not for each name that one could have. */
  private void tendAll() {
    Map<Path, Optional<Set<String>>> rotatedIn = new HashMap<>();
    for (Sink sink : logs.all()) {
      Path log = sink.target();
      Path folder = log.getParent();
      Optional<Set<String>> rotated = folder == null ? Optional.empty() : rotatedIn.computeIfAbsent(folder, Backups::rotatedIn);
      if (rotated.isEmpty() || rotated.get().contains(String.valueOf(log.getFileName()))) tend(sink);
    }
  }

  private void tend(Sink sink) {
    if (Thread.currentThread().isInterrupted()) return;
    LogPolicy policy = sink.policy();
    try {
      sink.backups().expire(policy.backups(), policy.maxAge(), Instant.now());
      if (policy.compress() == LogPolicy.Compress.GZIP) sink.backups().compress(policy.backups(), 2 * Math.max(policy.maxBytes(), USUALLY_MOST));
    } catch (IOException | RuntimeException e) {
      LOG.warn("cannot tend the rotated files of {}: {}; next attempt in a minute", sink.path, e.toString());
    }
  }

  /** What is half done is done anew by the next daemon. */
  void close() {
    thread.interrupt();
  }
}
