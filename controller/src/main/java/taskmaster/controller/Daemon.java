package taskmaster.controller;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import taskmaster.api.Command;
import taskmaster.api.ExitCode;
import taskmaster.api.Signal;
import taskmaster.controller.alerts.AlertAppender;
import taskmaster.controller.alerts.Logs;
import taskmaster.controller.alerts.Missed;
import taskmaster.controller.alerts.Teller;
import taskmaster.controller.config.Config;
import taskmaster.controller.config.ConfigRejected;
import taskmaster.controller.core.Commands;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Recovery;
import taskmaster.controller.core.Reload;
import taskmaster.controller.core.Snapshot;
import taskmaster.controller.core.VitalEnd;
import taskmaster.controller.http.Control;
import taskmaster.controller.http.Door;
import taskmaster.controller.http.SocketFile;
import taskmaster.controller.linux.Errno;
import taskmaster.controller.linux.Fd;
import taskmaster.controller.linux.Host;
import taskmaster.controller.linux.LinuxKernel;
import taskmaster.controller.linux.Scheduling;
import taskmaster.controller.linux.ServiceManager;
import taskmaster.controller.logs.Capture;
import taskmaster.controller.state.RunRecords;

/** A running daemon: the loop and what it turns among, put together and taken apart in the right order. */
public final class Daemon {
  private static final long MOST_ALERT_BYTES = 10L << 20;
  private static final Duration WEBHOOK_GRACE = Duration.ofSeconds(2);

  /** Not static: the first logger that is asked for sets all of them up, and that is the voice's to do. */
  private final Logger log = LoggerFactory.getLogger(Daemon.class);

  static {
    // an http probe may name a virtual host, and is to see whether new connections are accepted; read once by the client
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "connection,host");
  }

  private final Voice voice;
  private final LoadedFile loaded;
  private final Settings settings;
  private final Claim claim;
  private final int alertLock;
  private final AlertAppender alertFile;
  private final Teller teller;
  private final Capture capture;
  private final LinuxKernel kernel;
  private final RunRecords.Contents before;
  private final RunRecords records;
  private final List<Event> found;
  private final Loop loop;
  private final Reloads reloads;
  private final Control control;
  private final Thread loopThread;
  private final Doorway doorway = new Doorway();
  private final Housekeeper housekeeper;
  private final AtomicReference<Command.Shutdown.@Nullable How> ending = new AtomicReference<>();
  private final AtomicInteger exitCode = new AtomicInteger(ExitCode.OK);
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final ServiceManager serviceManager = ServiceManager.ofEnvironment();

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
    Daemon daemon = prepare(Voice.begin(), file, console, Duration.ZERO);
    daemon.begin();
    return daemon;
  }

  /** Whether a daemon of this file has left records: it has died, or runs. */
  public static boolean leftRecords(Path file) throws Startup {
    return Files.exists(LoadedFile.records(LoadedFile.of(file).config().daemon().state()));
  }

  /** Begins to load, on a thread of its own, what a start takes whatever its file says. */
  public static void warmUp(Voice voice) {
    voice.onceSilent(() -> {
      Host.warmUp();
      Door.warmUp();
    });
  }

  /**
   * Takes the lock and over what an earlier daemon left; nothing is changed before {@link #begin}.
   *
   * @param patience how long to wait for another daemon to let go of the lock
   */
  public static Daemon prepare(Voice voice, Path file, Console console, Duration patience) throws Startup {
    LoadedFile loaded = LoadedFile.of(file);
    Config.Daemon config = loaded.config().daemon();
    Claim claim = Claim.take(config.state(), config.pidfile(), patience);
    try {
      if (SocketFile.answers(config.socket())) {
        throw new IOException("cannot listen on " + config.socket() + ": another daemon answers there; set daemon.socket to another path");
      }
      voice.awaitSilence();
      return new Daemon(voice, loaded, claim, console);
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

  private Daemon(Voice voice, LoadedFile loaded, Claim claim, Console console) throws IOException {
    Config config = loaded.config();
    this.voice = voice;
    this.loaded = loaded;
    this.settings = new Settings(config);
    this.claim = claim;
    Settings.checkLog(config.daemon().logfile());
    this.alertLock = lockAlerts(config.alerts().file());
    try {
      this.alertFile = new AlertAppender(config.alerts().file(), MOST_ALERT_BYTES, this::delivered);
    } catch (IOException e) {
      throw new IOException("cannot write alerts to " + config.alerts().file() + ": " + Settings.reason(e), e);
    }
    voice.speak(config, console, alertFile);
    Host.becomeReaper();
    this.teller = new Teller(alertFile);
    this.capture = new Capture(claim.pipes(), new LogAlerts(teller));
    this.kernel = new LinuxKernel(capture, claim.daemonId(), claim.pipes());
    Path recordsFile = LoadedFile.records(config.daemon().state());
    String machine = Host.machine();
    this.before = RunRecords.read(recordsFile, machine);
    boolean wereRecords = before.length() > 0 || !before.damage().isEmpty();
    if (wereRecords) voice.await(); // there may be things to say about what was left
    if (!before.damage().isEmpty()) log.warn("{}; looking for what runs without them", before.damage());
    this.records = new RunRecords(recordsFile, machine, Version.TEXT, before, new Telling(), teller::error);
    try {
      capture.degradedBefore(Missed.degradedLogs(config.alerts().file()));
    } catch (IOException | RuntimeException e) {
      voice.await();
      log.warn("cannot see in {} which logs were in trouble: {}", config.alerts().file(), e.toString());
    }
    this.found = takeOver(config);
    Published published = new Published(kernel, Snapshot.of(before.recovered(), kernel.now()));
    this.loop = new Loop(kernel, records, new Relay(teller, capture, published, this::endWith), before.recovered(), found);
    this.reloads = new Reloads(loaded, settings, loop, kernel, teller, alertFile);
    this.control = new DaemonControl(loop, kernel, settings, reloads, published, capture, alertFile, this::endByCommand);
    this.loopThread = Thread.ofPlatform().name("loop").unstarted(this::runLoop);
    this.housekeeper = new Housekeeper(doorway, claim, reloads, loop, this::isEnding);
  }

  private List<Event> takeOver(Config config) throws IOException {
    try {
      List<Event> taken = Adoption.take(kernel, before.recovered(), config.programs());
      capture.sweep();
      kernel.sweep();
      return taken;
    } catch (UncheckedIOException e) {
      throw new IOException("cannot take over what runs: " + e.getMessage() + "; raise the limit of open files (ulimit -n) and start again", e);
    }
  }

  private final class Telling implements RunRecords.Alerts {
    @Override
    public boolean allTold() {
      return teller.allTold();
    }

    @Override
    public long lastNumber() {
      return alertFile.seqOnDisk();
    }
  }

  private static int lockAlerts(Path alerts) throws IOException {
    Path lockFile = alerts.resolveSibling(alerts.getFileName() + ".lock");
    try {
      Path folder = lockFile.getParent();
      if (folder != null) Files.createDirectories(folder);
    } catch (IOException saidWhenItIsOpened) {
      return -1;
    }
    int lock = Host.lock(lockFile);
    if (lock == -Errno.EAGAIN) {
      throw new IOException("cannot write alerts to " + alerts + ": another daemon does; set alerts.file to another path");
    }
    return lock;
  }

  /**
   * Listens, starts what should run, and returns when the daemon answers.
   *
   * @throws Startup why it cannot, with nothing left behind
   */
  public void begin() throws Startup {
    Config config = settings.started();
    begin((desired, observed) -> Reload.apply(desired, observed, config.programs(), false).withGroups(config.groups()));
    if (loaded.rejected() != null) reloads.rejectedAtStart(loaded.rejected(), loaded.attempt());
    else reloads.keep(loaded.reading());
    serviceManager.tell("READY=1\nSTATUS=" + config.programs().size() + " programs");
  }

  /**
   * Stops what an earlier daemon left running, tells what that one did not come to tell, and ends.
   *
   * @return how many instances were alive, or -1 if there is no sign of an earlier daemon
   */
  public int stopLeftovers() throws Startup, InterruptedException {
    if (isFirst()) {
      leaveNothing();
      letGo();
      return -1;
    }
    // before anything is planned, so that nothing is started for it
    begin((desired, observed) -> {
      shutdown("by command, for a daemon that had died", Command.Shutdown.How.GRACEFULLY);
      return desired;
    });
    awaitEnd();
    return Adoption.alive(before.recovered(), found, kernel.now());
  }

  /** Whether no earlier daemon left anything to take over. */
  private boolean isFirst() {
    Recovery.Recovered recovered = before.recovered();
    boolean knowsNothing = recovered.observed().programs().names().isEmpty() && recovered.intents().isEmpty();
    return knowsNothing && found.isEmpty() && before.damage().isEmpty();
  }

  private void leaveNothing() {
    try {
      if (isFirst()) records.remove();
      claim.release();
    } catch (IOException e) {
      log.warn("cannot remove a file of the daemon's own: {}", e.toString());
    }
  }

  /** The programs first: the door and the logs take their time, and nothing that runs needs them. */
  private void begin(Loop.Edit first) throws Startup {
    Config config = settings.started();
    try {
      claim.writePid();
      doorway.reserve(config.daemon().socket());
      claim.announce(config.daemon().socket());
      settings.sendTo(config.alerts().webhook(), alertFile); // before there is anything to send
    } catch (IOException e) {
      doorway.close();
      leaveNothing();
      letGo();
      throw new Startup(String.valueOf(e.getMessage()), e);
    }
    teller.busy(true); // with the first tick
    teller.start(() -> {
      Scheduling.giveWay();
      voice.await();
    });
    capture.start();
    tellWhatWasMissed();
    teller.alert("daemon_started", aboutTheStart());
    teller.info("TaskMaster " + Version.TEXT + " started (PID=" + ProcessHandle.current().pid() + "), file " + config.file());
    loop.setTick(config.daemon().tick());
    Asked<Boolean> firstTick =
        new Asked<>((desired, observed) -> new Asked.Answer<>(first.apply(desired, observed), true), false);
    loop.submit(firstTick);
    loopThread.start();
    housekeeper.start();
    try {
      doorway.open(control);
      firstTick.await();
      voice.await();
    } catch (IOException | RuntimeException | LinkageError e) {
      giveUp(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What an earlier daemon left running does not die of our failure: the next one takes it over. */
  private void giveUp(Throwable e) throws Startup {
    boolean adopted = Adoption.alive(before.recovered(), found, kernel.now()) > 0;
    shutdown(String.valueOf(e.getMessage()), adopted ? Command.Shutdown.How.KEEPING : Command.Shutdown.How.GRACEFULLY);
    try {
      awaitEnd();
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
    }
    throw new Startup(String.valueOf(e.getMessage()), e);
  }

  /** What a dead daemon did and did not come to tell. */
  private void tellWhatWasMissed() {
    List<Recovery.Told> told = before.recovered().told();
    try {
      told = Missed.of(told, settings.started().alerts().file(), before.alertsBefore());
    } catch (IOException e) {
      log.warn("cannot see which alerts were written already, some may come twice: {}", e.toString());
    }
    Instant now = Instant.now();
    MonoTime mono = kernel.now();
    for (Recovery.Told t : told) teller.transition(t.transition(), now.minus(mono.since(t.at())));
  }

  private Map<String, Object> aboutTheStart() {
    Map<String, Object> about = new LinkedHashMap<>(control.about());
    int adopted = Adoption.alive(before.recovered(), found, kernel.now());
    about.put("adopted", adopted);
    if (adopted > 0) teller.info("adopted " + adopted + " that an earlier daemon left running");
    return about;
  }

  private void runLoop() {
    try {
      loop.run();
      finish(isKeeping());
    } catch (RuntimeException | Error e) {
      awaitVoice();
      log.error("internal error: the loop ended", e);
      Runtime.getRuntime().halt(70);
    }
  }

  private void awaitVoice() {
    try {
      voice.await();
    } catch (RuntimeException mute) {
      mute.printStackTrace();
    }
  }

  private void finish(boolean keeping) {
    housekeeper.end();
    doorway.close();
    capture.close();
    if (keeping) loop.hearLast();
    teller.info(keeping ? "TaskMaster leaves, its programs stay" : "TaskMaster stopped");
    teller.close();
    settings.stopSending(keeping ? Duration.ZERO : WEBHOOK_GRACE);
    try {
      if (keeping) {
        records.close();
      } else {
        records.remove();
        new LastGood(settings.started().daemon().state()).remove();
      }
    } catch (IOException e) {
      log.warn("cannot remove a file of the daemon's own: {}", e.toString());
    }
    letGo();
    releaseClaim(); // last: who waits for it finds everything else free
    ended.complete(null);
  }

  private void releaseClaim() {
    try {
      claim.release();
    } catch (IOException e) {
      System.err.println("[TaskMaster] cannot remove a file of the daemon's own: " + e);
    }
  }

  private void letGo() {
    kernel.close();
    Logs.end();
    Fd.close(alertLock);
  }

  /** Waits until everything is stopped and the daemon has let go of everything. */
  public void awaitEnd() throws InterruptedException {
    try {
      ended.get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("internal error: the end failed", impossible);
    }
  }

  /** Sends a signal on to the programs that the file names for it; false where it names none. */
  public boolean forward(String signal) throws InterruptedException {
    return new SignalForwarder(settings, control).forward(Signal.parse(signal).orElseThrow());
  }

  public Config config() {
    return settings.current();
  }

  /** Whether a shutdown has begun. */
  public boolean isEnding() {
    return ending.get() != null;
  }

  /** Whether its programs are not to end with it. */
  public boolean isKeeping() {
    return ending.get() == Command.Shutdown.How.KEEPING;
  }

  /** Ends; once that has begun another call changes nothing unless it says AT_ONCE. */
  public void shutdown(String reason, Command.Shutdown.How how) {
    boolean isFirst = ending.compareAndSet(null, how);
    if (!isFirst && isKeeping()) return;
    if (isFirst) {
      teller.info((how == Command.Shutdown.How.KEEPING ? "leaving: " : "shutting down: ") + reason);
      long pid = ProcessHandle.current().pid();
      teller.alert("daemon_stopping", Map.of("reason", reason, "pid", pid, "keeps_programs", how == Command.Shutdown.How.KEEPING));
      serviceManager.tell("STOPPING=1");
    } else if (how == Command.Shutdown.How.AT_ONCE) {
      teller.info("shutting down at once: " + reason);
    } else {
      return;
    }
    loop.submit((desired, observed) ->
        Commands.apply(desired, observed, new Command.Shutdown(how)) instanceof Commands.Accepted a ? a.desired() : desired);
  }

  private Optional<String> endByCommand(Command.Shutdown.How how) {
    shutdown("by command", how);
    boolean isAsked = isKeeping() == (how == Command.Shutdown.How.KEEPING);
    if (isAsked) return Optional.empty();
    return Optional.of(isKeeping() ? "the daemon is leaving already, and its programs run on" : "the daemon is shutting down already; its programs are not kept");
  }

  /** Why the file was not taken at the start; empty where it was. */
  public Optional<String> rejected() {
    return Optional.ofNullable(loaded.rejected()).map(ConfigRejected::getMessage);
  }

  /** What can be asked of it, over the socket or in this process. */
  public Control control() {
    return control;
  }

  private long delivered() {
    return settings.delivered();
  }

  private void endWith(VitalEnd vital) {
    if (!vital.expected()) exitCode.compareAndSet(ExitCode.OK, ExitCode.VITAL_ENDED);
    shutdown(vital.reason() + ", and the daemon is not to go on without it", Command.Shutdown.How.GRACEFULLY);
  }

  /** What its process should end with, once it has ended. */
  public int exitCode() {
    return exitCode.get();
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
