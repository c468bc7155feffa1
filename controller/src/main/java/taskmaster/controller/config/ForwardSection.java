package taskmaster.controller.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import taskmaster.api.DidYouMean;
import taskmaster.api.Signal;
import taskmaster.api.Target;

/** Which signals to the daemon go on to which programs. */
final class ForwardSection {
  /** TERM and INT end the daemon, QUIT is the Java machine's, and no process may catch KILL and STOP. */
  private static final Set<String> SIGNALS = new TreeSet<>(Set.of("HUP", "USR1", "USR2", "WINCH"));

  private final Optional<Section> section;
  private final Map<Signal, List<Target>> forward = new LinkedHashMap<>();

  ForwardSection(Section daemon) {
    section = daemon.section("forward", SIGNALS);
    section.ifPresent(this::read);
  }

  private void read(Section given) {
    for (String name : SIGNALS) {
      List<Target> targets = given.list(name, List.of(), Target::parse);
      if (!targets.isEmpty()) forward.put(Signal.parse(name).orElseThrow(), List.copyOf(targets));
    }
  }

  Map<Signal, List<Target>> forward() {
    return forward;
  }

  /** Tells of targets that are not there. */
  void check(Set<String> programs, Set<String> groups) {
    section.ifPresent(given -> forEachMissing(forward, programs, groups, (signal, why) -> given.error(signal, "daemon.forward." + signal + ": " + why)));
  }

  /** @param errors told of each target that is not there, by its signal */
  static void forEachMissing(Map<Signal, List<Target>> forward, Set<String> programs, Set<String> groups, BiConsumer<String, String> errors) {
    forward.forEach((signal, targets) -> {
      for (Target target : targets) {
        String why =
            switch (target) {
              case Target.All all -> "";
              case Target.Program(String name) -> missing("program", name, programs);
              case Target.Instance(var id) -> missing("program", id.program(), programs);
              case Target.Group(String name) -> missing("group", name, groups);
            };
        if (!why.isEmpty()) errors.accept(signal.name(), why);
      }
    });
  }

  private static String missing(String kind, String name, Set<String> known) {
    return known.contains(name) ? "" : "no such " + kind + " '" + name + "'" + DidYouMean.hint(known, name);
  }
}
