package taskmaster.controller.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import taskmaster.api.ProgramSpec;

/** Which programs depend on which: the file's, and those that it no longer has and that may still be on their way down. */
public final class Dependents {
  static final Dependents NONE = new Dependents(Map.of());

  private final Map<String, List<ProgramSpec>> byName;

  private Dependents(Map<String, List<ProgramSpec>> byName) {
    this.byName = byName;
  }

  public static Dependents in(Desired desired) {
    Map<String, List<ProgramSpec>> byName = new HashMap<>();
    for (ProgramSpec spec : desired.specs().values()) add(spec, byName);
    for (ProgramSpec spec : desired.retired().values()) add(spec, byName);
    return byName.isEmpty() ? NONE : new Dependents(byName);
  }

  private static void add(ProgramSpec dependent, Map<String, List<ProgramSpec>> byName) {
    for (String name : dependent.policy().dependencies().conditions().keySet()) {
      byName.computeIfAbsent(name, n -> new ArrayList<>()).add(dependent);
    }
  }

  /** Those that name this one themselves. */
  public List<ProgramSpec> of(String program) {
    return byName.getOrDefault(program, List.of());
  }
}
