package taskmaster.controller.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import taskmaster.api.AutoRestart;
import taskmaster.api.Dependencies;
import taskmaster.api.DidYouMean;
import taskmaster.api.ProgramSpec;
import taskmaster.api.ProgramType;

/** What must be true of all {@code depends_on} together. */
final class DependencyRules {
  private final Map<String, ProgramSpec> programs;
  private final Hearer hearer;
  private final Set<String> done = new HashSet<>();
  /** Those that a default names and that take it too: mended, they are in no circle by it. */
  private final Set<String> ownDefaults = new HashSet<>();

  private DependencyRules(Map<String, ProgramSpec> programs, Hearer hearer) {
    this.programs = programs;
    this.hearer = hearer;
  }

  /** Knows who said what, and is told what is wrong with it. */
  interface Hearer {
    /** Whether it is by the defaults that a program depends on another one. */
    boolean isDefault(String program, String other);

    /** What to write, and where, so that it is not. */
    String takenBack(String program, String other);

    /** Of a default this comes again, in the same words, for each program that takes it. */
    void hear(String program, String other, String what);
  }

  /** @param known the names of all programs, also of those that could not be read */
  static void check(Map<String, ProgramSpec> programs, Set<String> known, Hearer hearer) {
    DependencyRules rules = new DependencyRules(programs, hearer);
    programs.forEach((name, spec) ->
        spec.policy().dependencies().conditions().forEach((other, condition) -> rules.check(name, other, condition, known)));
    programs.forEach((name, spec) -> {
      if (!spec.policy().dependencies().conditions().isEmpty()) rules.findCircle(name);
    });
  }

  static boolean hold(Map<String, ProgramSpec> programs) {
    List<String> faults = new ArrayList<>();
    check(programs, programs.keySet(), new Hearer() {
      @Override
      public boolean isDefault(String program, String other) {
        return false;
      }

      @Override
      public String takenBack(String program, String other) {
        return "";
      }

      @Override
      public void hear(String program, String other, String what) {
        faults.add(what);
      }
    });
    return faults.isEmpty();
  }

  private void check(String program, String other, Dependencies.Condition condition, Set<String> known) {
    if (other.equals(program)) tellOfItself(program);
    else if (!known.contains(other)) tell(program, other, "no such program '" + other + "'" + DidYouMean.hint(known, other));
    ProgramSpec spec = programs.get(other);
    if (spec == null || other.equals(program)) return;
    boolean isJob = spec.policy().type() == ProgramType.JOB;
    if (condition == Dependencies.Condition.COMPLETED && !isJob && spec.policy().autorestart() == AutoRestart.ALWAYS) {
      tell(program, other, other + " never completes: it is started again after every exit; give it type: job");
    }
    if (condition == Dependencies.Condition.READY && isJob) {
      tell(program, other, other + " is a job, which is never ready; write " + other + ": completed");
    }
  }

  private void tell(String program, String other, String what) {
    String where = hearer.isDefault(program, other) ? "defaults" : "programs." + program;
    hearer.hear(program, other, where + ".depends_on: " + what);
  }

  private void tellOfItself(String program) {
    boolean isDefault = hearer.isDefault(program, program);
    if (isDefault) ownDefaults.add(program);
    tell(program, program, program + " depends on itself" + (isDefault ? "; write " + hearer.takenBack(program, program) : ""));
  }

  /** @param circle ends with the name that it begins with */
  private void tellOfCircle(List<String> circle) {
    int[] byDefault = IntStream.range(0, circle.size() - 1).filter(i -> hearer.isDefault(circle.get(i), circle.get(i + 1))).toArray();
    if (IntStream.of(byDefault).anyMatch(i -> ownDefaults.contains(circle.get(i)))) return;
    String mends = IntStream.of(byDefault).mapToObj(i -> hearer.takenBack(circle.get(i), circle.get(i + 1))).collect(Collectors.joining(", or "));
    int at = byDefault.length == 0 ? 0 : byDefault[0];
    String shown = "depends_on goes in a circle: " + String.join(" -> ", circle) + (mends.isEmpty() ? "" : "; write " + mends);
    hearer.hear(circle.get(at), circle.get(at + 1), shown);
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
        if (circle.size() > 2) tellOfCircle(circle);
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
