package taskmaster.controller.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;

/**
 * What is always true, whatever happens outside; asserted after every tick, in the simulator and in production. What only
 * the system itself can tell (one live process of an instance, none lost) the simulator and the chaos run check.
 */
public final class Invariants {
  /** What a tick may be late by on a machine that has other things to do. */
  private static final Duration LATE = Duration.ofSeconds(10);

  private final Snapshot before;
  private final Snapshot after;
  private final List<String> violations = new ArrayList<>();

  private Invariants(Snapshot before, Snapshot after) {
    this.before = before;
    this.after = after;
  }

  /** Each violation as "name: what"; empty is good. */
  public static List<String> violated(Snapshot before, Snapshot after) {
    Invariants it = new Invariants(before, after);
    if (after.observed().nextRun() != before.observed().nextRun()) it.runsAndPidsAreUnique();
    it.runNumbersOnlyGrow();
    after.observed().programs().forEach((name, program) -> {
      ProgramObserved old = before.observed().program(name);
      program.instances().forEach((index, instance) -> {
        it.stopKeepsItsBudget(instance);
        Instance was = old.instances().get(index);
        if (was != instance) it.changed(was, instance);
      });
    });
    return it.violations;
  }

  private void violated(String name, String what) {
    violations.add(name + ": " + what);
  }

  private void runsAndPidsAreUnique() {
    Map<Long, InstanceId> runs = new HashMap<>();
    Map<Integer, InstanceId> pids = new HashMap<>();
    forEachRun(it -> {
      Run run = it.run();
      if (run == null) return;
      InstanceId same = runs.put(run.number(), it.id());
      if (same != null) violated("a run is of one instance", "run " + run.number() + " is both " + same + "'s and " + it.id() + "'s");
      InstanceId twin = run.pid() == 0 ? null : pids.put(run.pid(), it.id());
      boolean bothLive = twin != null && mainLives(it) && mainLives(after.observed().instance(twin));
      if (bothLive) violated("a process is of one instance", "pid " + run.pid() + " is both " + twin + "'s and " + it.id() + "'s");
    });
  }

  private void forEachRun(Consumer<Instance> action) {
    after.observed().forEach(action);
  }

  private static boolean mainLives(@Nullable Instance it) {
    return it != null && (it.isUp() || it.life() instanceof Life.Dying d && d.ended() == null);
  }

  private void runNumbersOnlyGrow() {
    if (after.observed().nextRun() < before.observed().nextRun()) {
      violated("run numbers only grow", "next is " + after.observed().nextRun() + " after " + before.observed().nextRun());
    }
  }

  private void stopKeepsItsBudget(Instance it) {
    if (!(it.life() instanceof Life.Dying d) || d.killSentAt() != null) return;
    MonoTime first = d.firstSignalAt();
    ProgramSpec filed = after.desired().specs().getOrDefault(it.id().program(), after.desired().retired().get(it.id().program()));
    Duration budget = (filed != null ? filed : d.run().spec()).policy().stoptime();
    if (first != null && after.at().reached(first.plus(budget).plus(LATE))) {
      violated("a stop keeps its budget", it.id() + " lives " + after.at().since(first).toSeconds() + " s after its stop signal");
    }
  }

  private void changed(@Nullable Instance was, Instance it) {
    Run run = it.run();
    End end = it.lastEnd();
    if (run != null && run.number() >= after.observed().nextRun()) violated("a run's number is used up", it.id() + " run " + run.number());
    if (run != null && end != null && end.run() >= run.number()) violated("no run lives after its end", it.id() + " run " + run.number());
    Run oldRun = was == null ? null : was.run();
    boolean started = run != null && run.number() >= before.observed().nextRun();
    if (started) startedIsWanted(it);
    if (was != null && was.isUp() && oldRun != null && it.life() instanceof Life.Dying d && d.byUs() && d.run().number() == oldRun.number()) {
      stoppedHasAReason(it, oldRun);
    }
  }

  private void startedIsWanted(Instance it) {
    ProgramSpec spec = after.desired().specs().get(it.id().program());
    // an earlier daemon may have started what the file has no more
    boolean adopted = before.version() == 0;
    if (!adopted && (spec == null || !after.desired().wants(spec, it.id().index()))) {
      violated("nothing is started that nobody wants", it.id() + " run " + it.latestRun());
    }
  }

  private void stoppedHasAReason(Instance it, Run run) {
    ProgramSpec spec = after.desired().specs().get(it.id().program());
    if (spec == null || !after.desired().wants(spec, it.id().index()) || !spec.shape().equals(run.spec().shape())) return;
    if (run.number() <= after.desired().wish(spec.name()).of(it.id().index()).replaced()) return;
    violated("nothing is stopped that is wanted as it is", it.id() + " run " + run.number());
  }
}
