package taskmaster.controller.core;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Attributes;
import taskmaster.api.ByteSize;
import taskmaster.api.Dependencies;
import taskmaster.api.Durations;
import taskmaster.api.Identity;
import taskmaster.api.Limits;
import taskmaster.api.Output;
import taskmaster.api.Placeholders;
import taskmaster.api.Policy;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Shape;
import taskmaster.api.Signal;
import taskmaster.api.Stopping;

/**
 * What differs between two specs of a program, key by key, in the file's words.
 *
 * @param shape changes that need a new process
 * @param policy changes that apply to what is running
 */
public record SpecDiff(List<String> shape, List<String> policy) {
  private static final String INHERITED = "inherited";
  private static final SpecDiff NOTHING = new SpecDiff(List.of(), List.of());

  static SpecDiff between(ProgramSpec a, ProgramSpec b) {
    if (Objects.equals(a, b)) return NOTHING;
    return new SpecDiff(shapes(a.shape(), b.shape()), policies(a, b));
  }

  public boolean isEmpty() {
    return shape.isEmpty() && policy.isEmpty();
  }

  private static String shown(Shape shape) {
    return Placeholders.show(String.join(" ", Secrets.of(shape.env()).words(shape.cmd())));
  }

  private static List<String> shapes(Shape a, Shape b) {
    List<String> diff = new ArrayList<>();
    add(diff, "cmd", shown(a), shown(b));
    if (diff.isEmpty() && !a.cmd().equals(b.cmd())) {
      boolean sameText = String.join(" ", a.cmd()).equals(String.join(" ", b.cmd()));
      diff.add(sameText ? "cmd: split into words in another way" : "cmd: changed in what is a secret");
    }
    for (String name : new TreeSet<>(a.env().keySet())) {
      if (!b.env().containsKey(name)) diff.add("env." + name + " removed");
      else if (!Objects.equals(a.env().get(name), b.env().get(name))) diff.add("env." + name + " changed");
    }
    for (String name : new TreeSet<>(b.env().keySet())) if (!a.env().containsKey(name)) diff.add("env." + name + " added");
    add(diff, "env_inherit", a.envInherit(), b.envInherit());
    add(diff, "workingdir", show(a.workingdir()), show(b.workingdir()));
    add(diff, "umask", octal(a.umask()), octal(b.umask()));
    add(diff, "stdout", show(a.stdout()), show(b.stdout()));
    add(diff, "stderr", show(a.stderr()), show(b.stderr()));
    if (!a.attributes().equals(b.attributes())) attributes(diff, a.attributes(), b.attributes());
    return List.copyOf(diff);
  }

  private static void attributes(List<String> diff, Attributes a, Attributes b) {
    add(diff, "user", of(a, i -> i.user() + " (" + i.uid() + ")"), of(b, i -> i.user() + " (" + i.uid() + ")"));
    add(diff, "group", of(a, i -> i.group() + " (" + i.gid() + ")"), of(b, i -> i.group() + " (" + i.gid() + ")"));
    if (a.identity() != null && b.identity() != null) add(diff, "supplementary groups", a.identity().groups(), b.identity().groups());
    for (Limits.Resource resource : Limits.Resource.values()) {
      add(diff, "limits." + resource.key(), orInherited(a.limits().of().get(resource)), orInherited(b.limits().of().get(resource)));
    }
    add(diff, "nice", orInherited(a.nice()), orInherited(b.nice()));
    add(diff, "oom_score_adj", orInherited(a.oomScoreAdj()), orInherited(b.oomScoreAdj()));
  }

  private static Object of(Attributes attributes, Function<Identity, Object> part) {
    Identity identity = attributes.identity();
    return identity == null ? INHERITED : part.apply(identity);
  }

  private static Object orInherited(@Nullable Object value) {
    return value == null ? INHERITED : value;
  }

  private static List<String> policies(ProgramSpec before, ProgramSpec after) {
    Policy a = before.policy();
    Policy b = after.policy();
    List<String> diff = new ArrayList<>();
    add(diff, "numprocs", a.numprocs(), b.numprocs());
    add(diff, "autostart", a.autostart(), b.autostart());
    add(diff, "autorestart", a.autorestart(), b.autorestart());
    add(diff, "exitcodes", a.exitcodes(), b.exitcodes());
    time(diff, "starttime", a.starttime(), b.starttime());
    add(diff, "startretries", a.startretries(), b.startretries());
    if (!a.backoff().equals(b.backoff())) diff.add("backoff changed");
    stopping(diff, before, after);
    add(diff, "type", a.type(), b.type());
    add(diff, "depends_on", show(a.dependencies()), show(b.dependencies()));
    add(diff, "on_dependency_restart", restarts(a.dependencies()), restarts(b.dependencies()));
    if (!Objects.equals(a.checks().ready(), b.checks().ready())) diff.add("ready changed");
    if (!Objects.equals(a.checks().health(), b.checks().health())) diff.add("health changed");
    if (a.checks().restartsUnhealthy() != b.checks().restartsUnhealthy()) diff.add("health.action changed");
    add(diff, "reload_signal", show(a.reloadSignal()), show(b.reloadSignal()));
    add(diff, "on_fatal", vital(a.vital().onFatal()), vital(b.vital().onFatal()));
    add(diff, "on_exit", vital(a.vital().onExit()), vital(b.vital().onExit()));
    add(diff, "rolling", a.rolling(), b.rolling());
    add(diff, "log.max_bytes", ByteSize.show(a.log().maxBytes()), ByteSize.show(b.log().maxBytes()));
    add(diff, "log.backups", a.log().backups(), b.log().backups());
    add(diff, "log.compress", a.log().compress(), b.log().compress());
    time(diff, "log.max_age", a.log().maxAge(), b.log().maxAge());
    add(diff, "log.format", a.log().format(), b.log().format());
    add(diff, "log.overflow", a.log().overflow(), b.log().overflow());
    return List.copyOf(diff);
  }

  private static void stopping(List<String> diff, ProgramSpec before, ProgramSpec after) {
    Stopping a = before.policy().stopping();
    Stopping b = after.policy().stopping();
    if (isShort(a) && isShort(b)) {
      add(diff, "stopsignal", a.firstSignal(), b.firstSignal());
      time(diff, "stoptime", a.time(), b.time());
    } else {
      String shown = steps(before, Durations::show);
      add(diff, "stop", shown, steps(after, Durations::show));
      if (shown.equals(steps(after, Durations::show))) add(diff, "stop", steps(before, Durations::exact), steps(after, Durations::exact));
      if (steps(before, Durations::exact).equals(steps(after, Durations::exact)) && !a.steps().equals(b.steps())) diff.add("stop: changed in what is a secret");
    }
    add(diff, "stop_group", a.group(), b.group());
  }

  private static boolean isShort(Stopping stopping) {
    return stopping.steps().size() == 1 && stopping.steps().getFirst() instanceof Stopping.Send;
  }

  private static String steps(ProgramSpec spec, Function<Duration, String> shown) {
    Secrets secrets = Secrets.of(spec.shape().env());
    return spec.policy().stopping().steps().stream()
        .map(step -> secrets.step(step) + " " + shown.apply(step.patience()))
        .collect(Collectors.joining(", "));
  }

  private static String show(Dependencies dependencies) {
    if (dependencies.conditions().isEmpty()) return "none";
    return dependencies.conditions().entrySet().stream()
        .map(e -> e.getKey() + ": " + lower(e.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String restarts(Dependencies dependencies) {
    return dependencies.restartsWith() ? "restart" : "nothing";
  }

  private static String vital(boolean is) {
    return is ? "shutdown" : "nothing";
  }

  private static String show(@Nullable Signal signal) {
    return signal == null ? "none" : signal.name();
  }

  /** Short, and exact where the short forms are the same. */
  private static void time(List<String> diff, String key, Duration a, Duration b) {
    if (a.equals(b)) return;
    boolean same = Durations.show(a).equals(Durations.show(b));
    diff.add(key + " " + (same ? Durations.exact(a) + " -> " + Durations.exact(b) : Durations.show(a) + " -> " + Durations.show(b)));
  }

  private static void add(List<String> diff, String key, Object a, Object b) {
    if (!a.equals(b)) diff.add(key + " " + lower(a) + " -> " + lower(b));
  }

  private static String lower(Object value) {
    return value instanceof Enum<?> e ? e.name().toLowerCase(java.util.Locale.ROOT) : value.toString();
  }

  private static String octal(@Nullable Integer umask) {
    return umask == null ? INHERITED : String.format("%03o", umask);
  }

  private static String show(Path path) {
    return Placeholders.show(path.toString());
  }

  private static String show(Output output) {
    return switch (output) {
      case Output.PerInstance(var folder) -> folder + "/…";
      case Output.ToFile(var path) -> show(path);
      case Output.Discard() -> "discard";
      case Output.Inherit() -> "inherit";
      case Output.WithStdout() -> "stdout";
    };
  }
}
