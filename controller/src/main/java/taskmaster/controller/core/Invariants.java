package taskmaster.controller.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Stopping;

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

  /**
   * Each violation as "name: what"; empty is good.
   *
   * @param timeMatters whether a deadline has passed
   */
  public static List<String> violated(Snapshot before, Snapshot after, boolean timeMatters) {
    Invariants it = new Invariants(before, after);
    if (after.observed().nextRun() != before.observed().nextRun()) it.runsAndPidsAreUnique();
    it.runNumbersOnlyGrow();
    Programs.forEachChange(before.observed().programs(), after.observed().programs(), (name, old, program) -> {
      for (Instance instance : program.instances()) {
        Instance was = old.instance(instance.id().index());
        if (was != instance) it.changed(was, instance);
      }
    });
    if (timeMatters) after.observed().forEach(it::stopKeepsItsBudget);
    return it.violations;
  }

  private void violated(String name, String what) {
    violations.add(name + ": " + what);
  }

  /** Of the new runs among themselves, and with those that were there before. */
  private void runsAndPidsAreUnique() {
    Map<Long, Instance> byRun = new HashMap<>();
    Map<Integer, Instance> byPid = new HashMap<>();
    after.observed().forEach(it -> {
      if (it.latestRun() < before.observed().nextRun() || it.run() == null) return;
      Instance other = byRun.put(it.latestRun(), it);
      if (other != null) violated("a run is of one instance", "run " + it.latestRun() + " is of " + other.id() + " and " + it.id());
      isOfOne(livePid(it), it, byPid.put(livePid(it), it));
    });
    after.observed().forEach(it -> {
      if (it.latestRun() < before.observed().nextRun()) isOfOne(livePid(it), it, byPid.get(livePid(it)));
    });
  }

  private void isOfOne(int pid, Instance it, @Nullable Instance other) {
    if (pid != 0 && other != null) violated("a process is of one instance", "pid " + pid + " is both " + it.id() + "'s and " + other.id() + "'s");
  }

  /** 0 where there is none. */
  private static int livePid(Instance it) {
    Run run = it.run();
    return run == null || !mainLives(it) ? 0 : run.pid();
  }

  private static boolean mainLives(Instance it) {
    return it.isUp() || it.life() instanceof Life.Dying d && d.ended() == null;
  }

  private void runNumbersOnlyGrow() {
    if (after.observed().nextRun() < before.observed().nextRun()) {
      violated("run numbers only grow", "next is " + after.observed().nextRun() + " after " + before.observed().nextRun());
    }
  }

  private void stopKeepsItsBudget(Instance it) {
    if (!(it.life() instanceof Life.Dying d) || d.killSentAt() != null) return;
    MonoTime first = d.toldAt();
    ProgramSpec filed = after.desired().specs().getOrDefault(it.id().program(), after.desired().retired().get(it.id().program()));
    Stopping stopping = (filed != null ? filed : d.run().spec()).policy().stopping();
    if (first == null) return;
    MonoTime step = d.ended() == null ? d.nextStepAt(stopping) : null;
    MonoTime end = step != null ? step : first.plus(stopping.time());
    if (after.at().reached(end.plus(LATE))) {
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
    boolean stopped = it.life() instanceof Life.Dying d && d.byUs() && oldRun != null && d.run().number() == oldRun.number();
    if (stopped && was != null && was.life() instanceof Life.Up up) stoppedHasAReason(was, up, it);
  }

  private void startedIsWanted(Instance it) {
    ProgramSpec spec = after.desired().specs().get(it.id().program());
    // an earlier daemon may have started what the file has no more
    boolean adopted = before.version() == 0;
    if (!adopted && (spec == null || !after.desired().wants(spec, it.id().index()))) {
      violated("nothing is started that nobody wants", it.id() + " run " + it.latestRun());
    }
  }

  private void stoppedHasAReason(Instance was, Life.Up up, Instance it) {
    ProgramSpec spec = after.desired().specs().get(it.id().program());
    if (spec == null || WhyEnd.inItsTurn(after.desired().wanted(spec), new Rolls(after.desired(), after.observed(), after.at()), was, up) != null) return;
    if (it.life() instanceof Life.Dying d && d.unhealthy()) return; // the answer came in this tick, and no other follows
    violated("nothing is stopped that is wanted as it is", it.id() + " run " + up.run().number());
  }
}
