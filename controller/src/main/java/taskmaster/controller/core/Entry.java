package taskmaster.controller.core;

import java.util.ArrayList;
import java.util.List;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;

/** One thing that the next daemon must know; it replaces what an earlier entry said of the same thing. */
public sealed interface Entry {
  /** Written before a spawn is tried: from here on a process of this run may exist. */
  record Intent(InstanceId id, long run, ProgramSpec spec, Series series) implements Entry {}

  /** The intent came true. */
  record Born(InstanceId id, long run, int pid, long born, MonoTime at) implements Entry {}

  record Known(Instance instance) implements Entry {}

  record Forgotten(InstanceId id) implements Entry {}

  record Scaled(String program, int scale) implements Entry {}

  record Filed(ProgramSpec spec) implements Entry {}

  record Unfiled(String program) implements Entry {}

  record Wished(String program, Wish wish) implements Entry {}

  /** Entries that are true together, and only together. */
  record Batch(MonoTime at, long nextRun, Kind kind, List<Entry> entries) {
    public enum Kind {
      STEP,
      /** The facts are now as a whole tick left them. */
      TICK,
      /** All facts anew, in place of what was written before; all that they tell was told. */
      BASE
    }
  }

  static List<Entry> between(Observed before, Observed after) {
    if (before == after) return List.of();
    List<Entry> entries = new ArrayList<>();
    Programs.forEachChange(before.programs(), after.programs(), (name, old, program) -> {
      for (Instance it : program.instances()) {
        Instance was = old.instance(it.id().index());
        if (was != it && (was == null || !was.differsByProbesAlone(it))) entries.add(new Known(it));
      }
      for (Instance it : old.instances()) {
        if (program.instance(it.id().index()) == null) entries.add(new Forgotten(it.id()));
      }
      if (old.scale() != program.scale()) entries.add(new Scaled(name, program.scale()));
    });
    return entries;
  }

  static List<Entry> between(Desired before, Desired after) {
    if (before == after) return List.of();
    List<Entry> entries = new ArrayList<>();
    if (before.specs() != after.specs()) filed(before, after, entries);
    for (String name : before.wishes().keySet()) {
      if (!after.wishes().containsKey(name)) entries.add(new Wished(name, Wish.NONE));
    }
    after.wishes().forEach((name, wish) -> {
      if (!wish.equals(before.wishes().get(name))) entries.add(new Wished(name, wish));
    });
    return entries;
  }

  private static void filed(Desired before, Desired after, List<Entry> entries) {
    for (String name : before.specs().keySet()) {
      if (!after.specs().containsKey(name)) entries.add(new Unfiled(name));
    }
    // known from when they were filed, unless the records begin anew
    after.retired().forEach((name, spec) -> {
      if (before.specs().containsKey(name) || spec.equals(before.retired().get(name))) return;
      entries.add(new Filed(spec));
      entries.add(new Unfiled(name));
    });
    after.specs().forEach((name, spec) -> {
      if (!spec.equals(before.specs().get(name))) entries.add(new Filed(spec));
    });
  }
}
