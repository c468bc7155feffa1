package taskmaster.controller.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import taskmaster.api.ByteSize;
import taskmaster.api.Durations;
import taskmaster.api.Output;
import taskmaster.api.Policy;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Shape;

/**
 * What differs between two specs of a program, key by key, in the file's words.
 *
 * @param shape changes that need a new process
 * @param policy changes that apply to what is running
 */
public record SpecDiff(List<String> shape, List<String> policy) {
  private static final SpecDiff NOTHING = new SpecDiff(List.of(), List.of());

  static SpecDiff between(ProgramSpec a, ProgramSpec b) {
    if (Objects.equals(a, b)) return NOTHING;
    return new SpecDiff(shapes(a.shape(), b.shape()), policies(a.policy(), b.policy()));
  }

  public boolean isEmpty() {
    return shape.isEmpty() && policy.isEmpty();
  }

  private static List<String> shapes(Shape a, Shape b) {
    List<String> diff = new ArrayList<>();
    add(diff, "cmd", String.join(" ", a.cmd()), String.join(" ", b.cmd()));
    if (diff.isEmpty() && !a.cmd().equals(b.cmd())) diff.add("cmd: split into words in another way");
    for (String name : new TreeSet<>(a.env().keySet())) {
      if (!b.env().containsKey(name)) diff.add("env." + name + " removed");
      else if (!Objects.equals(a.env().get(name), b.env().get(name))) diff.add("env." + name + " changed");
    }
    for (String name : new TreeSet<>(b.env().keySet())) if (!a.env().containsKey(name)) diff.add("env." + name + " added");
    add(diff, "workingdir", a.workingdir(), b.workingdir());
    add(diff, "umask", octal(a.umask()), octal(b.umask()));
    add(diff, "stdout", show(a.stdout()), show(b.stdout()));
    add(diff, "stderr", show(a.stderr()), show(b.stderr()));
    return List.copyOf(diff);
  }

  private static List<String> policies(Policy a, Policy b) {
    List<String> diff = new ArrayList<>();
    add(diff, "numprocs", a.numprocs(), b.numprocs());
    add(diff, "autostart", a.autostart(), b.autostart());
    add(diff, "autorestart", a.autorestart(), b.autorestart());
    add(diff, "exitcodes", a.exitcodes(), b.exitcodes());
    add(diff, "starttime", Durations.show(a.starttime()), Durations.show(b.starttime()));
    add(diff, "startretries", a.startretries(), b.startretries());
    if (!a.backoff().equals(b.backoff())) diff.add("backoff changed");
    add(diff, "stopsignal", a.stopsignal(), b.stopsignal());
    add(diff, "stoptime", Durations.show(a.stoptime()), Durations.show(b.stoptime()));
    add(diff, "stop_group", a.stopGroup(), b.stopGroup());
    add(diff, "log.max_bytes", ByteSize.show(a.log().maxBytes()), ByteSize.show(b.log().maxBytes()));
    add(diff, "log.backups", a.log().backups(), b.log().backups());
    add(diff, "log.compress", a.log().compress(), b.log().compress());
    add(diff, "log.max_age", Durations.show(a.log().maxAge()), Durations.show(b.log().maxAge()));
    add(diff, "log.format", a.log().format(), b.log().format());
    add(diff, "log.overflow", a.log().overflow(), b.log().overflow());
    return List.copyOf(diff);
  }

  private static void add(List<String> diff, String key, Object a, Object b) {
    if (!a.equals(b)) diff.add(key + " " + lower(a) + " -> " + lower(b));
  }

  private static String lower(Object value) {
    return value instanceof Enum<?> e ? e.name().toLowerCase(java.util.Locale.ROOT) : value.toString();
  }

  private static String octal(@Nullable Integer umask) {
    return umask == null ? "inherited" : String.format("%03o", umask);
  }

  private static String show(Output output) {
    return switch (output) {
      case Output.PerInstance(var folder) -> folder + "/…";
      case Output.ToFile(var path) -> path.toString();
      case Output.Discard() -> "discard";
      case Output.Inherit() -> "inherit";
      case Output.WithStdout() -> "stdout";
    };
  }
}
