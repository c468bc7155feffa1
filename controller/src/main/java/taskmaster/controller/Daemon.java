package taskmaster.controller;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import taskmaster.api.Command;
import taskmaster.api.Durations;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Shape;
import taskmaster.controller.alerts.AlertAppender;
import taskmaster.controller.alerts.Logs;
import taskmaster.controller.alerts.Teller;
import taskmaster.controller.alerts.Webhook;
import taskmaster.controller.config.Config;
import taskmaster.controller.config.ConfigFile;
import taskmaster.controller.config.ConfigRejected;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Commands;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.Goal;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Observed;
import taskmaster.controller.core.Preview;
import taskmaster.controller.core.Reload;
import taskmaster.controller.core.Snapshot;
import taskmaster.controller.core.Transition;
import taskmaster.controller.http.Control;
import taskmaster.controller.http.Door;
import taskmaster.controller.linux.Errno;
import taskmaster.controller.linux.Fd;
import taskmaster.controller.linux.Host;
import taskmaster.controller.linux.LinuxKernel;
import taskmaster.controller.logs.Capture;
import taskmaster.controller.logs.LogPaths;

/** A running daemon: the loop and what it turns among, put together and taken apart in the right order. */
public final class Daemon implements Control, Loop.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
  private static final long MOST_ALERT_BYTES = 10L << 20;
  private static final Duration HOUSEKEEPING = Duration.ofSeconds(2);
  private static final Duration WEBHOOK_GRACE = Duration.ofSeconds(2);

  private final Config started;
  private final Claim claim;
  private final int alertLock;
  private final AtomicBoolean ending = new AtomicBoolean();
  private final AlertAppender alertFile;
  private final Teller teller;
  private final Capture capture;
  private final LinuxKernel kernel;
  private final Loop loop;
  private final Published published;
  private final Thread loopThread;
  private final Thread housekeeper;
  private final AtomicReference<@Nullable Webhook> webhook = new AtomicReference<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final Instant startedAt = Instant.now();
  private final Object reloading = new Object();
  private volatile Config current;
  private @Nullable Door door;

  /** Where the daemon's own log lines are also shown. */
  public interface Console {
    void begin();
  }

  /**
   * Takes the lock, listens, starts what should run; returns when the daemon answers.
   *
   * @throws Startup why it cannot, with nothing left behind
   */
  public static Daemon start(Path file, Console console) throws Startup {
    Daemon daemon = prepare(file, console);
    daemon.begin();
    return daemon;
  }

  /** Takes the lock and gets everything ready; nothing runs before {@link #begin}. */
  public static Daemon prepare(Path file, Console console) throws Startup {
    Config config;
    try {
      config = ConfigFile.load(file);
    } catch (ConfigRejected e) {
      throw new Startup("cannot start:\n" + e.getMessage(), e);
    }
    Claim claim = Claim.take(config.daemon().state(), config.daemon().pidfile());
    try {
      if (Door.answers(config.daemon().socket())) {
        throw new IOException("cannot listen on " + config.daemon().socket() + ": another daemon answers there; set daemon.socket to another path");
      }
      return new Daemon(config, claim, console);
    } catch (IOException e) {
      throw refused(claim, e);
    }
  }

  private static Startup refused(Claim claim, IOException e) {
    try {
      claim.release();
    } catch (IOException alsoThat) {
      e.addSuppressed(alsoThat);
    }
    return new Startup(String.valueOf(e.getMessage()), e);
  }

  private Daemon(Config config, Claim claim, Console console) throws IOException {
    this.started = config;
    this.current = config;
    this.claim = claim;
    Logs.begin();
    Logs.level(config.daemon().loglevel().name());
    try {
      Logs.toFile(config.daemon().logfile());
    } catch (IOException e) {
      throw new IOException("cannot log to " + config.daemon().logfile() + ": " + reason(e), e);
    }
    console.begin();
    Path alertLockFile = config.alerts().file().resolveSibling(config.alerts().file().getFileName() + ".lock");
    this.alertLock = Host.lock(makeFolderOf(alertLockFile));
    if (alertLock == -Errno.EAGAIN) {
      throw new IOException("cannot write alerts to " + config.alerts().file() + ": another daemon does; set alerts.file to another path");
    }
    try {
      this.alertFile = new AlertAppender(config.alerts().file(), MOST_ALERT_BYTES, this::delivered);
    } catch (IOException e) {
      throw new IOException("cannot write alerts to " + config.alerts().file() + ": " + reason(e), e);
    }
    Logs.alertsTo(alertFile);
    Host.becomeReaper();
    this.teller = new Teller(alertFile);
    this.capture = new Capture(claim.pipes());
    this.kernel = new LinuxKernel(capture, claim.daemonId());
    this.loop = new Loop(kernel, this, Reload.apply(Desired.NOTHING, Observed.NOTHING, config.programs(), false));
    this.published = new Published(kernel, loop.snapshot());
    this.loopThread = Thread.ofPlatform().name("loop").unstarted(this::runLoop);
    this.housekeeper = Thread.ofVirtual().name("housekeeper").unstarted(this::keepHouse);
  }

  private static Path makeFolderOf(Path file) {
    try {
      Path folder = file.getParent();
      if (folder != null) java.nio.file.Files.createDirectories(folder);
    } catch (IOException saidWhenItIsOpened) {
      return file;
    }
    return file;
  }

  private static String reason(IOException e) {
    return e instanceof java.nio.file.AccessDeniedException ? "Permission denied" : String.valueOf(e.getMessage());
  }

  /**
   * Listens, starts what should run, and returns when the daemon answers.
   *
   * @throws Startup why it cannot, with nothing left behind
   */
  public void begin() throws Startup {
    try {
      claim.writePid();
      door = Door.open(started.daemon().socket(), this);
      claim.announce(started.daemon().socket());
      configureWebhook(started.alerts().webhook());
    } catch (IOException e) {
      Door open = door;
      if (open != null) open.close();
      letGo();
      throw refused(claim, e);
    }
    teller.start();
    capture.start();
    teller.alert("daemon_started", about());
    LOG.info("TaskMaster {} started (PID={}), file {}", Version.TEXT, ProcessHandle.current().pid(), started.file());
    loop.setTick(started.daemon().tick());
    CompletableFuture<Void> firstTick = new CompletableFuture<>();
    loop.submit(new Loop.Edit() {
      @Override
      public Desired apply(Desired desired, Observed observed) {
        return desired;
      }

      @Override
      public void applied(Snapshot snapshot) {
        firstTick.complete(null);
      }
    });
    loopThread.start();
    housekeeper.start();
    firstTick.join();
  }

  private void runLoop() {
    try {
      loop.run();
    } catch (RuntimeException | Error e) {
      LOG.error("internal error: the loop ended", e);
      Runtime.getRuntime().halt(70);
    }
    finish();
  }

  private void finish() {
    housekeeper.interrupt();
    join(housekeeper);
    Door open = door;
    if (open != null) open.close();
    capture.close();
    teller.info("TaskMaster stopped");
    teller.close();
    Webhook hook = webhook.getAndSet(null);
    if (hook != null) hook.drain(WEBHOOK_GRACE);
    try {
      claim.release();
    } catch (IOException e) {
      LOG.warn("cannot remove the pid file: {}", e.toString());
    }
    letGo();
    ended.complete(null);
  }

  private void letGo() {
    kernel.close();
    Logs.end();
    Fd.close(alertLock);
  }

  private void keepHouse() {
    try {
      while (true) {
        Thread.sleep(HOUSEKEEPING);
        Door open = door;
        if (open != null) open.keepOpen();
        try {
          claim.keep();
        } catch (IOException | Startup e) {
          LOG.warn("{}", e.getMessage());
        }
      }
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until everything is stopped and the daemon has let go of everything. */
  public void awaitEnd() throws InterruptedException {
    try {
      ended.get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("internal error: the end failed", impossible);
    }
  }

  public Config config() {
    return current;
  }

  private static void join(Thread thread) {
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether a shutdown has begun. */
  public boolean isEnding() {
    return ending.get();
  }

  /**
   * Stops everything, then ends; once that has begun another call changes nothing unless it says {@code atOnce}.
   *
   * @param atOnce SIGKILL to all, without waiting for any stoptime
   */
  public void shutdown(String reason, boolean atOnce) {
    if (ending.compareAndSet(false, true)) {
      LOG.info("shutting down: {}", reason);
      teller.alert("daemon_stopping", Map.of("reason", reason, "pid", ProcessHandle.current().pid()));
    } else if (atOnce) {
      LOG.warn("shutting down at once: {}", reason);
    } else {
      return;
    }
    loop.submit((desired, observed) ->
        Commands.apply(desired, observed, new Command.Shutdown(atOnce)) instanceof Commands.Accepted a ? a.desired() : desired);
  }

  // ---- what the loop tells ----

  @Override
  public void acted(Action action) {
    teller.action(action);
  }

  @Override
  public void happened(List<Transition> transitions, Snapshot snapshot) {
    transitions.forEach(teller::transition);
  }

  @Override
  public void published(Snapshot snapshot) {
    published.publish(snapshot);
  }

  @Override
  public void violated(String what) {
    teller.error("internal error: " + what);
    teller.alert("invariant_violated", Map.of("what", what));
  }

  // ---- what the API asks ----

  @Override
  public Snapshot snapshot() {
    return loop.snapshot();
  }

  @Override
  public MonoTime now() {
    return kernel.now();
  }

  @Override
  public Commands.Outcome command(Command command) throws InterruptedException {
    if (command instanceof Command.Shutdown(boolean atOnce)) {
      shutdown("by command", atOnce);
      return new Commands.Accepted(loop.snapshot().desired(), List.of());
    }
    CommandEdit edit = new CommandEdit(command);
    loop.submit(edit);
    Commands.Outcome outcome = edit.outcome();
    LOG.debug("command {}: {}", command, outcome instanceof Commands.Refused(String why) ? why : "accepted");
    return outcome;
  }

  private static final class CommandEdit implements Loop.Edit {
    private final Command command;
    private final CompletableFuture<Commands.Outcome> published = new CompletableFuture<>();
    private Commands.Outcome outcome = new Commands.Refused("not carried out yet");

    CommandEdit(Command command) {
      this.command = command;
    }

    @Override
    public Desired apply(Desired desired, Observed observed) {
      outcome = Commands.apply(desired, observed, command);
      return outcome instanceof Commands.Accepted a ? a.desired() : desired;
    }

    @Override
    public void applied(Snapshot snapshot) {
      published.complete(outcome);
    }

    Commands.Outcome outcome() throws InterruptedException {
      try {
        return published.get();
      } catch (ExecutionException impossible) {
        throw new IllegalStateException("internal error: " + command, impossible);
      }
    }
  }

  @Override
  public Preview reload(@Nullable Boolean sync) throws ConfigRejected, InterruptedException {
    synchronized (reloading) {
      Config next;
      try {
        next = ConfigFile.load(started.file());
      } catch (ConfigRejected e) {
        LOG.error("reload rejected, nothing was changed:\n{}", e.getMessage());
        teller.alert("config_rejected", Map.of("file", started.file().toString(), "errors", String.valueOf(e.getMessage())));
        throw e;
      }
      ReloadEdit edit = new ReloadEdit(next, sync != null ? sync : next.daemon().syncReload());
      applySettings(next);
      loop.submit(edit);
      Preview preview = edit.preview();
      Map<String, Object> payload = new LinkedHashMap<>();
      for (Preview.Kind kind : Preview.Kind.values()) {
        payload.put(kind.word(), preview.changes().stream().filter(c -> c.kind() == kind).map(Preview.Change::program).toList());
      }
      teller.alert("config_reloaded", payload);
      LOG.info("reloaded {}: {}", started.file(), payload);
      return preview;
    }
  }

  private final class ReloadEdit implements Loop.Edit {
    private final Config config;
    private final boolean sync;
    private final CompletableFuture<Preview> published = new CompletableFuture<>();
    private @Nullable Preview preview;

    ReloadEdit(Config config, boolean sync) {
      this.config = config;
      this.sync = sync;
    }

    @Override
    public Desired apply(Desired desired, Observed observed) {
      Desired next = Reload.apply(desired, observed, config.programs(), sync);
      preview = Preview.of(desired, next, observed, kernel.now());
      return next;
    }

    @Override
    public void applied(Snapshot snapshot) {
      published.complete(preview);
    }

    Preview preview() throws InterruptedException {
      try {
        return published.get();
      } catch (ExecutionException impossible) {
        throw new IllegalStateException("internal error: reload", impossible);
      }
    }
  }

  private void applySettings(Config next) {
    Config before = current;
    current = next;
    Logs.level(next.daemon().loglevel().name());
    loop.setTick(next.daemon().tick());
    if (!next.daemon().logfile().equals(before.daemon().logfile())) {
      try {
        Logs.toFile(next.daemon().logfile());
      } catch (IOException e) {
        LOG.error("cannot log to {}: {}; logging goes on where it was", next.daemon().logfile(), reason(e));
      }
    }
    if (!java.util.Objects.equals(before.alerts().webhook(), next.alerts().webhook())) {
      try {
        configureWebhook(next.alerts().webhook());
      } catch (IOException e) {
        LOG.error("cannot set up the webhook: {}", e.toString());
      }
    }
    warnOfLater("daemon.socket", started.daemon().socket(), next.daemon().socket());
    warnOfLater("daemon.pidfile", started.daemon().pidfile(), next.daemon().pidfile());
    warnOfLater("daemon.state", started.daemon().state(), next.daemon().state());
    warnOfLater("alerts.file", started.alerts().file(), next.alerts().file());
  }

  private static void warnOfLater(String key, Path now, Path later) {
    if (!now.equals(later)) LOG.warn("{} is now {}: that takes effect at the next start", key, later);
  }

  private void configureWebhook(Config.@Nullable Webhook wanted) throws IOException {
    Webhook old = webhook.getAndSet(null);
    if (old != null) old.close();
    Path position = started.daemon().state().resolve("webhook.position");
    if (wanted == null) {
      java.nio.file.Files.deleteIfExists(position);
      return;
    }
    Webhook next = new Webhook(wanted.url(), wanted.timeout(), position, alertFile);
    webhook.set(next);
    next.start();
  }

  private long delivered() {
    Webhook hook = webhook.get();
    return hook == null ? Long.MAX_VALUE : hook.delivered();
  }

  @Override
  public Preview plan(@Nullable Boolean sync) throws ConfigRejected {
    Config next = ConfigFile.load(started.file());
    Snapshot now = loop.snapshot();
    boolean asSync = sync != null ? sync : next.daemon().syncReload();
    Desired after = Reload.apply(now.desired(), now.observed(), next.programs(), asSync);
    return Preview.of(now.desired(), after, now.observed(), kernel.now());
  }

  @Override
  public Goal.State await(Goal goal, Duration atMost) throws InterruptedException {
    return published.await(goal, atMost);
  }

  @Override
  public Map<String, Object> about() {
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("version", Version.TEXT);
    about.put("pid", ProcessHandle.current().pid());
    about.put("uptime", Durations.show(Duration.between(startedAt, Instant.now())));
    about.put("file", started.file().toString());
    about.put("socket", started.daemon().socket().toString());
    about.put("logfile", current.daemon().logfile().toString());
    about.put("state", started.daemon().state().toString());
    about.put("programs", current.programs().size());
    return about;
  }

  @Override
  public Optional<Webhook.Status> webhook() {
    return Optional.ofNullable(webhook.get()).map(Webhook::status);
  }

  @Override
  public Map<String, Object> alerts() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("file", started.alerts().file().toString());
    map.put("last_seq", alertFile.seqOnDisk());
    map.put("lost", alertFile.lost());
    String trouble = alertFile.trouble();
    map.put("file_state", trouble == null ? "ok" : trouble);
    webhook().ifPresentOrElse(
        w -> {
          map.put("webhook", w.url());
          map.put("webhook_state", w.state());
          map.put("webhook_delivered", w.delivered());
          map.put("webhook_waiting", w.waiting());
          map.put("webhook_passed_over", w.passedOver());
          map.put("webhook_last_error", w.lastError() == null ? "none" : w.lastError());
        },
        () -> map.put("webhook", "none"));
    return map;
  }

  @Override
  public Optional<Path> logFile(InstanceId id, boolean stderr) {
    ProgramSpec spec = loop.snapshot().desired().specs().get(id.program());
    if (spec == null) return Optional.empty();
    Shape shape = spec.shape();
    return stderr ? LogPaths.stderr(id, shape) : LogPaths.stdout(id, shape);
  }

  /** Hears of every line the log gets, for a console that knows how to show it. */
  public static Console shownBy(Consumer<String> hearer, boolean coloured) {
    return () -> Logs.toHearer(hearer, coloured);
  }

  public static Console onStderr(boolean coloured) {
    return () -> Logs.toStderr(coloured);
  }

  public static Console silent() {
    return () -> {};
  }
}
