package taskmaster.simulator;

import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import taskmaster.api.AutoRestart;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.Policy;
import taskmaster.api.ProgramSpec;
import taskmaster.api.ProgramType;
import taskmaster.api.Signal;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.Instance;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Observed;

/** Judges whom we tell to end and how long that takes, and remembers how each run ended. */
final class Ends {
  private final Known known;
  private final Words words;
  private final StopOrder order;
  private final Turns turns;
  /** Runs of which no daemon ever knew. */
  final Set<Long> vanished = new HashSet<>();
  /** Of any file so far: one that a program was removed with still holds for what is left of it. */
  private final Map<String, Duration> longestStops = new HashMap<>();

  Ends(Known known, Words words, StopOrder order, Turns turns) {
    this.known = known;
    this.words = words;
    this.order = order;
    this.turns = turns;
  }

  void wants(Desired next) {
    for (ProgramSpec spec : next.specs().values()) {
      longestStops.merge(spec.name(), spec.policy().stopping().time(), (a, b) -> a.compareTo(b) >= 0 ? a : b);
    }
  }

  // ---- by us ----

  void signals(Action.Signal action) {
    told(action.id(), action.run(), action.purpose(), action.signal().toString());
  }

  void stopCommanded(Action.StopCommand action) {
    told(action.id(), action.run(), action.purpose(), "its stop command");
  }

  private void told(InstanceId id, long run, Action.Purpose purpose, String what) {
    Story s = known.story(id);
    if (purpose == Action.Purpose.REQUESTED) return;
    Machine.Tree tree = known.tree(id, run);
    if (tree == null) return;
    s.endStands = false; // it may be over already, and the daemon take that for its own doing
    if (what.equals(Signal.KILL.toString())) s.killed = true;
    else if (s.stopSince == null) s.stopSince = known.now();
    if (!tree.main.alive) return;
    s.lastEndedByUs = true;
    ProgramSpec filed = known.filed(tree.id);
    boolean wanted = filed != null && known.isWanted(tree.id) && filed.shape().equals(known.specOf(tree).shape());
    boolean unhealthy = purpose == Action.Purpose.UNHEALTHY;
    if (unhealthy && filed != null) words.calledUnhealthy(tree);
    tree.unhealthy |= unhealthy;
    boolean follows = filed != null && filed.policy().dependencies().restartsWith();
    wanted &= !unhealthy && !follows;
    if (wanted && !tree.beingStopped && !s.mayBeReplaced && !s.uncertain) {
      known.breach("none stopped that is wanted as it is", tree + " got " + what);
    }
    if (!tree.beingStopped) order.toldToEnd(tree);
    if (!tree.beingStopped && filed != null && !unhealthy) turns.toldToEnd(tree, filed);
    tree.beingStopped = true;
  }

  void reached(Machine.Process p, Action.Signal action) {
    if (p.tree == null) known.breach("no stranger is signalled", "pid " + p.pid + " got " + action);
    else if (p.tree.run != action.run()) known.breach("no other run is signalled", p.tree + " got " + action);
  }

  // ---- all ----

  /** Of every main process, whether a daemon is there to see it or not. */
  void ended(Machine.Process p) {
    Machine.Tree tree = p.tree;
    if (tree == null || p != tree.main) return;
    Story s = known.story(tree.id);
    Policy policy = known.specOf(tree).policy();
    s.lastEnd = known.now();
    s.lastLived = known.now().since(tree.startedAt);
    s.lastExit = p.exit;
    s.endedLate = !known.exact;
    s.exitMayNotCount = false;
    ProgramSpec filed = known.filed(tree.id);
    Policy current = filed != null ? filed.policy() : policy;
    // a file that asks for longer than it was started with does not take RUNNING back
    Duration starttime = Collections.min(List.of(policy.starttime(), current.starttime()));
    count(s, current, starttime, p.exit);
    if (tree.run <= s.replacedUpTo || s.mayBeReplaced) s.touched(); // a restart waited for its turn, and forgives
    // the current file's policy holds, and a reload may not have been heard yet
    boolean isDone = isDoneBy(policy, s, p.exit) && (filed == null || isDoneBy(filed.policy(), s, p.exit));
    boolean byItself = !s.lastEndedByUs && known.exact && tree.run > s.replacedUpTo && !s.mayBeReplaced; // a restart may wait for its turn
    s.done = isDone && byItself;
    s.endStands = byItself;
    if (!known.exact) s.begunAnew(); // when the daemon will hear of it is open, and so what it makes of it
  }

  private static void count(Story s, Policy policy, Duration starttime, @Nullable Exit exit) {
    s.quickDeaths = s.lastLived.compareTo(policy.backoff().resetAfter()) < 0 ? s.quickDeaths + 1 : 0;
    boolean isJob = policy.type() == ProgramType.JOB;
    boolean expectedExit = exit != null && policy.expects(exit);
    boolean failedJob = isJob && !expectedExit && policy.autorestart() != AutoRestart.NEVER;
    boolean failed = !s.lastEndedByUs && (isJob ? failedJob : s.lastLived.compareTo(starttime) < 0);
    s.failuresAtLeast = failed ? s.failuresAtLeast + 1 : 0;
    s.failuresAtMost++;
    if (s.lastEndedByUs || s.signalledByOperator) s.touched();
    else if (failed) s.failedStarts++;
    else s.failedStarts = 0;
  }

  private static boolean isDoneBy(Policy policy, Story s, @Nullable Exit exit) {
    boolean never = policy.autorestart() == AutoRestart.NEVER;
    if (policy.type() == ProgramType.JOB) return never || exit != null && policy.expects(exit);
    return never && s.lastLived.compareTo(policy.starttime()) >= 0;
  }

  /** The same where no daemon is there to see it. */
  void endedUnseen(Machine.Process p) {
    ended(p);
    Machine.Tree tree = p.tree;
    if (tree == null || p != tree.main) return;
    Story s = known.story(tree.id);
    boolean stands = s.endStands;
    s.wake();
    s.endStands = stands;
    s.begunAnew();
    s.lastExit = new Exit.Unknown(); // nobody will ever know it
  }

  /** What was spawned in the daemon's last moment, without a record, and was over before the next one looked. */
  void lookedFor(Observed recovered) {
    for (var trees : known.machine.trees.values()) {
      Machine.Tree last = trees.getLast();
      Instance it = recovered.instance(last.id);
      boolean isKnown = it != null && it.latestRun() >= last.run;
      if (isKnown || last.isAlive()) continue;
      vanished.add(last.run);
      known.story(last.id).wake();
    }
  }

  void inTime(Story s, Machine.Tree tree) {
    MonoTime since = s.stopSince;
    if (!known.exact || since == null || s.killed) return;
    Duration budget = longestStops.getOrDefault(tree.id.program(), Duration.ZERO);
    if (known.now().since(since).compareTo(budget.plus(Known.SLACK)) > 0) {
      known.breach("a stop keeps within its budget", tree + " has lived " + known.now().since(since).toMillis() + " ms since its stop signal");
    }
  }
}
