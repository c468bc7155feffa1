package taskmaster.simulator;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;
import taskmaster.api.ProgramType;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.VitalEnd;

/** Judges whether the daemon goes down with a vital program, and never for another reason. */
final class Vitals {
  /** To look what is left, to decide, and to hear that. */
  private static final int TICKS = 3;

  private static final Duration TIME = Duration.ofMillis(200);
  private static final Duration LONGEST_SHUTDOWN = Known.LONGEST_STOP.multipliedBy(Programs.NAMES.size()).plus(Known.SLACK);

  private record Due(MonoTime since, int ticks) {}

  private final Known known;
  private final Map<InstanceId, Due> due = new HashMap<>();
  private @Nullable MonoTime goesDownSince;

  Vitals(Known known) {
    this.known = known;
  }

  void daemonDied() {
    due.clear();
    goesDownSince = null;
  }

  // ---- it goes down ----

  void goesDown(VitalEnd end) {
    InstanceId id = end.id();
    if (goesDownSince == null) goesDownSince = known.now();
    ProgramSpec filed = known.filed(id);
    Story s = known.story(id);
    Machine.Tree last = known.last(id);
    String what = id + ": " + end.reason();
    boolean isVital = filed != null && (filed.policy().vital().onFatal() || filed.policy().vital().onExit());
    if (filed == null || !isVital) {
      known.breach("only a vital program takes the daemon along", what);
      return;
    }
    if (last != null && last.isAlive()) known.breach("a vital program that lives takes nobody along", what);
    if (!known.isWanted(id)) known.breach("a vital program that is to be down takes nobody along", what);
    boolean byUs = s.lastEndedByUs && !s.daemonDiedSince && !s.refusedLately;
    if (byUs && !isUnhealthy(s)) known.breach("what we ended ourselves is no vital end", what);
    boolean everEnded = s.refusedLately || last != null;
    if (!everEnded) known.breach("what never ran is no vital end", what);
    boolean gaveUp = s.failuresAtMost > filed.policy().startretries() || isUnhealthy(s);
    if (!filed.policy().vital().onExit() && !gaveUp) known.breach("a vital program that will be started again takes nobody along", what);
    asItWas(end, filed, s);
  }

  /** What ends since it is not well counts like a failure of its own. */
  private static boolean isUnhealthy(Story s) {
    return s.last != null && s.last.unhealthy;
  }

  private void asItWas(VitalEnd end, ProgramSpec filed, Story s) {
    boolean good = !s.refusedLately && s.lastExit instanceof Exit.Code(int code) && filed.policy().exitcodes().contains(code);
    // an end before starttime is a failed start, whatever its code; unless it had been RUNNING by an earlier file's
    boolean early = filed.policy().type() == ProgramType.SERVICE && s.lastLived.compareTo(filed.policy().starttime()) < 0;
    boolean isTold = end.expected() == good || good && early || s.exitMayNotCount || s.daemonDiedSince || end.reason().contains("FATAL");
    if (end.expected() && !good && !s.daemonDiedSince || !isTold) {
      known.breach("a vital end is told as it was", end.id() + " ended with " + s.lastExit + ", told as " + (end.expected() ? "expected" : "unexpected"));
    }
  }

  /** The daemon has gone, as it says. */
  void left() {
    if (goesDownSince == null) known.breach("the daemon ends with a vital program alone", "it has ended");
    for (Machine.Tree tree : known.machine.alive()) known.breach("nothing outlives a shutdown", tree.toString());
  }

  // ---- it must go down ----

  void check() {
    MonoTime since = goesDownSince;
    if (since != null && known.now().since(since).compareTo(LONGEST_SHUTDOWN) > 0) {
      known.breach("a shutdown comes to its end", "not since " + Known.millis(since));
    }
    if (known.desired.ending() != Desired.Ending.NO) return;
    known.stories.forEach((id, s) -> {
      if (!mustTakeAllAlong(id, s)) {
        due.remove(id);
        return;
      }
      Due before = due.getOrDefault(id, new Due(known.now(), 0));
      due.put(id, new Due(before.since(), before.ticks() + 1));
      if (before.ticks() > TICKS && known.now().since(before.since()).compareTo(TIME) > 0) {
        known.breach("a vital end takes the daemon along", id + " has ended with " + s.lastExit);
      }
    });
  }

  private boolean mustTakeAllAlong(InstanceId id, Story s) {
    ProgramSpec filed = known.filed(id);
    boolean isOver = s.endStands && (s.last == null || !s.last.isAlive());
    if (filed == null || !isOver || s.uncertain || !known.exact || !known.isWanted(id)) return false;
    boolean exited = filed.policy().vital().onExit() && !s.refusedLately;
    boolean isVital = filed.policy().vital().onFatal() || filed.policy().vital().onExit();
    return exited || isVital && s.failuresAtLeast > filed.policy().startretries();
  }
}
