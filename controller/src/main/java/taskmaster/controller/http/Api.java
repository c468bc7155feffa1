package taskmaster.controller.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import taskmaster.api.Command;
import taskmaster.api.DidYouMean;
import taskmaster.api.ExitCode;
import taskmaster.api.InstanceId;
import taskmaster.api.InstanceStatus;
import taskmaster.api.Phase;
import taskmaster.api.ProgramSpec;
import taskmaster.api.ProgramStatus;
import taskmaster.api.Signal;
import taskmaster.api.Target;
import taskmaster.controller.config.ConfigRejected;
import taskmaster.controller.core.Commands;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.Goal;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Preview;
import taskmaster.controller.core.Snapshot;
import taskmaster.controller.core.Statuses;

/**
 * The routes. Each answers in JSON; with {@code Accept: text/plain} in the lines that the command line prints, and then
 * the header {@code Taskmaster-Exit-Code} says what it ends with. Errors are problem documents (RFC 9457).
 */
final class Api {
  private final Control control;
  private final Reply reply = new Reply();
  private final Waiting waiting;
  private final LogRoutes logs;

  /** @param mostKept connections that may be kept at a time, by who waits or follows: others want to be answered */
  Api(Control control, Peers peers, int mostKept) {
    this.control = control;
    Semaphore kept = new Semaphore(mostKept);
    this.waiting = new Waiting(control, peers, reply, mostKept, kept);
    this.logs = new LogRoutes(control, peers, kept);
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
        .error(Problem.class, reply::problem)
        .error(ConfigRejected.class, (q, s, e) -> reply.problem(q, s, new Problem(Status.CONFLICT_409, ExitCode.FAILED, String.valueOf(e.getMessage()))))
        .error(IllegalArgumentException.class, (q, s, e) -> reply.problem(q, s, Problem.usage(String.valueOf(e.getMessage()))))
        .get("/v1/status", this::status)
        .post("/v1/start", (q, s) -> wanting(q, s, "started", Goal.Started::new, Command.Start::new))
        .post("/v1/stop", this::stop)
        .post("/v1/restart", (q, s) -> wanting(q, s, "restarted", Goal.Started::new, Command.Restart::new))
        .get("/v1/wait", this::waitFor)
        .post("/v1/signal", this::signal)
        .post("/v1/reload-program", this::reloadProgram)
        .post("/v1/scale", this::scale)
        .post("/v1/reload", this::reload)
        .get("/v1/plan", (q, s) -> preview(q, s, control.plan(Query.sync(q)), "nothing would change\n"))
        .post("/v1/shutdown", this::shutdown)
        .get("/v1/daemon", (q, s) -> reply.send(q, s, control.about(), Reply.properties(control.about())))
        .get("/v1/alerts", (q, s) -> reply.send(q, s, control.alerts(), Reply.properties(control.alerts())))
        .get("/v1/programs", this::programs)
        .get("/v1/logfile", this::logfile)
        .get("/v1/env", this::env)
        .post("/v1/logs/reopen", (q, s) -> {
          control.reopenLogs();
          reply.send(q, s, Map.of("reopened", true), "OK logs reopened\n");
        })
        .get("/metrics", (q, s) -> {
          s.header(HeaderNames.CONTENT_TYPE, Metrics.CONTENT_TYPE);
          s.send(Metrics.of(statuses().all()));
        })
        .get("/v1/logs", (q, s) -> logs.logs(q, s, logged(Query.targets(q))))
        .get("/v1/logs/{target}", (q, s) -> logs.logs(q, s, logged(List.of(Target.parse(q.path().pathParameters().get("target"))))))
        .any((q, s) -> {
          String what = q.prologue().method().text() + " " + q.path().path();
          throw new Problem(Status.NOT_FOUND_404, ExitCode.USAGE, "no such resource: " + what);
        });
  }

  private void status(ServerRequest q, ServerResponse s) {
    Statuses statuses = statuses();
    List<Target> targets = Query.targets(q);
    boolean colour = Query.flag(q, "colour");
    if (targets.isEmpty()) {
      List<ProgramStatus> all = statuses.all();
      boolean wide = Query.flag(q, "wide");
      reply.send(q, s, all.stream().map(Views::program).toList(), wide ? wide(all, colour) : StatusTable.ofPrograms(all, colour));
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
    Reply.exitCode(s, allRun ? ExitCode.OK : ExitCode.NOT_RUNNING);
    List<Map<String, Object>> views = new ArrayList<>(programs.stream().map(Views::program).toList());
    for (Target target : targets) {
      if (target instanceof Target.Instance(InstanceId id)) {
        statuses.instance(id).ifPresent(i -> views.add(Views.instance(i)));
      }
    }
    boolean single = instances.size() == programs.size() && !Query.flag(q, "wide");
    String text = single && !programs.isEmpty() ? StatusTable.ofPrograms(List.copyOf(programs), colour) : StatusTable.ofInstances(instances, colour);
    reply.send(q, s, views, text);
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
    List<Target> targets = Query.someTargets(q);
    Query.timeout(q); // what is wrong with the request is said before anything is done
    Commands.Accepted accepted = accepted(command.of(targets));
    Goal.State state = waiting.awaitIfAsked(q, s, goal.of(accepted.instances()));
    List<String> names = named(targets, accepted);
    List<String> good = new ArrayList<>();
    for (String name : names) good.add(!Waiting.isAsked(q) && state instanceof Goal.Pending ? name + " will be " + done : done + " " + name);
    tell(q, s, state, Waiting.isAsked(q), accepted.instances(), good, accepted.notes());
  }

  private void stop(ServerRequest q, ServerResponse s) throws InterruptedException {
    boolean withDependents = Query.flag(q, "with-dependents");
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
    if (failed) Reply.exitCode(s, ExitCode.FAILED);
    reply.send(q, s, Reply.noting(body, notes), text + Reply.notes(notes));
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
    List<Target> targets = Query.someTargets(q);
    Awaited awaited = Awaited.parse(Query.first(q, "for").orElse("ready"));
    List<InstanceId> instances = resolve(targets);
    String empty = awaited == Awaited.STOPPED ? "" : Commands.empty(control.snapshot().desired(), targets);
    if (!empty.isEmpty()) throw Problem.failed(empty);
    // who means everything means what should run, and nothing that has done its work
    boolean everything = awaited == Awaited.READY && targets.contains(new Target.All());
    Goal.State state = waiting.await(q, s, everything ? new Goal.AllReady() : awaited.goal.of(instances));
    List<InstanceId> meant = everything ? instances.stream().filter(this::isWanted).toList() : instances;
    tell(q, s, state, true, meant, targets.stream().map(t -> t + " " + awaited.done).toList(), List.of());
  }

  private void signal(ServerRequest q, ServerResponse s) throws InterruptedException {
    String name = Query.required(q, "signal");
    Signal signal =
        Signal.parse(name).orElseThrow(() -> Problem.usage("no such signal '" + name + "'" + DidYouMean.hint(Signal.names(), name)));
    List<Target> targets = Query.someTargets(q);
    Commands.Accepted accepted = accepted(new Command.SendSignal(signal, targets));
    List<String> ids = accepted.instances().stream().map(InstanceId::toString).toList();
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("signal", signal.name());
    body.put("instances", ids);
    reply.send(q, s, Reply.noting(body, accepted.notes()), "OK sent " + signal + " to " + String.join(", ", ids) + "\n" + Reply.notes(accepted.notes()));
  }

  private void reloadProgram(ServerRequest q, ServerResponse s) throws InterruptedException {
    Commands.Accepted accepted = accepted(new Command.ReloadProgram(Query.someTargets(q)));
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
    reply.send(q, s, Reply.noting(body, accepted.notes()), text + Reply.notes(accepted.notes()));
  }

  private void scale(ServerRequest q, ServerResponse s) throws InterruptedException {
    String program = Query.required(q, "program");
    int count = Query.number(Query.required(q, "count"), 10_000);
    Query.timeout(q);
    Commands.Accepted accepted = accepted(new Command.Scale(program, count));
    Goal.State state = waiting.awaitIfAsked(q, s, new Goal.AtRest(List.of(program)));
    if (state instanceof Goal.Pending(String what) && Waiting.isAsked(q)) throw Problem.failed("timed out: " + what);
    List<InstanceId> wanted = accepted.instances().stream().filter(this::isWanted).toList();
    Goal.State up = new Goal.Started(wanted).state(control.snapshot(), control.now());
    if (up instanceof Goal.Missed(List<String> why) && Waiting.isAsked(q)) throw Problem.failed("scaled " + program + " to " + count + ", but " + String.join("; ", why));
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("program", program);
    body.put("count", count);
    reply.send(q, s, Reply.noting(body, accepted.notes()), "OK scaled " + program + " to " + count + "\n" + Reply.notes(accepted.notes()));
  }

  private void reload(ServerRequest q, ServerResponse s) throws ConfigRejected, InterruptedException {
    Query.timeout(q);
    Preview preview = control.reload(Query.sync(q));
    if (Query.flag(q, "wait")) {
      Goal.State state = waiting.await(q, s, new Goal.AtRest(List.of()));
      if (state instanceof Goal.Pending(String what)) throw Problem.failed("reloaded, but timed out: " + what);
      List<InstanceId> begun = preview.steps().stream().filter(step -> !step.action().equals("stop")).map(Preview.Step::instance).filter(this::isWanted).toList();
      Goal.State up = new Goal.Started(begun).state(control.snapshot(), control.now());
      if (up instanceof Goal.Missed(List<String> why)) throw Problem.failed("reloaded, but " + String.join("; ", why));
    }
    preview(q, s, preview, "nothing changed\n");
  }

  private void preview(ServerRequest q, ServerResponse s, Preview preview, String nothing) {
    boolean none = preview.changes().isEmpty() && preview.steps().isEmpty();
    String ok = q.prologue().method().text().equals("POST") ? "OK reloaded\n" : "";
    reply.send(q, s, Views.preview(preview), ok + (none ? nothing : Views.previewText(preview)));
  }

  private void shutdown(ServerRequest q, ServerResponse s) throws InterruptedException {
    Object pid = control.about().getOrDefault("pid", 0);
    boolean keeping = Query.flag(q, "keep");
    if (keeping && Query.flag(q, "now")) throw Problem.usage("programs are kept or ended at once, not both");
    Command.Shutdown.How how =
        keeping ? Command.Shutdown.How.KEEPING : Query.flag(q, "now") ? Command.Shutdown.How.AT_ONCE : Command.Shutdown.How.GRACEFULLY;
    accepted(new Command.Shutdown(how));
    s.header("Taskmaster-Pid", pid.toString());
    PidSpace.of("self").ifPresent(space -> s.header("Taskmaster-Pid-Space", space.toString()));
    reply.send(q, s, Map.of("pid", pid), "OK " + (keeping ? "leaving" : "shutting down") + " (PID=" + pid + ")\n");
  }

  private void programs(ServerRequest q, ServerResponse s) {
    List<String> names = new ArrayList<>();
    for (ProgramStatus p : statuses().all()) {
      names.add(p.name());
      if (p.instances().size() > 1) p.instances().forEach(i -> names.add(i.id().toString()));
    }
    for (String group : control.snapshot().desired().groups().keySet()) names.add(new Target.Group(group).toString());
    reply.send(q, s, names, String.join("\n", names) + (names.isEmpty() ? "" : "\n"));
  }

  private void env(ServerRequest q, ServerResponse s) {
    boolean withSecrets = Query.flag(q, "show_secrets");
    List<LaunchView> views = resolve(Query.someTargets(q)).stream().map(id -> LaunchView.of(control.launch(id), withSecrets)).toList();
    if (views.isEmpty()) throw Problem.failed("it has no instances");
    reply.send(q, s, views.stream().map(LaunchView::map).toList(), views.stream().map(LaunchView::text).collect(Collectors.joining("\n")));
  }

  private void logfile(ServerRequest q, ServerResponse s) {
    LogRoutes.Found found = logs.find(q, resolve(Query.someTargets(q)));
    reply.send(q, s, found.view(), found.text());
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
}
