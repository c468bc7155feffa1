package taskmaster.simulator;

import java.time.Duration;
import java.util.List;
import taskmaster.api.InstanceId;
import taskmaster.api.Policy;
import taskmaster.api.ProgramSpec;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.MonoTime;

/** Judges each start: whether it may be, and when. */
final class Starts {
  private static final Duration FLOOR = Duration.ofMillis(100);

  private final Known known;
  private final Needs needs;

  Starts(Known known, Needs needs) {
    this.known = known;
    this.needs = needs;
  }

  void spawned(Machine.Tree tree, ProgramSpec spec) {
    if (known.byRun.containsKey(tree.run)) known.breach("run numbers are never used twice", tree.toString());
    known.specs.put(tree, spec);
    known.byRun.put(tree.run, tree);
    for (Machine.Tree other : known.machine.of(tree.id)) {
      if (other != tree && other.isAlive()) known.breach("at most one live run of an instance", tree + " beside " + other);
    }
    Story s = known.story(tree.id);
    s.last = tree;
    mayBe(tree, s);
    s.wake();
    s.mayBeReplaced = false;
    if (s.uncertain) s.stopped = false; // so it was not heard
    s.uncertain = false;
    s.signalledByOperator = false;
    attempted(s);
    s.daemonDiedSince = false;
    s.stopSince = null;
    s.killed = false;
    paced(s, tree, spec);
  }

  private void mayBe(Machine.Tree tree, Story s) {
    ProgramSpec filed = known.filed(tree.id);
    if (s.stopped && !s.uncertain) known.breach("none restarted after a stop", tree.toString());
    if (filed == null || tree.id.index() >= known.desired.count(filed)) known.breach("nothing is started that nobody wants", tree.toString());
    if (known.desired.ending() != Desired.Ending.NO) known.breach("nothing starts while the daemon goes down", tree.toString());
    if (known.exact && filed != null && !needs.mayBeMet(filed)) known.breach("none starts before what it needs", tree.toString());
    if (s.doneIsSeen) known.breach("what has done its work is left in peace", tree + " was started after " + s.lastExit);
    boolean takesAllAlong = filed != null && filed.policy().vital().onExit();
    if (takesAllAlong && s.endStands && !s.refusedLately) known.breach("a vital end is no reason to start again", tree + " was started after " + s.lastExit);
  }

  private void paced(Story s, Machine.Tree tree, ProgramSpec spec) {
    MonoTime now = known.now();
    Policy policy = spec.policy();
    if (s.quickDeaths >= 2 && s.lastEnd != null && now.since(s.lastEnd).compareTo(FLOOR) < 0) {
      known.breach("no hot loop", tree + " was started " + now.since(s.lastEnd).toMillis() + " ms after the last quick death");
    }
    boolean livedLong = s.lastLived.compareTo(policy.backoff().resetAfter()) >= 0 && s.lastLived.compareTo(policy.starttime()) >= 0;
    boolean longEnough = livedLong && s.lastLived.compareTo(FLOOR) >= 0;
    boolean waits = !policy.dependencies().conditions().isEmpty();
    if (known.exact && !waits && s.untouchedSpawns > 0 && s.lastEnd != null && longEnough && !s.lastEndedByUs && !s.refusedLately
        && now.since(s.lastEnd).compareTo(Known.SLACK) > 0 && !hadLeftovers(tree)) {
      known.breach("a run that lived long is followed at once", tree + " came " + now.since(s.lastEnd).toMillis() + " ms later");
    }
    if (s.untouchedSpawns > 0 && s.failedStarts > policy.startretries()) {
      known.breach("no start after the last retry", tree + " after " + s.failedStarts + " failed starts");
    }
    s.untouchedSpawns++;
    s.refusedLately = false;
  }

  /** Stopping what the last run left behind takes its time. */
  private boolean hadLeftovers(Machine.Tree tree) {
    List<Machine.Tree> all = known.machine.of(tree.id);
    return all.size() > 1 && all.get(all.size() - 2).all.size() > 1;
  }

  /** What we ended ourselves does not count with what follows. */
  private static void attempted(Story s) {
    if (s.lastEndedByUs && !s.daemonDiedSince) s.failuresAtMost = 0;
    s.lastEndedByUs = false;
  }

  void refused(InstanceId id) {
    Story s = known.story(id);
    s.refusedLately = true;
    s.untouchedSpawns = 0;
    s.failedStarts = 0;
    s.lastEnd = null;
    attempted(s);
    s.failuresAtLeast++;
    s.failuresAtMost++;
    s.endStands = known.exact;
  }
}
