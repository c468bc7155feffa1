package taskmaster.simulator;

import java.util.Map;
import java.util.Set;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;
import taskmaster.controller.core.Desired;

/** What operators and files have said, and what of the past counts no more since then. */
final class Orders {
  private final Known known;

  Orders(Known known) {
    this.known = known;
  }

  void timesAreExact(boolean are) {
    known.exact = are;
    if (!are) everythingTouched();
  }

  /** A reload that wants all that no operator stopped. */
  void everythingWanted() {
    everythingTouched();
    for (Story s : known.stories.values()) {
      s.wake();
      s.exitMayNotCount = true;
    }
  }

  private void everythingTouched() {
    for (Story s : known.stories.values()) {
      s.begunAnew();
      s.stopSince = null;
    }
  }

  void wants(Desired next) {
    Map<String, ProgramSpec> before = known.desired.specs();
    boolean otherFile = next.specs() != before && !next.specs().equals(before);
    known.desired = next;
    if (!otherFile) return;
    before.forEach((name, spec) -> {
      if (!next.specs().containsKey(name)) known.removed.put(name, spec);
    });
    known.removed.keySet().removeAll(next.specs().keySet());
    known.stories.forEach((id, s) -> {
      if (known.filed(id) == null) s.stopped = false;
    });
    everythingTouched();
    for (Story s : known.stories.values()) s.wake();
  }

  void said(InstanceId id, boolean stop, boolean replace) {
    Story s = known.story(id);
    s.stopped = stop;
    s.uncertain = false;
    s.exitMayNotCount |= !stop;
    if (replace) {
      s.mayBeReplaced = true;
      Machine.Tree last = known.last(id);
      if (last != null) s.replacedUpTo = last.run;
    }
    s.wake();
    s.begunAnew();
  }

  /** This very one, whosever turn it is. */
  void restartedByName(InstanceId id) {
    Story s = known.story(id);
    s.replacedAtOnceUpTo = s.replacedUpTo;
  }

  /** Scaling down forgets the instances that are too many, and what they had come to. */
  void scaled(String program) {
    known.stories.forEach((id, s) -> {
      if (!id.program().equals(program)) return;
      s.begunAnew();
      s.wake();
    });
  }

  /** What these programs need was started with them, whatever had become of it. */
  void startedWith(Set<String> programs) {
    known.stories.forEach((id, s) -> {
      if (!programs.contains(id.program())) return;
      s.stopped = false;
      s.exitMayNotCount = true;
      s.wake();
      s.begunAnew();
    });
  }

  void maybeSaid(InstanceId id) {
    Story s = known.story(id);
    s.uncertain = true;
    s.replacedUpTo = 0;
    s.wake();
    s.mayBeReplaced = true;
    s.exitMayNotCount = true;
    s.touched();
  }

  void signalledByOperator(InstanceId id) {
    known.story(id).signalledByOperator = true;
  }

  void daemonDied() {
    everythingTouched();
    for (Story s : known.stories.values()) {
      s.exitMayNotCount = s.last != null && !s.last.main.alive;
      s.done &= s.doneIsSeen; // else nobody may have looked
      s.daemonDiedSince = true;
    }
  }
}
