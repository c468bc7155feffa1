package taskmaster.simulator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import taskmaster.api.AutoRestart;
import taskmaster.api.Checks;
import taskmaster.api.Dependencies;
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
import taskmaster.controller.core.Run;
import taskmaster.controller.core.Transition;

/** Compares what happens on the machine with what may happen. It knows what operators said, and nothing of the loop. */
final class Truth {
  /** A rule that was broken; no exception, which the loop would survive. */
  static final class Breach extends Error {
    private static final long serialVersionUID = 1L;

    Breach(String rule, String what) {
      super(rule + ": " + what, null, false, false);
    }
  }

  private static final Duration FLOOR = Duration.ofMillis(100);
  /** Of any file in Programs, and the longest stoptime too. */
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);

  private static final Duration SLACK = Duration.ofMillis(1_500);

  /** What is known of one instance, over all daemons. */
  private static final class Story {
    boolean stopped;
    /** A command about it was under way when a daemon died: it may have been heard or not. */
    boolean uncertain;
    boolean mayBeReplaced;
    boolean refusedLately;
    int failedStarts;
    int untouchedSpawns;
    int quickDeaths;
    final List<MonoTime> spawns = new ArrayList<>();
    @Nullable MonoTime stopSince;
    @Nullable MonoTime lastEnd;
    Duration lastLived = Duration.ZERO;
    boolean killed;
    boolean lastEndedByUs;
    boolean signalledByOperator;
    /** A run up to this one must not live on. */
    long replacedUpTo;
    /** It has ended for good, by its policy, and a whole tick has seen that. */
    boolean done;
    boolean doneIsSeen;
    @Nullable Exit lastExit;
    /** The next daemon may not know how it ended, or a start has forgiven that. */
    boolean exitMayNotCount;
    Machine.@Nullable Tree last;

    /** Whatever was done with may be wanted again. */
    void wake() {
      done = false;
      doneIsSeen = false;
    }

    /** An operator, a reload or a daemon's death came between. */
    void touched() {
      failedStarts = 0;
      untouchedSpawns = 0;
      quickDeaths = 0;
    }
  }

  private final Machine machine;
  private final Map<InstanceId, Story> stories = new LinkedHashMap<>();
  private final Map<Machine.Tree, ProgramSpec> specs = new LinkedHashMap<>();
  private final Map<Long, Machine.Tree> byRun = new HashMap<>();
  private final Set<Long> vanished = new HashSet<>();
  /** Runs of which a good answer about readiness was told, and how many bad ones about health. */
  private final Set<Long> wellAnswered = new HashSet<>();
  private final Map<Long, Integer> badHealth = new HashMap<>();
  /** Of any file so far: one that a program was removed with still holds for what is left of it. */
  private final Map<String, Duration> longestStops = new HashMap<>();
  private Desired desired = Desired.NOTHING;
  private boolean exact = true;

  Truth(Machine machine) {
    this.machine = machine;
  }

  void breach(String rule, String what) {
    throw new Breach(rule, what + " at " + millis(machine.now()));
  }

  static String millis(MonoTime t) {
    return (t.nanos() / 1_000_000 - 1_000_000) + " ms";
  }

  private Story story(InstanceId id) {
    return stories.computeIfAbsent(id, i -> new Story());
  }

  /** While exits are told late or wake-ups are lost, no time can be held. */
  void timesAreExact(boolean are) {
    exact = are;
    if (!are) everythingTouched();
  }

  /** A reload that wants all that no operator stopped. */
  void everythingWanted() {
    everythingTouched();
    for (Story s : stories.values()) {
      s.wake();
      s.exitMayNotCount = true;
    }
  }

  private void everythingTouched() {
    for (Story s : stories.values()) {
      s.touched();
      s.stopSince = null;
      s.lastEnd = null;
      s.spawns.clear();
    }
  }

  // ---- what operators say ----

  void wants(Desired next) {
    boolean otherFile = next.specs() != desired.specs() && !next.specs().equals(desired.specs());
    if (otherFile) {
      for (ProgramSpec spec : next.specs().values()) {
        longestStops.merge(spec.name(), spec.policy().stopping().time(), (a, b) -> a.compareTo(b) >= 0 ? a : b);
      }
      for (Map.Entry<InstanceId, Story> e : stories.entrySet()) {
        if (!next.specs().containsKey(e.getKey().program())) e.getValue().stopped = false;
      }
      everythingTouched();
      for (Story s : stories.values()) s.wake();
    }
    desired = next;
  }

  void said(InstanceId id, boolean stop, boolean replace) {
    Story s = story(id);
    s.stopped = stop;
    s.uncertain = false;
    s.exitMayNotCount |= !stop;
    if (replace) {
      s.mayBeReplaced = true;
      List<Machine.Tree> trees = machine.of(id);
      if (!trees.isEmpty()) s.replacedUpTo = trees.getLast().run;
    }
    s.wake();
    s.touched();
    s.lastEnd = null;
    s.spawns.clear();
  }

  /** Scaling down forgets the instances that are too many, and what they had come to. */
  void scaled(String program) {
    stories.forEach((id, s) -> {
      if (!id.program().equals(program)) return;
      s.touched();
      s.wake();
      s.lastEnd = null;
    });
  }

  /** What these programs need was started with them, whatever had become of it. */
  void startedWith(Set<String> programs) {
    stories.forEach((id, s) -> {
      if (!programs.contains(id.program())) return;
      s.stopped = false;
      s.exitMayNotCount = true;
      s.wake();
      s.touched();
      s.lastEnd = null;
      s.spawns.clear();
    });
  }

  void answered(long run, Checks.Kind kind, boolean good) {
    if (kind == Checks.Kind.READY && good) wellAnswered.add(run);
    if (kind == Checks.Kind.HEALTH && !good) badHealth.merge(run, 1, Integer::sum);
  }

  /** Whether what a program needs of the others is there, as far as that can be told from outside. */
  private boolean isOpen(ProgramSpec spec) {
    return spec.policy().dependencies().conditions().entrySet().stream().allMatch(need -> holds(need.getKey(), need.getValue()));
  }

  private boolean needsWhatMayNotCount(ProgramSpec spec) {
    Set<String> needs = spec.policy().dependencies().conditions().keySet();
    return stories.entrySet().stream().anyMatch(e -> needs.contains(e.getKey().program()) && e.getValue().exitMayNotCount);
  }

  private boolean holds(String name, Dependencies.Condition condition) {
    ProgramSpec other = desired.specs().get(name);
    if (other == null) return false;
    boolean any = false;
    for (int i = 0; i < desired.count(other); i++) {
      if (!desired.wants(other, i)) continue;
      any = true;
      InstanceId id = new InstanceId(name, i);
      List<Machine.Tree> trees = machine.of(id);
      Machine.Tree last = trees.isEmpty() ? null : trees.getLast();
      boolean lives = last != null && last.main.alive;
      boolean isJob = other.policy().type() == ProgramType.JOB;
      boolean ran = isJob || story(id).lastLived.compareTo(other.policy().starttime()) >= 0;
      boolean completed = !lives && ran && story(id).lastExit instanceof Exit.Code(int code) && other.policy().exitcodes().contains(code);
      boolean runs = lives && last != null && machine.now().reached(last.startedAt.plus(other.policy().starttime()));
      boolean ready = lives && last != null && (other.policy().checks().ready() == null ? runs : wellAnswered.contains(last.run));
      boolean holds =
          switch (condition) {
            case STARTED -> lives || isJob && completed;
            case READY -> ready;
            case COMPLETED -> completed;
          };
      if (!holds) return false;
    }
    return any;
  }

  void maybeSaid(InstanceId id) {
    story(id).uncertain = true;
    story(id).replacedUpTo = 0;
    story(id).wake();
    story(id).mayBeReplaced = true;
    story(id).exitMayNotCount = true;
    story(id).touched();
  }

  void signalledByOperator(InstanceId id) {
    story(id).signalledByOperator = true;
  }

  // ---- what the daemon does ----

  void spawned(Machine.Tree tree, ProgramSpec spec) {
    if (byRun.containsKey(tree.run)) breach("run numbers are never used twice", tree.toString());
    specs.put(tree, spec);
    byRun.put(tree.run, tree);
    for (Machine.Tree other : machine.of(tree.id)) {
      if (other != tree && other.isAlive()) breach("at most one live run of an instance", tree + " beside " + other);
    }
    Story s = story(tree.id);
    s.last = tree;
    ProgramSpec filed = desired.specs().get(tree.id.program());
    if (s.stopped && !s.uncertain) breach("none restarted after a stop", tree.toString());
    if (filed == null || tree.id.index() >= desired.count(filed)) breach("nothing is started that nobody wants", tree.toString());
    if (exact && filed != null && !isOpen(filed)) breach("none starts before what it needs", tree.toString());
    if (s.doneIsSeen) breach("what has done its work is left in peace", tree + " was started after " + s.lastExit);
    s.wake();
    s.mayBeReplaced = false;
    if (s.uncertain) s.stopped = false; // so it was not heard
    s.uncertain = false;
    s.signalledByOperator = false;
    s.lastEndedByUs = false;
    s.stopSince = null;
    s.killed = false;
    paced(s, tree, spec);
  }

  private void paced(Story s, Machine.Tree tree, ProgramSpec spec) {
    MonoTime now = machine.now();
    Policy policy = spec.policy();
    if (s.quickDeaths >= 2 && s.lastEnd != null && now.since(s.lastEnd).compareTo(FLOOR) < 0) {
      breach("no hot loop", tree + " was started " + now.since(s.lastEnd).toMillis() + " ms after the last quick death");
    }
    boolean livedLong = s.lastLived.compareTo(policy.backoff().resetAfter()) >= 0 && s.lastLived.compareTo(policy.starttime()) >= 0;
    boolean longEnough = livedLong && s.lastLived.compareTo(FLOOR) >= 0;
    boolean waits = !policy.dependencies().conditions().isEmpty();
    if (exact && !waits && s.untouchedSpawns > 0 && s.lastEnd != null && longEnough && !s.lastEndedByUs && !s.refusedLately
        && now.since(s.lastEnd).compareTo(SLACK) > 0 && !hadLeftovers(tree)) {
      breach("a run that lived long is followed at once", tree + " came " + now.since(s.lastEnd).toMillis() + " ms later");
    }
    if (s.untouchedSpawns > 0 && s.failedStarts > policy.startretries()) {
      breach("no start after the last retry", tree + " after " + s.failedStarts + " failed starts");
    }
    s.untouchedSpawns++;
    s.refusedLately = false;
  }

  /** Stopping what the last run left behind takes its time. */
  private boolean hadLeftovers(Machine.Tree tree) {
    List<Machine.Tree> all = machine.of(tree.id);
    return all.size() > 1 && all.get(all.size() - 2).all.size() > 1;
  }

  void refused(InstanceId id) {
    Story s = story(id);
    s.refusedLately = true;
    s.untouchedSpawns = 0;
    s.failedStarts = 0;
    s.lastEnd = null;
  }

  void signals(Action.Signal action) {
    Story s = story(action.id());
    if (action.purpose() == Action.Purpose.REQUESTED) return;
    Machine.Tree tree = tree(action.id(), action.run());
    if (tree == null) return;
    if (action.signal().equals(Signal.KILL)) s.killed = true;
    else if (s.stopSince == null) s.stopSince = machine.now();
    if (!tree.main.alive) return;
    s.lastEndedByUs = true;
    ProgramSpec filed = desired.specs().get(tree.id.program());
    boolean wanted = filed != null && desired.wants(filed, tree.id.index()) && filed.shape().equals(specOf(tree).shape());
    boolean unhealthy = action.purpose() == Action.Purpose.UNHEALTHY;
    if (unhealthy && badHealth.getOrDefault(tree.run, 0) < 2) breach("none is called unhealthy without a reason", tree.toString());
    boolean follows = filed != null && filed.policy().dependencies().restartsWith();
    wanted &= !unhealthy && !follows;
    if (wanted && !tree.beingStopped && !s.mayBeReplaced && !s.uncertain) breach("none stopped that is wanted as it is", tree + " got " + action.signal());
    tree.beingStopped = true;
  }

  private ProgramSpec specOf(Machine.Tree tree) {
    return java.util.Objects.requireNonNull(specs.get(tree));
  }

  void signalled(Machine.Process p, Action.Signal action) {
    if (p.tree == null) breach("no stranger is signalled", "pid " + p.pid + " got " + action);
    else if (p.tree.run != action.run()) breach("no other run is signalled", p.tree + " got " + action);
  }

  private Machine.@Nullable Tree tree(InstanceId id, long run) {
    for (Machine.Tree t : machine.of(id)) if (t.run == run) return t;
    return null;
  }

  /** Of every main process, whether a daemon is there to see it or not. */
  void ended(Machine.Process p) {
    Machine.Tree tree = p.tree;
    if (tree == null || p != tree.main) return;
    Story s = story(tree.id);
    s.lastEnd = machine.now();
    s.lastLived = machine.now().since(tree.startedAt);
    s.lastExit = p.exit;
    s.exitMayNotCount = false;
    s.quickDeaths = s.lastLived.compareTo(specOf(tree).policy().backoff().resetAfter()) < 0 ? s.quickDeaths + 1 : 0;
    Policy policy = specOf(tree).policy();
    boolean isJob = policy.type() == ProgramType.JOB;
    boolean expectedExit = p.exit != null && policy.expects(p.exit);
    boolean failedJob = isJob && !expectedExit && policy.autorestart() != AutoRestart.NEVER;
    boolean failed = !s.lastEndedByUs && (isJob ? failedJob : s.lastLived.compareTo(policy.starttime()) < 0);
    if (s.lastEndedByUs || s.signalledByOperator) s.touched();
    else if (failed) s.failedStarts++;
    else s.failedStarts = 0;
    ProgramSpec filed = desired.specs().get(tree.id.program());
    // the current file's policy holds, and a reload may not have been heard yet
    boolean isDone = isDoneBy(policy, s, p.exit) && (filed == null || isDoneBy(filed.policy(), s, p.exit));
    s.done = isDone && !s.lastEndedByUs && exact && tree.run > s.replacedUpTo; // a restart may wait for its turn
    if (exact) return;
    s.touched(); // when the daemon will hear of it is open, and so what it makes of it
    s.lastEnd = null;
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
    story(tree.id).touched();
    story(tree.id).wake();
    story(tree.id).lastEnd = null;
    story(tree.id).lastExit = new Exit.Unknown(); // nobody will ever know it
  }

  void daemonDied() {
    everythingTouched();
    for (Story s : stories.values()) s.exitMayNotCount = s.last != null && !s.last.main.alive;
  }

  /** What was spawned in the daemon's last moment, without a record, and was over before the next one looked. */
  void lookedFor(Observed recovered) {
    for (List<Machine.Tree> trees : machine.trees.values()) {
      Machine.Tree last = trees.getLast();
      Instance it = recovered.instance(last.id);
      boolean known = it != null && it.latestRun() >= last.run;
      if (!known && !last.isAlive()) {
        vanished.add(last.run);
        story(last.id).wake();
      }
    }
  }

  // ---- what must hold after every tick ----

  void check(Observed observed) {
    for (Map.Entry<InstanceId, Story> e : stories.entrySet()) {
      Story s = e.getValue();
      Machine.Tree last = s.last;
      if (last == null) continue;
      if (!last.isAlive()) {
        s.stopSince = null;
        s.doneIsSeen = s.done;
        continue;
      }
      Instance it = observed.instance(e.getKey());
      Run run = it == null ? null : it.run();
      if (run == null || run.number() != last.run) breach("none is lost", last + " lives and is not known");
      inTime(s, last);
    }
  }

  private void inTime(Story s, Machine.Tree tree) {
    MonoTime since = s.stopSince;
    if (!exact || since == null || s.killed) return;
    Duration budget = longestStops.getOrDefault(tree.id.program(), Duration.ZERO);
    if (machine.now().since(since).compareTo(budget.plus(SLACK)) > 0) {
      breach("a stop keeps within its budget", tree + " has lived " + machine.now().since(since).toMillis() + " ms since its stop signal");
    }
  }

  // ---- what must hold once nothing more happens ----

  void converged(Observed observed, List<Transition> alerts) {
    for (ProgramSpec spec : desired.specs().values()) {
      for (int i = 0; i < desired.count(spec); i++) {
        InstanceId id = new InstanceId(spec.name(), i);
        settled(spec, id, desired.wants(spec, i), observed);
      }
    }
    for (Machine.Tree tree : machine.alive()) {
      ProgramSpec filed = desired.specs().get(tree.id.program());
      if (filed == null || !desired.wants(filed, tree.id.index())) breach("what is not wanted is stopped", tree + " lives");
      else if (!filed.shape().equals(specOf(tree).shape())) breach("what runs is of the file's shape", tree.toString());
    }
    for (Machine.Process p : machine.children) if (!p.alive && !isRecent(p.endedAt)) breach("no zombie is left", "pid " + p.pid);
    told(alerts);
  }

  private void settled(ProgramSpec spec, InstanceId id, boolean wanted, Observed observed) {
    Story s = story(id);
    if (s.stopped && !s.uncertain && wanted) breach("an operator's stop holds", id + " is wanted again");
    List<Machine.Tree> trees = machine.of(id);
    boolean lives = !trees.isEmpty() && trees.getLast().main.alive;
    if (lives && trees.getLast().run <= s.replacedUpTo) breach("a restart replaces", trees.getLast() + " lives on");
    if (lives || !wanted) return;
    if (!isOpen(spec) || needsWhatMayNotCount(spec)) return; // it waits, and says so
    Instance it = observed.instance(id);
    if (trees.isEmpty() && !s.refusedLately) breach("what is wanted runs", id + " was never started");
    // one that dies again and again is between two runs most of the time
    if (!trees.isEmpty() && isRecent(trees.getLast().main.endedAt)) return;
    boolean expected = s.lastExit instanceof Exit.Code(int code) && spec.policy().exitcodes().contains(code);
    boolean leaves = spec.policy().autorestart() == AutoRestart.NEVER || spec.policy().autorestart() == AutoRestart.UNEXPECTED && expected;
    boolean failing = it != null && it.lastEnd() != null && it.lastEnd().series().failedStarts() >= spec.policy().startretries();
    boolean waits = it != null && it.lastEnd() != null;
    if (!waits || !leaves && !failing) breach("what is wanted runs", id + " does not, after " + s.lastExit);
  }

  /** Younger than any backoff or stoptime of the files: what follows from it may still be under way. */
  private boolean isRecent(@Nullable MonoTime end) {
    return end != null && machine.now().since(end).compareTo(LONGEST_BACKOFF.plus(SLACK)) < 0;
  }

  private void told(List<Transition> alerts) {
    Map<Long, Integer> started = new HashMap<>();
    Map<Long, Integer> ended = new HashMap<>();
    for (Transition t : alerts) {
      switch (t) {
        case Transition.Started s -> started.merge(s.run().number(), 1, Integer::sum);
        case Transition.Exited e -> {
          ended.merge(e.run().number(), 1, Integer::sum);
          truly(e);
        }
        case Transition.Stopped s -> ended.merge(s.end().run(), 1, Integer::sum);
        default -> {}
      }
    }
    for (Machine.Tree tree : specs.keySet()) {
      if (vanished.contains(tree.run)) continue;
      if (started.getOrDefault(tree.run, 0) != 1) breach("each start is told once", tree + ": " + started.getOrDefault(tree.run, 0) + " times");
      int ends = ended.getOrDefault(tree.run, 0);
      boolean right = tree.main.alive ? ends == 0 : ends == 1 || ends == 0 && isRecent(tree.main.endedAt);
      if (!right) breach("each end is told once", tree + ": " + ends + " times");
    }
  }

  private void truly(Transition.Exited e) {
    Machine.Tree tree = byRun.get(e.run().number());
    boolean true_ = e.exit() instanceof Exit.Unknown || tree != null && e.exit().equals(tree.main.exit);
    if (!true_) breach("exits are told as they were", e.id() + " run " + e.run().number() + " told as " + e.exit());
  }
}
