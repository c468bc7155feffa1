package taskmaster.controller.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import taskmaster.api.InstanceId;

/** What is always true of the facts, whatever happens outside. */
public final class Invariants {
  private Invariants() {}

  /** Each violation as a sentence; empty is good. */
  public static List<String> violated(Observed observed) {
    List<String> violations = new ArrayList<>();
    Map<Long, InstanceId> runs = new HashMap<>();
    Map<Integer, InstanceId> pids = new HashMap<>();
    observed.forEach(it -> {
      Run run = it.run();
      if (run == null) return;
      InstanceId same = runs.put(run.number(), it.id());
      if (same != null) violations.add("run " + run.number() + " is both " + same + "'s and " + it.id() + "'s");
      InstanceId twin = pids.put(run.pid(), it.id());
      if (twin != null) violations.add("pid " + run.pid() + " is both " + twin + "'s and " + it.id() + "'s");
      if (run.number() >= observed.nextRun()) violations.add("run " + run.number() + " of " + it.id() + " is not used up");
      End end = it.lastEnd();
      if (end != null && end.run() >= run.number()) {
        violations.add("run " + run.number() + " of " + it.id() + " lives after its end");
      }
    });
    return violations;
  }
}
