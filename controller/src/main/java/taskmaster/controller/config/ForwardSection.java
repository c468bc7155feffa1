package taskmaster.controller.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import taskmaster.api.DidYouMean;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Signal;
import taskmaster.api.Target;

/** Which signals to the daemon go on to which programs. */
final class ForwardSection {
  /** TERM and INT end the daemon, QUIT is the Java machine's, and no process may catch KILL and STOP. */
  private static final Set<String> SIGNALS = new TreeSet<>(Set.of("HUP", "USR1", "USR2", "WINCH"));

  private final Source source;
  private final Map<Signal, List<Target>> forward = new LinkedHashMap<>();
  private final Map<Signal, Node> places = new HashMap<>();

  ForwardSection(Source source, Section daemon) {
    this.source = source;
    Optional<Node> given = daemon.node("forward");
    if (given.isPresent()) source.mapping(given.get(), "daemon.forward").forEach(this::read);
  }

  private void read(String key, Source.Entry entry) {
    Signal signal = Signal.parse(key).orElse(null);
    if (signal == null || !SIGNALS.contains(signal.name())) {
      source.error(entry.key(), "daemon.forward: '" + key + "' cannot be forwarded; " + String.join(", ", SIGNALS) + " can");
      return;
    }
    if (Source.isNull(entry.value())) return; // as if it were left out
    List<Target> targets = new ArrayList<>();
    for (ScalarNode item : source.scalars(entry.value(), "daemon.forward." + key)) {
      try {
        targets.add(Target.parse(item.getValue()));
      } catch (IllegalArgumentException none) {
        source.error(item, "daemon.forward." + key + ": " + none.getMessage());
      }
    }
    // to nobody is an answer too
    forward.put(signal, List.copyOf(targets));
    places.put(signal, entry.value());
  }

  Map<Signal, List<Target>> forward() {
    return forward;
  }

  /** Tells of targets that are not there. */
  void check(Map<String, ProgramSpec> programs, Set<String> names, Set<String> groups) {
    forEachMissing(forward, programs, names, groups, (signal, why) ->
        source.error(Objects.requireNonNull(places.get(signal)), "daemon.forward." + signal.name() + ": " + why));
  }

  /**
   * @param programs those that are good
   * @param names of all programs
   * @param errors told of each target that is not there, by its signal
   */
  static void forEachMissing(
      Map<Signal, List<Target>> forward,
      Map<String, ProgramSpec> programs,
      Set<String> names,
      Set<String> groups,
      BiConsumer<Signal, String> errors) {
    forward.forEach((signal, targets) -> {
      for (Target target : targets) {
        String why =
            switch (target) {
              case Target.All all -> "";
              case Target.Program(String name) -> missing("program", name, names);
              case Target.Instance(var id) -> missing(id, programs.get(id.program()), names);
              case Target.Group(String name) -> missing("group", name, groups);
            };
        if (!why.isEmpty()) errors.accept(signal, why);
      }
    });
  }

  private static String missing(InstanceId id, @Nullable ProgramSpec spec, Set<String> names) {
    int count = spec == null ? Integer.MAX_VALUE : spec.policy().numprocs();
    return id.index() < count ? missing("program", id.program(), names) : "no such instance '" + id + "': numprocs is " + count;
  }

  private static String missing(String kind, String name, Set<String> known) {
    return known.contains(name) ? "" : "no such " + kind + " '" + name + "'" + DidYouMean.hint(known, name);
  }
}
