package taskmaster.controller;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import taskmaster.api.Attributes;
import taskmaster.api.Command;
import taskmaster.api.Durations;
import taskmaster.api.Identity;
import taskmaster.api.InstanceId;
import taskmaster.api.Output;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Shape;
import taskmaster.api.logs.LogReader;
import taskmaster.api.logs.LogSource;
import taskmaster.controller.alerts.AlertAppender;
import taskmaster.controller.alerts.Webhook;
import taskmaster.controller.config.Config;
import taskmaster.controller.config.ConfigRejected;
import taskmaster.controller.core.Commands;
import taskmaster.controller.core.Goal;
import taskmaster.controller.core.Instance;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Preview;
import taskmaster.controller.core.Run;
import taskmaster.controller.core.Snapshot;
import taskmaster.controller.http.Control;
import taskmaster.controller.http.Launch;
import taskmaster.controller.linux.Host;
import taskmaster.controller.linux.Invocation;
import taskmaster.controller.linux.LinuxKernel;
import taskmaster.controller.logs.Capture;
import taskmaster.api.LogPaths;

/** What operators ask of a running daemon. */
final class DaemonControl implements Control {
  private static final Logger LOG = LoggerFactory.getLogger(DaemonControl.class);

  /** Begins the daemon's end. */
  interface Shutdown {
    /** Empty, or why it ends otherwise. */
    Optional<String> begin(Command.Shutdown.How how);
  }

  private final Loop loop;
  private final LinuxKernel kernel;
  private final WallClock wallClock;
  private final Settings settings;
  private final Reloads reloads;
  private final Published published;
  private final Capture capture;
  private final AlertAppender alertFile;
  private final Shutdown shutdown;
  private final Instant startedAt = Instant.now();

  DaemonControl(
      Loop loop,
      LinuxKernel kernel,
      Settings settings,
      Reloads reloads,
      Published published,
      Capture capture,
      AlertAppender alertFile,
      Shutdown shutdown) {
    this.loop = loop;
    this.kernel = kernel;
    this.wallClock = new WallClock(Instant::now, kernel.now());
    this.settings = settings;
    this.reloads = reloads;
    this.published = published;
    this.capture = capture;
    this.alertFile = alertFile;
    this.shutdown = shutdown;
  }

  @Override
  public Snapshot snapshot() {
    return loop.snapshot();
  }

  @Override
  public MonoTime now() {
    return kernel.now();
  }

  @Override
  public Instant at(MonoTime now) {
    return wallClock.at(now);
  }

  @Override
  public void clientCame() {
    Host.lookAtDescriptors();
  }

  @Override
  public Commands.Outcome command(Command command) throws InterruptedException {
    if (command instanceof Command.Shutdown(Command.Shutdown.How how)) {
      Optional<String> refused = shutdown.begin(how);
      if (refused.isPresent()) return new Commands.Refused(refused.get());
      return new Commands.Accepted(loop.snapshot().desired(), List.of(), List.of());
    }
    Asked<Commands.Outcome> edit =
        new Asked<>(
            (desired, observed) -> {
              Commands.Outcome outcome = Commands.apply(desired, observed, command);
              return new Asked.Answer<>(outcome instanceof Commands.Accepted a ? a.desired() : desired, outcome);
            },
            new Commands.Refused("the daemon has just ended"));
    loop.submit(edit);
    Commands.Outcome outcome = edit.await();
    LOG.debug("command {}: {}", command, outcome instanceof Commands.Refused(String why) ? why : "accepted");
    return outcome;
  }

  @Override
  public Preview reload(@Nullable Boolean sync) throws ConfigRejected, InterruptedException {
    return reloads.reload(sync);
  }

  @Override
  public Preview plan(@Nullable Boolean sync) throws ConfigRejected {
    return reloads.plan(sync);
  }

  @Override
  public Goal.State await(Goal goal, Duration atMost, LogReader.Audience client) throws InterruptedException, IOException {
    return published.await(goal, atMost, client);
  }

  @Override
  public Map<String, Object> about() {
    Config config = settings.started();
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("version", Version.TEXT);
    about.put("pid", ProcessHandle.current().pid());
    about.put("uptime", Durations.show(Duration.between(startedAt, Instant.now())));
    about.put("file", config.file().toString());
    about.put("socket", config.daemon().socket().toString());
    about.put("logfile", settings.current().daemon().logfile().toString());
    about.put("state", config.daemon().state().toString());
    about.put("programs", settings.current().programs().size());
    return about;
  }

  @Override
  public Optional<Webhook.Status> webhook() {
    return settings.webhook().map(Webhook::status);
  }

  @Override
  public Map<String, Object> alerts() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("file", settings.started().alerts().file().toString());
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
  public long droppedOutput(InstanceId id) {
    return capture.dropped(id);
  }

  @Override
  public Launch launch(InstanceId id) {
    Snapshot now = loop.snapshot();
    Instance it = now.observed().instance(id);
    Run run = it == null ? null : it.run();
    ProgramSpec spec = run != null ? run.spec() : Objects.requireNonNull(now.desired().specs().get(id.program()), id.toString());
    Invocation invocation = kernel.invocation(id, run != null ? run.number() : now.observed().nextRun(), spec.shape());
    List<String> prefix = List.of();
    String refused = null;
    try {
      prefix = invocation.prefix();
    } catch (IOException e) {
      if (run == null) refused = e.getMessage();
    }
    Attributes attributes = invocation.attributes();
    Identity identity = attributes.identity();
    Integer umask = spec.shape().umask();
    Optional<SortedMap<String, String>> given = run == null ? Optional.empty() : invocation.variablesOf(run.pid());
    return new Launch(
        id,
        run == null ? null : Integer.valueOf(run.pid()),
        invocation.argv(),
        prefix,
        refused,
        invocation.workingdir(),
        identity != null ? identity : SystemAccounts.ofDaemon(),
        umask != null ? umask : Host.umask(),
        attributes,
        given.orElseGet(invocation::variables),
        given.isPresent());
  }

  @Override
  public void reopenLogs() {
    LOG.info("opening the logs again");
    capture.reopenFiles();
    try {
      Settings.logTo(settings.current().daemon().logfile());
    } catch (IOException e) {
      LOG.error("{}; logging on to the old one", e.getMessage());
    }
  }

  @Override
  public Optional<LogSource> logFile(InstanceId id, boolean stderr) {
    ProgramSpec spec = loop.snapshot().desired().specs().get(id.program());
    if (spec == null) return Optional.empty();
    Shape shape = spec.shape();
    Optional<Path> path = stderr ? LogPaths.stderr(id, shape) : LogPaths.stdout(id, shape);
    String stream = stderr && !(shape.stderr() instanceof Output.WithStdout) ? "stderr" : "stdout";
    return path.map(p -> new LogSource(id.program(), id.toString(), stream, p, spec.policy().log().format()));
  }
}
