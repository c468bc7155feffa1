package taskmaster.controller.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
    return new Preview(List.copyOf(all), Foreseen.steps(before, after, observed, now), unchanged);
  }

  /** With what changes besides the programs. */
  public Preview and(List<Change> more) {
    if (more.isEmpty()) return this;
    List<Change> all = new ArrayList<>(changes);
    all.addAll(more);
    return new Preview(List.copyOf(all), steps, unchanged);
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
}
