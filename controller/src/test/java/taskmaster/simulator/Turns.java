package taskmaster.simulator;

import taskmaster.api.AutoRestart;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.InstanceStatus;
import taskmaster.api.Phase;
import taskmaster.api.ProgramSpec;
import taskmaster.api.ProgramType;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.Statuses;

/** Judges how a rolling program is replaced: one after another, each while all others do their work. */
final class Turns {
  private final Known known;
  private final Words words;
  private final Needs needs;

  Turns(Known known, Words words, Needs needs) {
    this.known = known;
    this.words = words;
    this.needs = needs;
  }

  /** One that is wanted is told to end, and not since it is not well. */
  void toldToEnd(Machine.Tree tree, ProgramSpec filed) {
    boolean goesDown = known.desired.ending() != Desired.Ending.NO;
    Story s = known.story(tree.id);
    if (tree.run <= s.replacedAtOnceUpTo || s.uncertain || s.mayBeReplaced && s.replacedUpTo == 0) return;
    if (!filed.policy().rolling() || goesDown || !known.exact || !known.isWanted(tree.id)) return;
    for (int index = 0; index < known.desired.count(filed); index++) {
      InstanceId other = new InstanceId(tree.id.program(), index);
      if (index != tree.id.index() && known.desired.wants(filed, index)) besides(tree, other, filed);
    }
  }

  private void besides(Machine.Tree tree, InstanceId id, ProgramSpec filed) {
    Story s = known.story(id);
    boolean mayBeOld = s.uncertain || s.mayBeReplaced && s.replacedUpTo == 0 || filed.policy().dependencies().restartsWith();
    if (mayBeOld || s.daemonDiedSince) return;
    Machine.Tree other = known.last(id);
    if (other == null || !other.main.alive) {
      if (!mayBeDone(s, filed)) known.breach("one of a rolling program is replaced at a time", tree + " is told to end while " + id + " is down");
    } else if (other.beingStopped) {
      known.breach("one of a rolling program is replaced at a time", tree + " is told to end while " + other + " does");
    } else if (known.isToBeReplaced(other, filed)) {
      if (id.index() < tree.id.index()) known.breach("a rolling program is replaced in order", tree + " is told to end before " + other);
    } else if (!words.isReady(other, filed, false)) {
      known.breach("the next one is replaced when the one before is ready", tree + " is told to end before " + other + " is");
    }
  }

  private static boolean mayBeDone(Story s, ProgramSpec filed) {
    boolean expected = s.lastExit instanceof Exit.Code(int code) && filed.policy().exitcodes().contains(code);
    boolean takesAllAlong = filed.policy().vital().onExit(); // it is not started again
    return expected || takesAllAlong || filed.policy().autorestart() == AutoRestart.NEVER;
  }

  /** Whether one that is to be replaced has to wait for another, once nothing more happens. */
  boolean mayWait(InstanceId id, ProgramSpec filed, Statuses statuses) {
    if (!filed.policy().rolling()) return false;
    if (!needs.areMetForSure(filed)) return true;
    boolean isJob = filed.policy().type() == ProgramType.JOB;
    for (int index = 0; index < known.desired.count(filed); index++) {
      if (index == id.index() || !known.desired.wants(filed, index)) continue;
      InstanceStatus other = statuses.instance(new InstanceId(id.program(), index)).orElseThrow();
      Machine.Tree last = known.last(other.id());
      boolean waitsToo = last != null && last.main.alive && known.isToBeReplaced(last, filed);
      boolean isDone = other.phase() == Phase.EXITED && other.expectedExit() && (isJob || filed.policy().checks().ready() == null);
      boolean works = isDone || other.phase() == Phase.RUNNING && other.ready() && !Boolean.FALSE.equals(other.healthy());
      if (!waitsToo && !works) return true;
    }
    return false;
  }
}
