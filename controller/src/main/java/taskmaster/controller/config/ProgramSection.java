package taskmaster.controller.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.SequenceNode;
import taskmaster.api.Attributes;
import taskmaster.api.AutoRestart;
import taskmaster.api.Backoff;
import taskmaster.api.ByteSize;
import taskmaster.api.Check;
import taskmaster.api.Checks;
import taskmaster.api.Dependencies;
import taskmaster.api.DidYouMean;
import taskmaster.api.InstanceId;
import taskmaster.api.LogPolicy;
import taskmaster.api.Output;
import taskmaster.api.Placeholders;
import taskmaster.api.Policy;
import taskmaster.api.Probe;
import taskmaster.api.ProgramSpec;
import taskmaster.api.ProgramType;
import taskmaster.api.Shape;
import taskmaster.api.Signal;
import taskmaster.api.Stopping;
import taskmaster.api.Vital;

/** One program of the file. */
final class ProgramSection {
  static final Set<String> KEYS =
      Set.of(
          "cmd", "numprocs", "autostart", "autorestart", "exitcodes", "starttime", "startretries", "backoff",
          "stopsignal", "stoptime", "stop_group", "stdout", "stderr", "env", "workingdir", "umask", "log", "type", "depends_on",
          "on_dependency_restart", "ready", "health", "stop", "reload_signal", "on_fatal", "on_exit", "rolling",
          "user", "group", "limits", "nice", "oom_score_adj", "env_file", "env_inherit");

  private static final Map<String, String> FOREIGN =
      Map.ofEntries(
          Map.entry("command", "cmd"),
          Map.entry("startsecs", "starttime"),
          Map.entry("stopwaitsecs", "stoptime"),
          Map.entry("stoptimeout", "stoptime"),
          Map.entry("directory", "workingdir"),
          Map.entry("cwd", "workingdir"),
          Map.entry("workdir", "workingdir"),
          Map.entry("working_dir", "workingdir"),
          Map.entry("working_directory", "workingdir"),
          Map.entry("environment", "env"),
          Map.entry("environment_file", "env_file"),
          Map.entry("uid", "user"),
          Map.entry("gid", "group"),
          Map.entry("ulimits", "limits"),
          Map.entry("rlimits", "limits"),
          Map.entry("stdout_logfile", "stdout"),
          Map.entry("stderr_logfile", "stderr"),
          Map.entry("redirect_stderr", "stderr: stdout"),
          Map.entry("stopasgroup", "stop_group"),
          Map.entry("killasgroup", "stop_group"),
          Map.entry("instances", "numprocs"),
          Map.entry("rolling_update", "rolling"),
          Map.entry("strategy", "rolling"),
          Map.entry("stdout_logfile_maxbytes", "log: { max_bytes: … }"),
          Map.entry("stderr_logfile_maxbytes", "log: { max_bytes: … }"),
          Map.entry("stdout_logfile_backups", "log: { backups: … }"),
          Map.entry("stderr_logfile_backups", "log: { backups: … }"),
          Map.entry("restart", "autorestart"),
          Map.entry("priority", "depends_on, which waits until the others are ready"),
          Map.entry("process_name", "numprocs: instances are called NAME:0, NAME:1 …"));

  private static final Pattern FACTOR = Pattern.compile("[0-9]{1,6}(\\.[0-9]{1,6})?");
  private static final Pattern OCTAL = Pattern.compile("[0-7]{1,4}");

  private final Source source;
  private final Source.Entry entry;
  private final String name;
  private final String called;
  private final Path folder;
  private final Path logs;
  private final Section section;
  private final Attributes attributes;
  private final Variables variables;

  /** @param called as errors call it: {@code programs.web} */
  ProgramSection(Source source, Source.Entry entry, String name, String called, Path folder, Path logs, Reading reading) {
    this.source = source;
    this.entry = entry;
    this.name = name;
    this.called = called;
    this.folder = folder;
    this.logs = logs;
    this.section = new Section(source, entry.value(), called, KEYS, FOREIGN);
    this.attributes = AttributeKeys.read(section, reading.surroundings().accounts());
    this.variables = Variables.of(source, section, name, called, folder, reading, attributes.identity());
  }

  /** Whether there are keys that cannot have a default; what the others are worth shows with each program. */
  static void checkDefaults(Source source, Node defaults) {
    new Section(source, defaults, "defaults", KEYS, FOREIGN).errorAtKey("cmd", "cmd has no default: each program says its own");
  }

  Optional<ProgramSpec> spec() {
    List<String> cmd = cmd();
    // the rest is read all the same: every error is told at once
    Shape shape = shape(cmd.isEmpty() ? List.of("-") : cmd);
    Policy policy = policy();
    if (policy.type() == ProgramType.JOB && policy.checks().ready() != null) {
      section.error("ready", "ready: a job is never ready; others wait for it to be completed");
    }
    refuseUnseen("ready", policy.checks().ready(), shape);
    refuseUnseen("health", policy.checks().health(), shape);
    return cmd.isEmpty() ? Optional.empty() : Optional.of(new ProgramSpec(name, shape, policy));
  }

  private Shape shape(List<String> cmd) {
    return new Shape(
        cmd,
        variables.env(),
        variables.inherit(),
        section.read("workingdir", folder, this::path),
        umask(),
        section.read("stdout", new Output.PerInstance(logs), this::output),
        section.read(
            "stderr",
            new Output.PerInstance(logs),
            text -> text.equals("stdout") ? new Output.WithStdout() : output(text)),
        attributes);
  }

  private Path path(String text) {
    String whole = variables.substitution().apply(text);
    if (Placeholders.areInPath(whole)) throw new IllegalArgumentException("a path cannot hold U+0011 or U+0012");
    return ConfigFile.resolve(folder, Placeholders.forPath(whole));
  }

  private Policy policy() {
    ProgramType type = section.read("type", ProgramType.SERVICE, text -> ConfigFile.choice(text, ProgramType.class));
    return new Policy(
        type,
        section.integer("numprocs", 1, 0, 10_000),
        section.bool("autostart", true),
        autoRestart(type),
        new TreeSet<>(section.list("exitcodes", List.of(0), ProgramSection::exitCode)),
        section.duration("starttime", type == ProgramType.JOB ? Duration.ZERO : Duration.ofSeconds(1)),
        section.integer("startretries", 3, 0, 1_000_000),
        backoff(),
        stopping(),
        log(),
        dependencies(),
        checks(),
        section.read("reload_signal", Optional.<Signal>empty(), text -> Optional.of(reloadSignal(text))).orElse(null),
        new Vital(isShutdown("on_fatal"), isShutdown("on_exit")),
        section.bool("rolling", false));
  }

  private static int exitCode(String text) {
    if (text.indexOf(',') >= 0) throw new IllegalArgumentException("'" + text + "' is one word; a list is [" + text + "]");
    return Section.parseInt(text, 0, 255);
  }

  private AutoRestart autoRestart(ProgramType type) {
    AutoRestart given = section.read("autorestart", AutoRestart.UNEXPECTED, ProgramSection::autoRestart);
    if (type == ProgramType.JOB && given == AutoRestart.ALWAYS) {
      section.error("autorestart", "autorestart: a job ends when it has completed; write unexpected or never");
    }
    return given;
  }

  private boolean isShutdown(String key) {
    return section.read(key, false, text -> switch (text) {
      case "shutdown" -> true;
      case "nothing" -> false;
      default -> throw new IllegalArgumentException("'" + text + "' is neither shutdown nor nothing");
    });
  }

  private Stopping stopping() {
    boolean group = section.bool("stop_group", true);
    Signal signal = section.read("stopsignal", Signal.TERM, ProgramSection::endingSignal);
    Duration time = section.duration("stoptime", Duration.ofSeconds(10));
    Optional<Node> given = section.node("stop");
    if (given.isEmpty()) return Stopping.by(signal, time, group);
    for (String shortForm : List.of("stopsignal", "stoptime")) {
      if (section.node(shortForm).isPresent()) section.error(shortForm, shortForm + ": 'stop' says it all; give one of the two");
    }
    List<Stopping.Step> steps = new ArrayList<>();
    if (!(given.get() instanceof SequenceNode list)) {
      source.error(given.get(), "stop must be a list of steps, as [ { signal: TERM, wait: 5s }, { signal: KILL } ]");
      return Stopping.by(signal, time, group);
    }
    boolean killed = false;
    for (Node item : list.getValue()) {
      if (!(item instanceof MappingNode)) {
        source.error(item, "stop: a step is { signal: TERM, wait: 5s } or { exec: COMMAND, wait: 5s }");
        continue;
      }
      Section step = new Section(source, item, called + ".stop", Set.of("signal", "exec", "wait"), Map.of());
      if (killed) source.error(item, "stop: nothing follows KILL");
      if (step.node("exec").isPresent()) {
        if (step.node("signal").isPresent()) step.error("exec", "stop: a step has a signal or a command; make it two");
        List<String> cmd = variables.substitution().command(step, "exec");
        Duration wait = step.duration("wait", Duration.ofSeconds(10));
        if (wait.isZero()) step.error("wait", "stop: a command needs time to take effect; give it a wait above 0");
        if (!cmd.isEmpty()) steps.add(new Stopping.Exec(cmd, wait));
        continue;
      }
      if (step.node("signal").isEmpty()) source.error(item, "stop: a step needs a signal, or a command (exec)");
      Signal next = step.read("signal", Signal.TERM, ProgramSection::endingSignal);
      killed = next.equals(Signal.KILL);
      if (killed && step.node("wait").isPresent()) step.error("wait", "stop: nothing waits after KILL");
      if (!killed) steps.add(new Stopping.Send(next, step.duration("wait", Duration.ofSeconds(10))));
    }
    if (list.getValue().isEmpty()) source.error(given.get(), "stop: it has no steps");
    // KILL alone: at once, as with stoptime 0
    return steps.isEmpty() ? Stopping.by(signal, Duration.ZERO, group) : new Stopping(steps, group);
  }

  private Dependencies dependencies() {
    boolean restarts =
        section.read("on_dependency_restart", false, text -> switch (text) {
          case "restart" -> true;
          case "nothing" -> false;
          default -> throw new IllegalArgumentException("'" + text + "' is neither restart nor nothing");
        });
    Map<String, Dependencies.Condition> conditions = new LinkedHashMap<>();
    Optional<Node> given = section.node("depends_on");
    if (given.isPresent() && !(given.get() instanceof MappingNode)) {
      for (String other : section.list("depends_on", List.<String>of(), text -> text)) conditions.put(other, Dependencies.Condition.READY);
    } else if (given.isPresent()) {
      Set<String> names = source.mapping(given.get(), called + ".depends_on").keySet();
      Section d = new Section(source, given.get(), called + ".depends_on", names, Map.of());
      for (String other : names) {
        conditions.put(other, d.read(other, Dependencies.Condition.READY, text -> ConfigFile.choice(text, Dependencies.Condition.class)));
      }
    }
    // a default is meant for those that depend on something
    if (conditions.isEmpty() && restarts && !section.isDefault("on_dependency_restart")) section.error("on_dependency_restart", "on_dependency_restart: it depends on nothing");
    return conditions.isEmpty() ? Dependencies.NONE : new Dependencies(conditions, restarts);
  }

  private Checks checks() {
    Optional<CheckSection> ready = CheckSection.of(source, section, "ready", variables.substitution());
    Optional<CheckSection> health = CheckSection.of(source, section, "health", variables.substitution());
    if (ready.isEmpty() && health.isEmpty()) return Checks.NONE;
    ready.ifPresent(CheckSection::refuseAction);
    return new Checks(
        ready.map(r -> r.check(Duration.ofSeconds(1))).orElse(null),
        health.map(h -> h.check(Duration.ofSeconds(10))).orElse(null),
        health.map(CheckSection::restarts).orElse(true));
  }

  /** Output that does not come to us cannot be searched. */
  private void refuseUnseen(String key, @Nullable Check check, Shape shape) {
    boolean isSeen = isCaptured(shape.stdout()) || isCaptured(shape.stderr());
    if (check == null || isSeen || !(check.probe() instanceof Probe.Log)) return;
    section.error(key, key + ".log needs captured output, and neither stdout nor stderr is: leave one of them out, or give it a file");
  }

  private static boolean isCaptured(Output output) {
    return output instanceof Output.PerInstance || output instanceof Output.ToFile;
  }

  /** A text with something in place of what differs by instance. */
  static String exampleOf(String text) {
    return Placeholders.fill(text, new InstanceId("x", 0));
  }

  private LogPolicy log() {
    LogPolicy d = LogPolicy.DEFAULT;
    Optional<Section> given =
        section.section("log", Set.of("max_bytes", "backups", "compress", "max_age", "format", "overflow"));
    if (given.isEmpty()) return d;
    Section l = given.get();
    return new LogPolicy(
        l.read("max_bytes", d.maxBytes(), ProgramSection::maxBytes),
        l.integer("backups", d.backups(), 0, 1000),
        l.read("compress", d.compress(), text -> ConfigFile.choice(text, LogPolicy.Compress.class)),
        l.duration("max_age", d.maxAge()),
        l.read("format", d.format(), text -> ConfigFile.choice(text, LogPolicy.Format.class)),
        l.read("overflow", d.overflow(), text -> ConfigFile.choice(text, LogPolicy.Overflow.class)));
  }

  /** Smaller ones would rotate all the time. */
  private static long maxBytes(String text) {
    long bytes = ByteSize.parse(text);
    if (bytes != 0 && bytes < 1024) throw new IllegalArgumentException(text + " is less than 1KB; 0 is: no limit");
    return bytes;
  }

  private List<String> cmd() {
    Optional<Node> node = section.node("cmd");
    if (node.isEmpty()) {
      source.error(entry.key(), called + " has no cmd");
      return List.of();
    }
    return variables.substitution().command(section, "cmd");
  }

  private Backoff backoff() {
    Optional<Section> b = section.section("backoff", Set.of("initial", "factor", "max", "reset_after"));
    Duration initial = Duration.ofSeconds(1);
    Duration max = Duration.ofSeconds(60);
    Duration reset = Duration.ofSeconds(60);
    if (b.isEmpty()) return new Backoff(initial, 2, max, reset);
    double factor = b.get().read("factor", 2.0, ProgramSection::factor);
    return new Backoff(
        b.get().duration("initial", initial), factor, b.get().duration("max", max), b.get().duration("reset_after", reset));
  }

  private static double factor(String text) {
    if (!FACTOR.matcher(text).matches()) throw new IllegalArgumentException("'" + text + "' is not a number");
    double factor = Double.parseDouble(text);
    if (factor < 1 || factor > 1000) throw new IllegalArgumentException(text + " is not in 1 to 1000");
    return factor;
  }

  /** Octal however YAML would read it: 022, "022", 22 and 0o22 are the same. */
  private @Nullable Integer umask() {
    int none = -1;
    int umask =
        section.read("umask", none, text -> {
          String digits = text.startsWith("0o") ? text.substring(2) : text;
          if (!OCTAL.matcher(digits).matches() || Integer.parseInt(digits, 8) > 0777) {
            throw new IllegalArgumentException("'" + text + "' is not an octal number from 0 to 777");
          }
          return Integer.parseInt(digits, 8);
        });
    return umask == none ? null : umask;
  }

  private Output output(String text) {
    return switch (text) {
      case "discard", "/dev/null" -> new Output.Discard();
      case "inherit" -> new Output.Inherit();
      default -> new Output.ToFile(path(text));
    };
  }

  private static AutoRestart autoRestart(String text) {
    return switch (text) {
      case "true", "True", "yes" -> AutoRestart.ALWAYS;
      case "false", "False", "no" -> AutoRestart.NEVER;
      default -> ConfigFile.choice(text, AutoRestart.class);
    };
  }

  private static Signal endingSignal(String text) {
    Signal signal = signal(text);
    if (signal.name().equals("STOP")) throw new IllegalArgumentException("STOP ends no program, it only halts it; TERM asks it to end");
    return signal;
  }

  private static Signal reloadSignal(String text) {
    Signal signal = signal(text);
    if (signal.equals(Signal.KILL) || signal.name().equals("STOP")) throw new IllegalArgumentException("no program can read its files at " + signal);
    return signal;
  }

  private static Signal signal(String text) {
    return Signal.parse(text)
        .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is no signal" + DidYouMean.hint(Signal.names(), text)));
  }
}
