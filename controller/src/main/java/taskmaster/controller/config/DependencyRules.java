package taskmaster.controller.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import taskmaster.api.AutoRestart;
import taskmaster.api.Dependencies;
import taskmaster.api.DidYouMean;
import taskmaster.api.ProgramSpec;
import taskmaster.api.ProgramType;

/** What must be true of all {@code depends_on} together. */
final class DependencyRules {
  private final Map<String, ProgramSpec> programs;
  private final BiConsumer<String, String> hearer;
  private final Set<String> done = new HashSet<>();

  private DependencyRules(Map<String, ProgramSpec> programs, BiConsumer<String, String> hearer) {
    this.programs = programs;
    this.hearer = hearer;
  }

  /**
   * @param known the names of all programs, also of those that could not be read
   * @param hearer of each fault: the program that has it, and what it is
   */
  static void check(Map<String, ProgramSpec> programs, Set<String> known, BiConsumer<String, String> hearer) {
    DependencyRules rules = new DependencyRules(programs, hearer);
    for (ProgramSpec spec : programs.values()) {
      if (spec.policy().dependencies().conditions().isEmpty()) continue;
      spec.policy().dependencies().conditions().forEach((other, condition) -> rules.check(spec.name(), other, condition, known));
      rules.findCircle(spec.name());
    }
  }

  static boolean hold(Map<String, ProgramSpec> programs) {
    List<String> faults = new ArrayList<>();
    check(programs, programs.keySet(), (program, what) -> faults.add(what));
    return faults.isEmpty();
  }

  private void check(String program, String other, Dependencies.Condition condition, Set<String> known) {
    String where = "programs." + program + ".depends_on: ";
    if (other.equals(program)) hearer.accept(program, where + program + " depends on itself");
    else if (!known.contains(other)) hearer.accept(program, where + "no such program '" + other + "'" + DidYouMean.hint(known, other));
    ProgramSpec spec = programs.get(other);
    if (spec == null || other.equals(program)) return;
    boolean isJob = spec.policy().type() == ProgramType.JOB;
    if (condition == Dependencies.Condition.COMPLETED && !isJob && spec.policy().autorestart() == AutoRestart.ALWAYS) {
      hearer.accept(program, where + other + " never completes: it is started again after every exit; give it type: job");
    }
    if (condition == Dependencies.Condition.READY && isJob) {
      hearer.accept(program, where + other + " is a job, which is never ready; write " + other + ": completed");
    }
  }

  /** Depth first, without recursion: a chain may be as long as the file. */
  private void findCircle(String from) {
    List<String> path = new ArrayList<>();
    Set<String> onPath = new HashSet<>();
    List<List<String>> open = new ArrayList<>();
    open.add(new ArrayList<>(List.of(from)));
    while (!open.isEmpty()) {
      List<String> next = open.getLast();
      String name = next.isEmpty() ? null : next.removeLast();
      if (name == null) {
        open.removeLast();
        leave(path, onPath);
      } else if (onPath.contains(name)) {
        List<String> circle = new ArrayList<>(path.subList(path.indexOf(name), path.size()));
        circle.add(name);
        if (circle.size() > 2) hearer.accept(name, "depends_on goes in a circle: " + String.join(" -> ", circle));
      } else if (!done.contains(name)) {
        ProgramSpec spec = programs.get(name);
        path.add(name);
        onPath.add(name);
        open.add(spec == null ? new ArrayList<>() : new ArrayList<>(spec.policy().dependencies().conditions().keySet()).reversed());
      }
    }
  }

  private void leave(List<String> path, Set<String> onPath) {
    if (path.isEmpty()) return;
    String left = path.removeLast();
    onPath.remove(left);
    done.add(left);
  }
}
