package taskmaster.simulator;

import java.util.List;
import java.util.Map;
import java.util.Set;
import taskmaster.api.Check;
import taskmaster.api.Checks;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Signal;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.Instance;
import taskmaster.controller.core.Observed;
import taskmaster.controller.core.Run;
import taskmaster.controller.core.Snapshot;
import taskmaster.controller.core.Transition;
import taskmaster.controller.core.VitalEnd;

/**
 * Compares what happens on the machine with what may happen. It knows what operators said, and nothing of the loop.
 * Here each thing that happens is brought to the judges that it is about.
 */
final class Truth {
  private final Known known;
  private final Orders orders;
  private final Words words;
  private final Needs needs;
  private final Starts starts;
  private final Ends ends;
  private final Vitals vitals;
  private final Turns turns;
  private final Mains mains;
  private final Requests requests;

  Truth(Machine machine) {
    known = new Known(machine);
    orders = new Orders(known);
    words = new Words(known);
    needs = new Needs(known, words);
    starts = new Starts(known, needs);
    turns = new Turns(known, words, needs);
    ends = new Ends(known, words, new StopOrder(known), turns);
    vitals = new Vitals(known);
    mains = new Mains(known, ends);
    requests = new Requests(known);
  }

  void breach(String rule, String what) {
    known.breach(rule, what);
  }

  // ---- what operators say ----

  /** Whether times can be held: not while exits are told late or wake-ups are lost. */
  void timesAreExact(boolean are) {
    orders.timesAreExact(are);
  }

  boolean hasExactTimes() {
    return known.exact;
  }

  void wants(Desired next) {
    orders.wants(next);
    ends.wants(next);
  }

  void everythingWanted() {
    orders.everythingWanted();
  }

  void said(InstanceId id, boolean stop, boolean replace) {
    orders.said(id, stop, replace);
  }

  void restartedByName(InstanceId id) {
    orders.restartedByName(id);
  }

  void maybeSaid(InstanceId id) {
    orders.maybeSaid(id);
  }

  void scaled(String program) {
    orders.scaled(program);
  }

  void startedWith(Set<String> programs) {
    orders.startedWith(programs);
  }

  void signalledByOperator(InstanceId id) {
    orders.signalledByOperator(id);
  }

  /** A signal for an instance. */
  void requested(InstanceId id, Signal signal, boolean isAccepted) {
    requests.heard(id, signal, isAccepted);
  }

  // ---- what programs say ----

  void answered(long run, Checks.Kind kind, Check check, boolean good) {
    words.answered(run, kind, check, good);
  }

  void givenUp(Action.GiveUp action) {
    words.givenUp(action);
  }

  void said(Machine.Tree tree, Checks.Kind kind, boolean byNotify, boolean byLog) {
    words.said(tree, kind, byNotify, byLog);
  }

  /** A daemon has heard that another is the main process. */
  void moved(Machine.Tree tree, Machine.Process heir) {
    mains.moved(tree, heir);
  }

  void saidToNobody(Machine.Tree tree) {
    words.saidToNobody(tree);
  }

  // ---- what the daemon does ----

  void spawned(Machine.Tree tree, ProgramSpec spec) {
    starts.spawned(tree, spec);
  }

  void refused(InstanceId id) {
    starts.refused(id);
  }

  void stopCommanded(Action.StopCommand action) {
    ends.stopCommanded(action);
  }

  void signals(Action.Signal action) {
    ends.signals(action);
    requests.sent(action);
  }

  void signalled(Machine.Process p, Action.Signal action) {
    ends.reached(p, action);
    requests.reached(p, action);
  }

  void ended(Machine.Process p) {
    ends.ended(p);
  }

  void endedUnseen(Machine.Process p) {
    ends.endedUnseen(p);
  }

  void told(Transition transition) {
    if (transition instanceof Transition.ReadyChanged r) words.told(r);
  }

  void goesDown(VitalEnd end) {
    vitals.goesDown(end);
  }

  // ---- the daemon's own life ----

  void daemonDied() {
    orders.daemonDied();
    words.daemonDied();
    vitals.daemonDied();
    requests.daemonDied();
  }

  /** What the next daemon will know, as of when the last one died. */
  void recovers(Observed recovered) {
    mains.recovered(recovered);
  }

  void adopts(InstanceId id, Run run) {
    mains.adopts(id, run);
  }

  void lookedFor(Observed recovered) {
    ends.lookedFor(recovered);
    words.daemonListens();
  }

  /** It has ended as it was meant to. */
  void daemonLeft(List<Transition> alerts) {
    vitals.left();
    new Told(known).judge(alerts, ends.vanished);
  }

  // ---- what must hold after every tick ----

  void check(Observed observed) {
    for (Map.Entry<InstanceId, Story> e : known.stories.entrySet()) {
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
      else mains.check(last, run);
      ends.inTime(s, last);
    }
    mains.allIsWritten();
    requests.check();
    vitals.check();
  }

  // ---- what must hold once nothing more happens ----

  void converged(Snapshot snapshot, List<Transition> alerts) {
    new Settled(known, needs, turns).judge(snapshot);
    words.settled(snapshot);
    new Told(known).judge(alerts, ends.vanished);
  }
}
