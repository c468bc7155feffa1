package taskmaster.controller.core;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import taskmaster.api.InstanceId;

/**
 * What is: every fact about every instance.
 *
 * @param nextRun the number of the next run
 */
public record Observed(Programs programs, long nextRun) {
  public static final Observed NOTHING = new Observed(Programs.NONE, 1);

  public ProgramObserved program(String name) {
    return programs.get(name);
  }

  public @Nullable Instance instance(InstanceId id) {
    return program(id.program()).instance(id.index());
  }

  public void forEach(Consumer<Instance> action) {
    for (int place = 0; place < programs.size(); place++) programs.at(place).instances().forEach(action);
  }

  /** Whether no process is left alive. */
  public boolean allDown() {
    for (int place = 0; place < programs.size(); place++) {
      for (Instance it : programs.at(place).instances()) if (!it.isDown()) return false;
    }
    return true;
  }

  /** Many changes, one copy. */
  static final class Editor {
    private final Observed before;
    private final Map<String, ProgramObserved> changes = new LinkedHashMap<>();
    private long nextRun;

    Editor(Observed before) {
      this.before = before;
      this.nextRun = before.nextRun;
    }

    @Nullable Instance find(InstanceId id) {
      return program(id.program()).instance(id.index());
    }

    ProgramObserved program(String name) {
      ProgramObserved changed = changes.get(name);
      return changed != null ? changed : before.program(name);
    }

    void put(Instance instance) {
      String name = instance.id().program();
      put(name, program(name).with(instance));
    }

    void put(String name, ProgramObserved program) {
      changes.put(name, program);
    }

    void forget(InstanceId id) {
      put(id.program(), program(id.program()).without(id.index()));
    }

    void used(long run) {
      nextRun = Math.max(nextRun, run + 1);
    }

    Observed done() {
      if (changes.isEmpty() && nextRun == before.nextRun) return before;
      return new Observed(changes.isEmpty() ? before.programs : before.programs.with(changes), nextRun);
    }
  }
}
