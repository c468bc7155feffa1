package taskmaster.simulator;

import taskmaster.api.AutoRestart;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;
import taskmaster.controller.core.Instance;
import taskmaster.controller.core.Observed;

/** Judges what there is once nothing more happens from outside. */
final class Settled {
  private final Known known;
  private final Needs needs;

  Settled(Known known, Needs needs) {
    this.known = known;
    this.needs = needs;
  }

  void judge(Observed observed) {
    for (ProgramSpec spec : known.desired.specs().values()) {
      for (int i = 0; i < known.desired.count(spec); i++) {
        isAsItShouldBe(spec, new InstanceId(spec.name(), i), known.desired.wants(spec, i), observed);
      }
    }
    for (Machine.Tree tree : known.machine.alive()) {
      ProgramSpec filed = known.filed(tree.id);
      if (filed == null || !known.isWanted(tree.id)) known.breach("what is not wanted is stopped", tree + " lives");
      else if (!filed.shape().equals(known.specOf(tree).shape())) known.breach("what runs is of the file's shape", tree.toString());
    }
    for (Machine.Process p : known.machine.children) {
      if (!p.alive && !known.isRecent(p.endedAt)) known.breach("no zombie is left", "pid " + p.pid);
    }
  }

  private void isAsItShouldBe(ProgramSpec spec, InstanceId id, boolean wanted, Observed observed) {
    Story s = known.story(id);
    if (s.stopped && !s.uncertain && wanted) known.breach("an operator's stop holds", id + " is wanted again");
    Machine.Tree last = known.last(id);
    boolean lives = last != null && last.main.alive;
    if (lives && last != null && last.run <= s.replacedUpTo) known.breach("a restart replaces", last + " lives on");
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
