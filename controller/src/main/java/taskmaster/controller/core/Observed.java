package taskmaster.controller.core;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import taskmaster.api.InstanceId;

/**
 * What is: every fact about every instance.
 *
 * @param nextRun the number of the next run
 */
public record Observed(Map<String, ProgramObserved> programs, long nextRun) {
  public static final Observed NOTHING = new Observed(Map.of(), 1);

  public ProgramObserved program(String name) {
    return programs.getOrDefault(name, ProgramObserved.NONE);
  }

  public @Nullable Instance instance(InstanceId id) {
    return program(id.program()).instances().get(id.index());
  }

  public void forEach(Consumer<Instance> action) {
    for (ProgramObserved program : programs.values()) program.instances().values().forEach(action);
  }

  /** Whether no process is left alive. */
  public boolean allDown() {
    for (ProgramObserved program : programs.values()) {
      for (Instance it : program.instances().values()) if (!it.isDown()) return false;
    }
    return true;
  }

  /** Many changes, one copy. */
  static final class Editor {
    private final Observed before;
    private Map<String, ProgramObserved> programs;
    private long nextRun;
    private boolean changed;

    Editor(Observed before) {
      this.before = before;
      this.programs = before.programs;
      this.nextRun = before.nextRun;
    }

    @Nullable Instance find(InstanceId id) {
      return program(id.program()).instances().get(id.index());
    }

    ProgramObserved program(String name) {
      return programs.getOrDefault(name, ProgramObserved.NONE);
    }

    void put(Instance instance) {
      String name = instance.id().program();
      writable().put(name, program(name).with(instance));
      changed = true;
    }

    /** Copied when it is first written to: most folds are of events that change nothing or little. */
    private Map<String, ProgramObserved> writable() {
      if (programs == before.programs) programs = new LinkedHashMap<>(programs);
      return programs;
    }

    void put(String name, ProgramObserved program) {
      if (program.instances().isEmpty() && program.scale() == 0) writable().remove(name);
      else writable().put(name, program);
      changed = true;
    }

    void forget(InstanceId id) {
      ProgramObserved program = program(id.program());
      SortedMap<Integer, Instance> kept = new TreeMap<>(program.instances());
      kept.remove(id.index());
      put(id.program(), new ProgramObserved(program.scale(), Collections.unmodifiableSortedMap(kept)));
    }

    void used(long run) {
      if (run >= nextRun) {
        nextRun = run + 1;
        changed = true;
      }
    }

    Observed done() {
      return changed ? new Observed(Collections.unmodifiableMap(programs), nextRun) : before;
    }
  }
}
