package taskmaster.controller.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;
import taskmaster.api.Command;
import taskmaster.api.DidYouMean;
import taskmaster.api.Durations;
import taskmaster.api.ExitCode;
import taskmaster.api.InstanceId;
import taskmaster.api.InstanceStatus;
import taskmaster.api.Phase;
import taskmaster.api.ProgramSpec;
import taskmaster.api.ProgramStatus;
import taskmaster.api.Signal;
import taskmaster.api.Target;
import taskmaster.api.Waits;
import taskmaster.api.logs.LogReader;
import taskmaster.controller.config.ConfigRejected;
import taskmaster.controller.core.Commands;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.Goal;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Preview;
import taskmaster.controller.core.Snapshot;
import taskmaster.controller.core.Statuses;
import tools.jackson.databind.json.JsonMapper;

/**
 * The routes. Each answers in JSON; with {@code Accept: text/plain} in the lines that the command line prints, and then
 * the header {@code Taskmaster-Exit-Code} says what it ends with. Errors are problem documents (RFC 9457).
 */
final class Api {
  private static final String EXIT_CODE = "Taskmaster-Exit-Code";
  private final Control control;
  private final Peers peers;
  private final LogRoutes logs;
  private final int mostKept;
  private final Semaphore kept;
  private final JsonMapper json = new JsonMapper();

  /** @param mostKept connections that may be kept at a time, by who waits or follows: others want to be answered */
  Api(Control control, Peers peers, int mostKept) {
    this.control = control;
    this.peers = peers;
    this.mostKept = mostKept;
    this.kept = new Semaphore(mostKept);
    this.logs = new LogRoutes(control, peers, kept);
  }

  /** Ends a request with a problem document. */
  static final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Status status;
    private final int exitCode;

    Problem(Status status, int exitCode, String detail) {
      super(detail);
      this.status = status;
      this.exitCode = exitCode;
    }

    static Problem usage(String detail) {
      return new Problem(Status.BAD_REQUEST_400, ExitCode.USAGE, detail);
    }

    static Problem failed(String detail) {
      return new Problem(Status.CONFLICT_409, ExitCode.FAILED, detail);
    }
  }

  HttpRouting.Builder routing() {
    return HttpRouting.builder()
        .addFilter((chain, request, response) -> {
          chain.proceed();
          // Helidon announces it but leaves the connection open
          boolean asked = request.headers().contains(HeaderNames.CONNECTION)
              && "close".equalsIgnoreCase(request.headers().get(HeaderNames.CONNECTION).get());
          if (asked || response.headers().contains(HeaderValues.CONNECTION_CLOSE)) throw new CloseConnectionException("as it was said");
        })
        .error(Problem.class, this::problem)
        .error(ConfigRejected.class, (q, s, e) -> problem(q, s, new Problem(Status.CONFLICT_409, ExitCode.FAILED, String.valueOf(e.getMessage()))))
        .error(IllegalArgumentException.class, (q, s, e) -> problem(q, s, Problem.usage(String.valueOf(e.getMessage()))))
        .get("/v1/status", this::status)
        .post("/v1/start", (q, s) -> wanting(q, s, "started", Goal.Started::new, Command.Start::new))
        .post("/v1/stop", this::stop)
        .post("/v1/restart", (q, s) -> wanting(q, s, "restarted", Goal.Started::new, Command.Restart::new))
        .get("/v1/wait", this::waitFor)
        .post("/v1/signal", this::signal)
        .post("/v1/reload-program", this::reloadProgram)
        .post("/v1/scale", this::scale)
        .post("/v1/reload", this::reload)
        .get("/v1/plan", (q, s) -> preview(q, s, control.plan(sync(q)), "nothing would change\n"))
        .post("/v1/shutdown", this::shutdown)
        .get("/v1/daemon", (q, s) -> send(q, s, control.about(), properties(control.about())))
        .get("/v1/alerts", (q, s) -> send(q, s, control.alerts(), properties(control.alerts())))
        .get("/v1/programs", this::programs)
        .get("/v1/logfile", this::logfile)
        .get("/v1/env", this::env)
        .post("/v1/logs/reopen", (q, s) -> {
          control.reopenLogs();
          send(q, s, Map.of("reopened", true), "OK logs reopened\n");
        })
        .get("/metrics", (q, s) -> {
          s.header(HeaderNames.CONTENT_TYPE, Metrics.CONTENT_TYPE);
          s.send(Metrics.of(statuses().all()));
        })
        .get("/v1/logs", (q, s) -> logs.logs(q, s, logged(targets(q, false))))
        .get("/v1/logs/{target}", (q, s) -> logs.logs(q, s, logged(List.of(Target.parse(q.path().pathParameters().get("target"))))))
        .any((q, s) -> {
          String what = q.prologue().method().text() + " " + q.path().path();
          throw new Problem(Status.NOT_FOUND_404, ExitCode.USAGE, "no such resource: " + what);
        });
  }

  private void status(ServerRequest q, ServerResponse s) {
    Statuses statuses = statuses();
    List<Target> targets = targets(q, false);
    boolean colour = flag(q, "colour");
    if (targets.isEmpty()) {
      List<ProgramStatus> all = statuses.all();
      boolean wide = flag(q, "wide");
      send(q, s, all.stream().map(Views::program).toList(), wide ? wide(all, colour) : StatusTable.ofPrograms(all, colour));
      return;
    }
    Set<ProgramStatus> programs = new LinkedHashSet<>(); // groups may share some
    List<InstanceStatus> instances = new ArrayList<>();
    for (Target target : targets) {
      switch (target) {
        case Target.All() -> programs.addAll(statuses.all());
        case Target.Program(String name) -> programs.add(statuses.program(name).orElseThrow(() -> noSuch(name)));
        case Target.Group(String name) -> members(name).forEach(member -> statuses.program(member).ifPresent(programs::add));
        case Target.Instance(InstanceId id) ->
            instances.add(statuses.instance(id).orElseThrow(() -> unresolved(List.of(target))));
      }
    }
    programs.forEach(p -> instances.addAll(p.instances()));
    boolean allRun = !instances.isEmpty() && instances.stream().allMatch(i -> i.phase() == Phase.RUNNING);
    s.header(EXIT_CODE, Integer.toString(allRun ? ExitCode.OK : ExitCode.NOT_RUNNING));
    List<Map<String, Object>> views = new ArrayList<>(programs.stream().map(Views::program).toList());
    for (Target target : targets) {
      if (target instanceof Target.Instance(InstanceId id)) {
        statuses.instance(id).ifPresent(i -> views.add(Views.instance(i)));
      }
    }
    boolean single = instances.size() == programs.size() && !flag(q, "wide");
    String text = single && !programs.isEmpty() ? StatusTable.ofPrograms(List.copyOf(programs), colour) : StatusTable.ofInstances(instances, colour);
    send(q, s, views, text);
  }

  private String wide(List<ProgramStatus> all, boolean colour) {
    String table = StatusTable.ofInstances(all.stream().flatMap(p -> p.instances().stream()).toList(), colour);
    return table + control.webhook().map(w -> "\nwebhook " + w.url() + ": " + w.state() + ", " + w.waiting() + " waiting"
        + (w.lastError() == null ? "" : " (" + w.lastError() + ")") + "\n").orElse("");
  }

  private interface Instances<T> {
    T of(List<InstanceId> instances);
  }

  private interface Targets<T> {
    T of(List<Target> targets);
  }

  private void wanting(ServerRequest q, ServerResponse s, String done, Instances<Goal> goal, Targets<Command> command)
      throws InterruptedException {
    List<Target> targets = targets(q, true);
    timeout(q); // what is wrong with the request is said before anything is done
    Commands.Accepted accepted = accepted(command.of(targets));
    Goal.State state = awaitIfAsked(q, s, goal.of(accepted.instances()));
    List<String> names = named(targets, accepted);
    List<String> good = new ArrayList<>();
    for (String name : names) good.add(isNoWait(q) && state instanceof Goal.Pending ? name + " will be " + done : done + " " + name);
    tell(q, s, state, !isNoWait(q), accepted.instances(), good, accepted.notes());
  }

  private void stop(ServerRequest q, ServerResponse s) throws InterruptedException {
    boolean withDependents = flag(q, "with-dependents");
    wanting(q, s, "stopped", Goal.Stopped::new, targets -> new Command.Stop(targets, withDependents));
  }

  /** The targets, and the programs that a command went on to from there. */
  private List<String> named(List<Target> targets, Commands.Accepted accepted) {
    Set<String> names = new LinkedHashSet<>();
    for (Target target : targets) names.add(target.toString());
    if (!(Commands.resolve(accepted.desired(), targets) instanceof Commands.Found(var meant))) return List.copyOf(names);
    Set<String> programs = new HashSet<>();
    for (InstanceId id : meant) programs.add(id.program());
    for (InstanceId id : accepted.instances()) if (!programs.contains(id.program())) names.add(id.program());
    return List.copyOf(names);
  }

  /**
   * @param waited whether the goal should have been reached by now
   * @param good what is said of each where nothing went wrong
   */
  private void tell(
      ServerRequest q, ServerResponse s, Goal.State state, boolean waited, List<InstanceId> instances, List<String> good, List<String> notes) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("done", state instanceof Goal.Reached);
    body.put("instances", instances.stream().map(InstanceId::toString).toList());
    StringBuilder text = new StringBuilder();
    boolean failed = false;
    switch (state) {
      case Goal.Reached r -> good.forEach(line -> text.append("OK ").append(line).append('\n'));
      case Goal.Missed(var why) -> {
        body.put("why", why);
        why.forEach(w -> text.append("ERR ").append(w).append('\n'));
        failed = true;
      }
      case Goal.Pending(String what) -> {
        body.put("pending", what);
        failed = waited;
        if (failed) text.append("ERR timed out: ").append(what).append('\n');
        else good.forEach(line -> text.append("OK ").append(line).append('\n'));
      }
    }
    if (failed) s.header(EXIT_CODE, Integer.toString(ExitCode.FAILED));
    send(q, s, noting(body, notes), text + notes(notes));
  }

  private static Map<String, Object> noting(Map<String, Object> body, List<String> notes) {
    if (!notes.isEmpty()) body.put("notes", notes);
    return body;
  }

  private static String notes(List<String> notes) {
    StringBuilder text = new StringBuilder();
    notes.forEach(note -> text.append("NOTE: ").append(note).append('\n'));
    return text.toString();
  }

  /** What programs may be waited for: its word in requests, and what is said once it is so. */
  private enum Awaited {
    READY("is ready", Goal.Ready::new),
    STOPPED("is stopped", Goal.Down::new),
    COMPLETED("has completed", Goal.Completed::new);

    private final String done;
    private final Instances<Goal> goal;

    Awaited(String done, Instances<Goal> goal) {
      this.done = done;
      this.goal = goal;
    }

    private static Awaited parse(String text) {
      List<String> words = new ArrayList<>();
      for (Awaited a : values()) {
        String word = a.name().toLowerCase(Locale.ROOT);
        if (word.equals(text)) return a;
        words.add(word);
      }
      throw Problem.usage("cannot wait for '" + text + "': it is none of " + String.join(", ", words) + DidYouMean.hint(words, text));
    }
  }

  private void waitFor(ServerRequest q, ServerResponse s) throws InterruptedException {
    List<Target> targets = targets(q, true);
    Awaited awaited = Awaited.parse(Query.first(q, "for").orElse("ready"));
    List<InstanceId> instances = resolve(targets);
    String empty = awaited == Awaited.STOPPED ? "" : Commands.empty(control.snapshot().desired(), targets);
    if (!empty.isEmpty()) throw Problem.failed(empty);
    // who means everything means what should run, and nothing that has done its work
    boolean everything = awaited == Awaited.READY && targets.contains(new Target.All());
    Goal.State state = await(q, s, everything ? new Goal.AllReady() : awaited.goal.of(instances));
    List<InstanceId> meant = everything ? instances.stream().filter(this::isWanted).toList() : instances;
    tell(q, s, state, true, meant, targets.stream().map(t -> t + " " + awaited.done).toList(), List.of());
  }

  private void signal(ServerRequest q, ServerResponse s) throws InterruptedException {
    String name = required(q, "signal");
    Signal signal =
        Signal.parse(name).orElseThrow(() -> Problem.usage("no such signal '" + name + "'" + DidYouMean.hint(Signal.names(), name)));
    List<Target> targets = targets(q, true);
    Commands.Accepted accepted = accepted(new Command.SendSignal(signal, targets));
    List<String> ids = accepted.instances().stream().map(InstanceId::toString).toList();
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("signal", signal.name());
    body.put("instances", ids);
    send(q, s, noting(body, accepted.notes()), "OK sent " + signal + " to " + String.join(", ", ids) + "\n" + notes(accepted.notes()));
  }

  private void reloadProgram(ServerRequest q, ServerResponse s) throws InterruptedException {
    Commands.Accepted accepted = accepted(new Command.ReloadProgram(targets(q, true)));
    Map<String, List<String>> bySignal = new LinkedHashMap<>();
    for (InstanceId id : accepted.instances()) {
      ProgramSpec spec = accepted.desired().specs().get(id.program());
      String signal = String.valueOf(spec == null ? null : spec.policy().reloadSignal());
      bySignal.computeIfAbsent(signal, any -> new ArrayList<>()).add(id.toString());
    }
    StringBuilder text = new StringBuilder();
    bySignal.forEach((signal, ids) -> text.append("OK sent ").append(signal).append(" to ").append(String.join(", ", ids)).append('\n'));
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("sent", bySignal);
    send(q, s, noting(body, accepted.notes()), text + notes(accepted.notes()));
  }

  private void scale(ServerRequest q, ServerResponse s) throws InterruptedException {
    String program = required(q, "program");
    int count = number(required(q, "count"), 10_000);
    timeout(q);
    Commands.Accepted accepted = accepted(new Command.Scale(program, count));
    Goal.State state = awaitIfAsked(q, s, new Goal.AtRest(List.of(program)));
    if (state instanceof Goal.Pending(String what) && !isNoWait(q)) throw Problem.failed("timed out: " + what);
    List<InstanceId> wanted = accepted.instances().stream().filter(this::isWanted).toList();
    Goal.State up = new Goal.Started(wanted).state(control.snapshot(), control.now());
    if (up instanceof Goal.Missed(List<String> why) && !isNoWait(q)) throw Problem.failed("scaled " + program + " to " + count + ", but " + String.join("; ", why));
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("program", program);
    body.put("count", count);
    send(q, s, noting(body, accepted.notes()), "OK scaled " + program + " to " + count + "\n" + notes(accepted.notes()));
  }

  private void reload(ServerRequest q, ServerResponse s) throws ConfigRejected, InterruptedException {
    timeout(q);
    Preview preview = control.reload(sync(q));
    if (flag(q, "wait")) {
      Goal.State state = await(q, s, new Goal.AtRest(List.of()));
      if (state instanceof Goal.Pending(String what)) throw Problem.failed("reloaded, but timed out: " + what);
    }
    preview(q, s, preview, "nothing changed\n");
  }

  private void preview(ServerRequest q, ServerResponse s, Preview preview, String nothing) {
    boolean none = preview.changes().isEmpty() && preview.steps().isEmpty();
    String ok = q.prologue().method().text().equals("POST") ? "OK reloaded\n" : "";
    send(q, s, Views.preview(preview), ok + (none ? nothing : Views.previewText(preview)));
  }

  private void shutdown(ServerRequest q, ServerResponse s) throws InterruptedException {
    Object pid = control.about().getOrDefault("pid", 0);
    boolean keeping = flag(q, "keep");
    if (keeping && flag(q, "now")) throw Problem.usage("programs are kept or ended at once, not both");
    Command.Shutdown.How how =
        keeping ? Command.Shutdown.How.KEEPING : flag(q, "now") ? Command.Shutdown.How.AT_ONCE : Command.Shutdown.How.GRACEFULLY;
    accepted(new Command.Shutdown(how));
    s.header("Taskmaster-Pid", pid.toString());
    PidSpace.of("self").ifPresent(space -> s.header("Taskmaster-Pid-Space", space.toString()));
    send(q, s, Map.of("pid", pid), "OK " + (keeping ? "leaving" : "shutting down") + " (PID=" + pid + ")\n");
  }

  private void programs(ServerRequest q, ServerResponse s) {
    List<String> names = new ArrayList<>();
    for (ProgramStatus p : statuses().all()) {
      names.add(p.name());
      if (p.instances().size() > 1) p.instances().forEach(i -> names.add(i.id().toString()));
    }
    for (String group : control.snapshot().desired().groups().keySet()) names.add(new Target.Group(group).toString());
    send(q, s, names, String.join("\n", names) + (names.isEmpty() ? "" : "\n"));
  }

  private void env(ServerRequest q, ServerResponse s) {
    boolean withSecrets = flag(q, "show_secrets");
    List<LaunchView> views = resolve(targets(q, true)).stream().map(id -> LaunchView.of(control.launch(id), withSecrets)).toList();
    if (views.isEmpty()) throw Problem.failed("it has no instances");
    send(q, s, views.stream().map(LaunchView::map).toList(), views.stream().map(LaunchView::text).collect(Collectors.joining("\n")));
  }

  private void logfile(ServerRequest q, ServerResponse s) {
    LogRoutes.Found found = logs.find(q, resolve(targets(q, true)));
    send(q, s, found.view(), found.text());
  }

  private List<InstanceId> logged(List<Target> targets) {
    return resolve(targets.isEmpty() ? List.of(new Target.All()) : targets);
  }

  private Statuses statuses() {
    MonoTime now = control.now();
    return new Statuses(control.snapshot(), now, control.at(now), control::droppedOutput);
  }

  private Commands.Accepted accepted(Command command) throws InterruptedException {
    return switch (control.command(command)) {
      case Commands.Accepted a -> a;
      case Commands.Refused(String why) -> throw Problem.failed(why);
    };
  }

  private boolean isWanted(InstanceId id) {
    Desired desired = control.snapshot().desired();
    ProgramSpec spec = desired.specs().get(id.program());
    return spec != null && desired.wants(spec, id.index());
  }

  private List<InstanceId> resolve(List<Target> targets) {
    return switch (Commands.resolve(control.snapshot().desired(), targets)) {
      case Commands.Found(var instances) -> instances;
      case Commands.Missing(String why) -> throw Problem.failed(why);
    };
  }

  private List<String> members(String group) {
    Desired desired = control.snapshot().desired();
    List<String> members = desired.groups().get(group);
    if (members == null) throw Problem.failed(Commands.noSuchGroup(desired, group));
    return members;
  }

  private Problem noSuch(String name) {
    return Problem.failed(Commands.noSuchProgram(control.snapshot().desired(), name));
  }

  private Problem unresolved(List<Target> targets) {
    Snapshot now = control.snapshot();
    return Commands.resolve(now.desired(), targets) instanceof Commands.Missing(String why)
        ? Problem.failed(why)
        : Problem.failed("nothing is known of " + targets);
  }

  /** Without waiting: how far it is already. */
  private Goal.State awaitIfAsked(ServerRequest q, ServerResponse s, Goal goal) throws InterruptedException {
    return isNoWait(q) ? goal.state(control.snapshot(), control.now()) : await(q, s, goal);
  }

  private Goal.State await(ServerRequest q, ServerResponse s, Goal goal) {
    LogReader.Audience client = peers.of(q.socketId());
    if (!kept.tryAcquire()) {
      String why = "cannot wait: " + mostKept + " requests wait already, the most at a time; what was asked for goes on";
      problem(q, s, new Problem(Status.SERVICE_UNAVAILABLE_503, ExitCode.FAILED, why));
      throw new CloseConnectionException("others want its place");
    }
    try {
      return control.await(goal, timeout(q), () -> {
        s.header(HeaderValues.CONNECTION_CLOSE); // whether it is there is seen by reading, and what was read is lost
        return client.isThere();
      });
    } catch (IOException e) {
      throw new CloseConnectionException("nobody waits for the answer", e);
    } catch (InterruptedException e) {
      // by the server, which takes this connection down; no error of the one who asked
      Thread.currentThread().interrupt();
      throw new CloseConnectionException("the server lets go of those who wait", e);
    } finally {
      kept.release();
    }
  }

  private static boolean isNoWait(ServerRequest q) {
    return !flag(q, "wait");
  }

  private static Duration timeout(ServerRequest q) {
    return Query.first(q, "timeout").map(Durations::parse).map(t -> t.compareTo(Waits.LONGEST) < 0 ? t : Waits.LONGEST).orElse(Waits.USUAL);
  }

  private static @Nullable Boolean sync(ServerRequest q) {
    return q.query().contains("sync") ? Boolean.valueOf(flag(q, "sync")) : null;
  }

  private static List<Target> targets(ServerRequest q, boolean needed) {
    List<String> texts = q.query().contains("target") ? q.query().all("target") : List.of();
    if (texts.isEmpty() && needed) throw Problem.usage("no target: say which program, instance or all");
    return texts.stream().map(Target::parse).toList();
  }

  private static String required(ServerRequest q, String name) {
    return Query.first(q, name).orElseThrow(() -> Problem.usage("no " + name + " given"));
  }

  private static int number(String text, int most) {
    if (!text.matches("[0-9]{1,6}") || Integer.parseInt(text) > most) {
      throw Problem.usage("'" + text + "' is not a number from 0 to " + most);
    }
    return Integer.parseInt(text);
  }

  private static boolean flag(ServerRequest q, String name) {
    return q.query().contains(name) && !"false".equals(q.query().get(name));
  }

  private static String properties(Map<String, Object> map) {
    int width = map.keySet().stream().mapToInt(String::length).max().orElse(0);
    StringBuilder out = new StringBuilder();
    map.forEach((k, v) -> out.append(k).append(" ".repeat(width - k.length() + 2)).append(v).append('\n'));
    return out.toString();
  }

  private void send(ServerRequest q, ServerResponse s, Object body, String text) {
    String accept = q.headers().first(HeaderNames.ACCEPT).orElse("");
    if (accept.startsWith("text/plain")) {
      s.header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
      s.send(text.getBytes(StandardCharsets.UTF_8));
    } else if (accept.startsWith("application/yaml")) {
      DumperOptions options = new DumperOptions();
      options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
      s.header(HeaderNames.CONTENT_TYPE, "application/yaml; charset=utf-8");
      s.send(new Yaml(options).dump(body).getBytes(StandardCharsets.UTF_8));
    } else {
      s.header(HeaderNames.CONTENT_TYPE, "application/json");
      s.send((json.writeValueAsString(body) + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  private void problem(ServerRequest q, ServerResponse s, Problem problem) {
    s.status(problem.status);
    s.header(EXIT_CODE, Integer.toString(problem.exitCode));
    String detail = String.valueOf(problem.getMessage());
    if (q.headers().first(HeaderNames.ACCEPT).orElse("").startsWith("text/plain")) {
      s.header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
      s.send(("ERR " + detail + "\n").getBytes(StandardCharsets.UTF_8));
      return;
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("type", "about:blank");
    body.put("title", problem.status.reasonPhrase());
    body.put("status", problem.status.code());
    body.put("detail", detail);
    s.header(HeaderNames.CONTENT_TYPE, "application/problem+json");
    s.send((json.writeValueAsString(body) + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
