package taskmaster.controller;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import taskmaster.controller.alerts.AlertAppender;
import taskmaster.controller.alerts.Logs;
import taskmaster.controller.alerts.Webhook;
import taskmaster.controller.config.Config;
import taskmaster.controller.core.Preview;

/** What the file says of the daemon itself: most of it holds as soon as it is read, the rest from the next start. */
final class Settings {
  private static final Logger LOG = LoggerFactory.getLogger(Settings.class);

  private final Config started;
  private final AtomicReference<@Nullable Webhook> webhook = new AtomicReference<>();
  private volatile Config current;

  /** What alerts go to now, as the file had it; used by the one who reads the file. */
  private Config.@Nullable Webhook active;

  /** Up to which number alerts may be forgotten while there is no webhook. */
  private volatile long delivered = Long.MAX_VALUE;

  Settings(Config started) {
    this.started = started;
    this.current = started;
  }

  /** As of the start: where the daemon listens, keeps its state and writes its alerts. */
  Config started() {
    return started;
  }

  Config current() {
    return current;
  }

  /** @throws IOException "cannot log to FILE: why" */
  static void logTo(Path logfile) throws IOException {
    try {
      Logs.toFile(logfile);
    } catch (IOException e) {
      throw cannotLog(logfile, e);
    }
  }

  /** Whether that will do. @throws IOException "cannot log to FILE: why" */
  static void checkLog(Path logfile) throws IOException {
    try {
      Logs.check(logfile);
    } catch (IOException e) {
      throw cannotLog(logfile, e);
    }
  }

  private static IOException cannotLog(Path logfile, IOException e) {
    return new IOException("cannot log to " + logfile + ": " + reason(e), e);
  }

  static String reason(IOException e) {
    return e instanceof java.nio.file.AccessDeniedException ? "Permission denied" : String.valueOf(e.getMessage());
  }

  void apply(Config next, Loop loop, AlertAppender alerts) {
    Config before = current;
    current = next;
    Logs.level(next.daemon().loglevel().name());
    loop.setTick(next.daemon().tick());
    try {
      if (!next.daemon().logfile().equals(before.daemon().logfile())) logTo(next.daemon().logfile());
    } catch (IOException e) {
      LOG.error("{}; logging goes on where it was", e.getMessage());
    }
    try {
      if (!Objects.equals(active, next.alerts().webhook())) sendTo(next.alerts().webhook(), alerts);
    } catch (IOException e) {
      LOG.error("cannot set up the webhook: {}; the next reload tries again", e.toString());
    }
    later(next).forEach(change -> LOG.warn("{} changed: {}", change.program(), change.details().getFirst()));
  }

  /** What a file says of the daemon that holds from the next start on. */
  List<Preview.Change> later(Config next) {
    List<Preview.Change> later = new ArrayList<>();
    later(later, "daemon.socket", started.daemon().socket(), next.daemon().socket());
    later(later, "daemon.pidfile", started.daemon().pidfile(), next.daemon().pidfile());
    later(later, "daemon.state", started.daemon().state(), next.daemon().state());
    later(later, "alerts.file", started.alerts().file(), next.alerts().file());
    return later;
  }

  private static void later(List<Preview.Change> all, String key, Path now, Path later) {
    if (!now.equals(later)) all.add(new Preview.Change(key, Preview.Kind.CHANGED, List.of(now + " -> " + later + ", at the next start")));
  }

  void sendTo(Config.@Nullable Webhook wanted, AlertAppender alerts) throws IOException {
    Webhook old = webhook.get();
    if (old != null) {
      delivered = old.delivered(); // first: alerts are rotated meanwhile
      webhook.set(null);
      old.close();
      delivered = old.delivered();
    }
    active = null;
    // beside the alerts, which outlive a restart of the machine: the state folder mostly does not
    Path file = started.alerts().file();
    Path position = file.resolveSibling(file.getFileName() + ".webhook");
    Path earlier = started.daemon().state().resolve("webhook.position");
    if (wanted == null) {
      Files.deleteIfExists(position);
      Files.deleteIfExists(earlier);
      delivered = Long.MAX_VALUE;
      return;
    }
    Webhook next = new Webhook(wanted.url(), wanted.timeout(), position, earlier, alerts);
    webhook.set(next);
    next.start();
    active = wanted;
  }

  /** Up to which number nobody waits for alerts any more. */
  long delivered() {
    Webhook hook = webhook.get();
    return hook != null ? hook.delivered() : delivered;
  }

  Optional<Webhook> webhook() {
    return Optional.ofNullable(webhook.get());
  }

  void stopSending(Duration grace) {
    Webhook hook = webhook.getAndSet(null);
    if (hook != null) hook.drain(grace);
  }
}
