package taskmaster.simulator;

import java.time.Instant;
import taskmaster.api.AutoRestart;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;
import taskmaster.controller.core.Instance;
import taskmaster.controller.core.Observed;
import taskmaster.controller.core.Snapshot;
import taskmaster.controller.core.Statuses;

/** Judges what there is once nothing more happens from outside. */
final class Settled {
  private final Known known;
  private final Needs needs;
  private final Turns turns;

  Settled(Known known, Needs needs, Turns turns) {
    this.known = known;
    this.needs = needs;
    this.turns = turns;
  }

  void judge(Snapshot snapshot) {
    Observed observed = snapshot.observed();
    Statuses statuses = new Statuses(snapshot, known.now(), Instant.EPOCH, id -> 0);
    for (ProgramSpec spec : known.desired.specs().values()) {
      for (int i = 0; i < known.desired.count(spec); i++) {
        isAsItShouldBe(spec, new InstanceId(spec.name(), i), known.desired.wants(spec, i), observed);
      }
    }
    for (Machine.Tree tree : known.machine.alive()) {
      ProgramSpec filed = known.filed(tree.id);
      if (filed == null || !known.isWanted(tree.id)) known.breach("what is not wanted is stopped", tree + " lives");
      else if (known.isToBeReplaced(tree, filed) && !turns.mayWait(tree.id, filed, statuses)) {
        known.breach("a restart and another shape replace", tree + " lives on");
      }
    }
    for (Machine.Process p : known.machine.children) {
      boolean hasHandedOver = p.tree != null && p.tree.main != p && p.tree.isAlive(); // it keeps the session's id
      if (!p.alive && !hasHandedOver && !known.isRecent(p.endedAt)) known.breach("no zombie is left", "pid " + p.pid);
    }
  }

  private void isAsItShouldBe(ProgramSpec spec, InstanceId id, boolean wanted, Observed observed) {
    Story s = known.story(id);
    if (s.stopped && !s.uncertain && wanted) known.breach("an operator's stop holds", id + " is wanted again");
    Machine.Tree last = known.last(id);
    boolean lives = last != null && last.main.alive;
    if (lives || !wanted) return;
    if (!needs.areMetForSure(spec)) return; // it waits, and says so
    Instance it = observed.instance(id);
    if (last == null && !s.refusedLately) known.breach("what is wanted runs", id + " was never started");
    // one that dies again and again is between two runs most of the time
    if (last != null && known.isRecent(last.main.endedAt)) return;
    boolean expected = s.lastExit instanceof Exit.Code(int code) && spec.policy().exitcodes().contains(code);
    boolean leaves = spec.policy().autorestart() == AutoRestart.NEVER || spec.policy().autorestart() == AutoRestart.UNEXPECTED && expected;
    boolean failing = it != null && it.lastEnd() != null && it.lastEnd().series().failedStarts() >= spec.policy().startretries();
    boolean waits = it != null && it.lastEnd() != null;
    if (!waits || !leaves && !failing) known.breach("what is wanted runs", id + " does not, after " + s.lastExit);
  }
}
