package taskmaster.controller.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Target;

/**
 * What replacing one desired state by another does, told without doing it.
 *
 * @param unchanged programs with the same spec
 */
public record Preview(List<Change> changes, List<Step> steps, int unchanged) {
  /** @param unchanged programs */
  public static Preview nothing(int unchanged) {
    return new Preview(List.of(), List.of(), unchanged);
  }

  public enum Kind {
    ADDED,
    REMOVED,
    CHANGED;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @param program or a group, as it is typed: {@code group:web}
   * @param details what changed, key by key
   */
  public record Change(String program, Kind kind, List<String> details) {}

  /** @param action start, stop or restart */
  public record Step(InstanceId instance, String action, String why) {}

  public static Preview of(Desired before, Desired after, Observed observed, MonoTime now) {
    Map<String, Change> changes = new LinkedHashMap<>();
    int unchanged = 0;
    for (ProgramSpec spec : after.specs().values()) {
      ProgramSpec old = before.specs().get(spec.name());
      SpecDiff diff = old == null ? null : SpecDiff.between(old, spec);
      if (diff == null) changes.put(spec.name(), new Change(spec.name(), Kind.ADDED, List.of()));
      else if (diff.isEmpty()) unchanged++;
      else changes.put(spec.name(), new Change(spec.name(), Kind.CHANGED, details(diff)));
    }
    for (String name : before.specs().keySet()) {
      if (!after.specs().containsKey(name)) changes.put(name, new Change(name, Kind.REMOVED, List.of()));
    }
    List<Change> all = new ArrayList<>(changes.values());
    all.addAll(groups(before.groups(), after.groups()));
    return new Preview(List.copyOf(all), steps(before, after, observed, now), unchanged);
  }

  private static List<Change> groups(Map<String, List<String>> before, Map<String, List<String>> after) {
    List<Change> changes = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>(after.keySet());
    names.addAll(before.keySet());
    for (String name : names) {
      List<String> old = before.getOrDefault(name, List.of());
      List<String> now = after.getOrDefault(name, List.of());
      if (old.equals(now)) continue;
      Kind kind = !before.containsKey(name) ? Kind.ADDED : after.containsKey(name) ? Kind.CHANGED : Kind.REMOVED;
      changes.add(new Change(new Target.Group(name).toString(), kind, kind == Kind.CHANGED ? members(old, now) : List.of()));
    }
    return changes;
  }

  private static List<String> members(List<String> old, List<String> now) {
    List<String> details = new ArrayList<>();
    for (String member : now) if (!old.contains(member)) details.add(member + " added");
    for (String member : old) if (!now.contains(member)) details.add(member + " removed");
    return details.isEmpty() ? List.of("in another order") : List.copyOf(details);
  }

  private static List<String> details(SpecDiff diff) {
    List<String> all = new ArrayList<>(diff.shape());
    all.addAll(diff.policy());
    return List.copyOf(all);
  }

  private static List<Step> steps(Desired before, Desired after, Observed observed, MonoTime now) {
    List<Action> planned = Planner.plan(before, observed, now).actions();
    List<Step> steps = new ArrayList<>();
    for (Action action : Planner.plan(after, observed, now).actions()) {
      switch (action) {
        case Action.Spawn s -> {
          boolean anyway = planned.stream().anyMatch(p -> p instanceof Action.Spawn(var id, var r, var sp, var se) && id.equals(s.id()));
          if (!anyway) steps.add(new Step(s.id(), "start", whyStart(before, s)));
        }
        case Action.Signal s when planned.contains(s) || s.purpose() == Action.Purpose.REQUESTED -> {}
        case Action.Signal s -> stop(after, observed, s.id()).ifPresent(steps::add);
        case Action.StopCommand s when planned.contains(s) -> {}
        case Action.StopCommand s -> stop(after, observed, s.id()).ifPresent(steps::add);
        case Action.Scale s -> {}
        case Action.Reap r -> {}
        case Action.Probe p -> {}
        case Action.GiveUp g -> {}
      }
    }
    inTheirTurn(before, after, observed, now, steps);
    return List.copyOf(steps);
  }

  /** What is replaced later, one after another. */
  private static void inTheirTurn(Desired before, Desired after, Observed observed, MonoTime now, List<Step> steps) {
    Rolls rolls = new Rolls(observed, now);
    for (ProgramSpec spec : after.specs().values()) {
      if (!spec.policy().rolling()) continue;
      ProgramSpec old = before.specs().get(spec.name());
      for (Instance it : observed.program(spec.name()).instances()) {
        if (!(it.life() instanceof Life.Up up) || rolls.wait(after.wanted(spec), it, up) == null) continue;
        boolean anyway = old != null && WhyEnd.inItsTurn(before.wanted(old), observed, it, up) != null;
        if (anyway) continue;
        Step step = stop(after, observed, it, up);
        steps.add(new Step(step.instance(), step.action(), step.why() + ", in its turn"));
      }
    }
  }

  private static String whyStart(Desired before, Action.Spawn spawn) {
    ProgramSpec old = before.specs().get(spawn.id().program());
    if (old == null) return "new program";
    if (spawn.id().index() >= before.count(old)) {
      return "numprocs " + before.count(old) + " -> " + spawn.spec().policy().numprocs();
    }
    if (!before.wants(old, spawn.id().index())) return "wanted now";
    List<String> anew = SpecDiff.between(old, spawn.spec()).shape();
    return anew.isEmpty() ? "wanted again" : String.join(", ", anew);
  }

  private static Optional<Step> stop(Desired after, Observed observed, InstanceId id) {
    Instance it = observed.instance(id);
    return it != null && it.life() instanceof Life.Up up ? Optional.of(stop(after, observed, it, up)) : Optional.empty();
  }

  private static Step stop(Desired after, Observed observed, Instance it, Life.Up up) {
    InstanceId id = it.id();
    ProgramSpec spec = after.specs().get(id.program());
    if (spec == null) return new Step(id, "stop", "removed from the file");
    if (id.index() >= after.count(spec)) return new Step(id, "stop", "numprocs is " + after.count(spec));
    return switch (WhyEnd.inItsTurn(after.wanted(spec), observed, it, up)) {
      case UNWANTED -> new Step(id, "stop", "not wanted any more");
      case REPLACED -> new Step(id, "restart", "by an operator");
      case OTHER_SHAPE -> new Step(id, "restart", String.join(", ", SpecDiff.between(up.run().spec(), spec).shape()));
      case DEPENDENCY_RESTARTED -> new Step(id, "restart", "what it depends on was restarted");
      case UNHEALTHY -> new Step(id, "restart", "unhealthy");
      case null -> new Step(id, "stop", "not wanted any more");
    };
  }
}
