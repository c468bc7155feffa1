package taskmaster.simulator;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Check;
import taskmaster.api.Checks;
import taskmaster.api.InstanceId;
import taskmaster.api.Probe;
import taskmaster.api.ProgramSpec;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Instance;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Snapshot;
import taskmaster.controller.core.Statuses;
import taskmaster.controller.core.Transition;

/** Judges what is made of probes' answers, and of what runs say by themselves. */
final class Words {
  private final Known known;
  /** Runs of which a good answer about readiness was told, how many bad ones about health, and where those were enough. */
  private final Set<Long> wellAnswered = new HashSet<>();
  private final Map<Long, Integer> badHealth = new HashMap<>();
  private final Set<Long> unhealthy = new HashSet<>();
  /** Runs that said by themselves that they are ready, and those of them that the daemon of now must have heard. */
  private final Set<Long> said = new HashSet<>();
  private final Set<Long> heard = new HashSet<>();
  /** When the daemon of now heard last that a run is well. */
  private final Map<Long, MonoTime> beats = new HashMap<>();
  private MonoTime listensSince = new MonoTime(0);

  Words(Known known) {
    this.known = known;
  }

  static boolean hasSocket(ProgramSpec spec) {
    return isNotify(spec.policy().checks().ready()) || isNotify(spec.policy().checks().health());
  }

  static boolean isNotify(@Nullable Check check) {
    return check != null && check.probe() instanceof Probe.Notify;
  }

  static boolean isLog(@Nullable Check check) {
    return check != null && check.probe() instanceof Probe.Log;
  }

  // ---- what happens ----

  /** Over the socket, in the log, or both, whoever may listen. */
  void said(Machine.Tree tree, Checks.Kind kind, boolean byNotify, boolean byLog) {
    if (kind == Checks.Kind.READY) {
      if (byNotify || byLog) said.add(tree.run);
      Check ready = known.specOf(tree).policy().checks().ready();
      if (byNotify && isNotify(ready) || byLog && isLog(ready)) heard.add(tree.run);
    } else if (byNotify) {
      beats.put(tree.run, known.now());
    }
  }

  /** While nobody was there to hear it: a line waits in its pipe. */
  void saidToNobody(Machine.Tree tree) {
    said.add(tree.run);
  }

  void daemonDied() {
    heard.clear();
    beats.clear();
    listensSince = known.now();
  }

  void daemonListens() {
    listensSince = known.now();
  }

  void answered(long run, Checks.Kind kind, Check check, boolean good) {
    if (kind == Checks.Kind.READY && good) wellAnswered.add(run);
    if (kind != Checks.Kind.HEALTH || good) return;
    if (badHealth.merge(run, 1, Integer::sum) >= check.failures()) unhealthy.add(run); // another file may want more
  }

  void givenUp(Action.GiveUp action) {
    answered(action.run(), action.kind(), action.check(), false);
    MonoTime beat = beats.get(action.run());
    boolean isBeat = action.kind() == Checks.Kind.HEALTH && isNotify(action.check());
    Machine.Tree tree = known.tree(action.id(), action.run());
    boolean lives = tree != null && tree.main.alive; // else its end may be told late
    if (isBeat && lives && beat != null && !known.now().reached(beat.plus(action.check().timeout()))) {
      known.breach("what says that it is well is heard", action.id() + " run " + action.run() + " said so at " + Known.millis(beat));
    }
  }

  // ---- what follows ----

  /** @param forSure whatever the daemon could miss */
  boolean isReady(Machine.Tree tree, ProgramSpec filed, boolean forSure) {
    Check check = readyCheck(tree, filed);
    if (check == null) return known.now().reached(tree.startedAt.plus(filed.policy().starttime()));
    if (!check.probe().isHeard()) return wellAnswered.contains(tree.run);
    return forSure ? heard.contains(tree.run) && hears(tree, check) : said.contains(tree.run);
  }

  /** What is asked: by the file, or, of one that is not what the file wants, by what it was started from. */
  private Checks checks(Machine.Tree tree, ProgramSpec filed) {
    ProgramSpec first = known.specOf(tree);
    return (filed.shape().equals(first.shape()) ? filed : first).policy().checks();
  }

  /** Where this run can answer at all. */
  private @Nullable Check readyCheck(Machine.Tree tree, ProgramSpec filed) {
    Check check = checks(tree, filed).ready();
    return isNotify(check) && !hasSocket(known.specOf(tree)) ? null : check;
  }

  /** Whether what the run was started with listens to the same. */
  private boolean hears(Machine.Tree tree, Check check) {
    Check first = known.specOf(tree).policy().checks().ready();
    return isNotify(check) ? isNotify(first) : isLog(first);
  }

  void told(Transition.ReadyChanged told) {
    Machine.Tree tree = known.byRun.get(told.run().number());
    ProgramSpec filed = known.filed(told.id());
    if (tree == null || filed == null || !told.ready()) return;
    Check check = readyCheck(tree, filed);
    boolean isHeard = check != null && check.probe().isHeard();
    // the file may ask otherwise since this very tick
    boolean mayBe = said.contains(tree.run) || wellAnswered.contains(tree.run);
    if (isHeard && !mayBe) known.breach("none is ready that has not said so", tree.toString());
  }

  /** A run is told to end since it is not well. */
  void calledUnhealthy(Machine.Tree tree) {
    if (!unhealthy.contains(tree.run)) known.breach("none is called unhealthy without a reason", tree.toString());
  }

  // ---- what must hold once nothing more happens ----

  void settled(Snapshot snapshot) {
    Statuses statuses = new Statuses(snapshot, known.now(), Instant.EPOCH, id -> 0);
    for (Machine.Tree tree : known.machine.alive()) {
      ProgramSpec filed = known.filed(tree.id);
      Instance it = snapshot.observed().instance(tree.id);
      boolean isSteady = tree.main.alive && !tree.beingStopped && it != null && it.isUp();
      if (filed == null || !isSteady || !isAsked(tree, filed)) continue;
      heardWhatItSaid(tree, filed, statuses.instance(tree.id).orElseThrow().ready());
      notSilent(tree, filed);
    }
  }

  /** Long enough for an answer. */
  private boolean isAsked(Machine.Tree tree, ProgramSpec filed) {
    Check check = checks(tree, filed).ready();
    Duration delay = check == null ? Duration.ZERO : check.initialDelay();
    return known.now().since(tree.startedAt).compareTo(delay.plus(Known.SLACK)) > 0;
  }

  private void heardWhatItSaid(Machine.Tree tree, ProgramSpec filed, boolean ready) {
    Check check = readyCheck(tree, filed);
    if (check == null || !check.probe().isHeard()) return;
    if (ready && !said.contains(tree.run)) known.breach("none is ready that has not said so", tree.toString());
    boolean longAgo = tree.saidReadyAt != null && known.now().since(tree.saidReadyAt).compareTo(Known.SLACK) > 0;
    if (!ready && longAgo && isReady(tree, filed, true)) known.breach("what said that it is ready is so", tree.toString());
  }

  /** One that stays silent would be replaced by now. */
  private void notSilent(Machine.Tree tree, ProgramSpec filed) {
    Checks checks = checks(tree, filed);
    Check check = checks.health();
    InstanceId id = tree.id;
    boolean mustBeat = check != null && isNotify(check) && checks.restartsUnhealthy() && hasSocket(known.specOf(tree));
    if (check == null || !mustBeat || !isReady(tree, filed, true)) return;
    MonoTime since = latest(latest(tree.startedAt.plus(filed.policy().starttime()), listensSince), beats.get(tree.run));
    if (tree.saidReadyAt != null) since = latest(since, tree.saidReadyAt);
    Duration patience = check.timeout().multipliedBy(check.failures()).plus(check.initialDelay()).plus(Known.SLACK);
    // what depends on it may be on its way down before it
    if (known.now().since(since).compareTo(patience.plus(Known.LONGEST_STOP)) > 0) {
      known.breach("what has fallen silent is replaced", id + " run " + tree.run + " said nothing since " + Known.millis(since));
    }
  }

  private static MonoTime latest(MonoTime a, @Nullable MonoTime b) {
    return b == null || a.reached(b) ? a : b;
  }
}
