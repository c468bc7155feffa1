package taskmaster.controller.core;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import taskmaster.api.Dependencies;
import taskmaster.api.ProgramSpec;
import taskmaster.api.ProgramType;

/** How far dependencies reach, over any number of programs in between. */
final class Reach {
  private Reach() {}

  /** All that these need, themselves left out. */
  static List<String> needs(Desired desired, Set<String> programs) {
    return from(programs, program -> {
      ProgramSpec spec = desired.specs().get(program);
      return spec == null ? List.of() : spec.policy().dependencies().conditions().keySet();
    });
  }

  /** Those services of {@code needed} of which a process must live. */
  static Set<String> neededAlive(Desired desired, Set<String> programs, Set<String> needed) {
    Set<String> alive = new LinkedHashSet<>();
    for (Set<String> some : List.of(programs, needed)) {
      for (String program : some) {
        ProgramSpec spec = desired.specs().get(program);
        if (spec == null) continue;
        spec.policy().dependencies().conditions().forEach((other, condition) -> {
          ProgramSpec its = desired.specs().get(other);
          boolean isService = its != null && its.policy().type() == ProgramType.SERVICE;
          if (isService && condition != Dependencies.Condition.COMPLETED) alive.add(other);
        });
      }
    }
    return alive;
  }

  /** All that need these, themselves left out. */
  static List<String> dependents(Desired desired, Set<String> programs) {
    Dependents dependents = Dependents.in(desired);
    return from(programs, program ->
        dependents.of(program).stream().map(ProgramSpec::name).filter(desired.specs()::containsKey).toList());
  }

  private static List<String> from(Set<String> programs, Function<String, Collection<String>> next) {
    Set<String> found = new LinkedHashSet<>();
    Deque<String> open = new ArrayDeque<>(programs);
    for (String program = open.poll(); program != null; program = open.poll()) {
      for (String other : next.apply(program)) {
        if (!programs.contains(other) && found.add(other)) open.add(other);
      }
    }
    return List.copyOf(found);
  }
}
