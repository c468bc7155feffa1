package taskmaster.simulator;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Check;
import taskmaster.api.Checks;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Run;
import taskmaster.controller.kernel.Kernel;
import taskmaster.controller.kernel.Sighting;
import taskmaster.controller.linux.Ears;

/** The machine as one daemon sees it: what it watches dies with it. */
final class SimKernel implements Kernel, Machine.Ear {
  /** Which faults are on; they belong to the machine and outlive a daemon. */
  static final class Faults {
    final Map<String, String> refusals = new HashMap<>();
    final Map<String, Boolean> deaf = new HashMap<>();
    int lateMillis;
    /** By program: 1 bad, 2 never, 3 after the timeout, 4 twice and about an older run too; 0 or nothing: good. */
    final Map<String, Integer> probes = new HashMap<>();
    boolean repeats;
    boolean shuffles;
    boolean stale;
    boolean losesWakeUps;

    void end() {
      refusals.clear();
      deaf.clear();
      probes.clear();
      lateMillis = 0;
      repeats = false;
      shuffles = false;
      stale = false;
      losesWakeUps = false;
    }
  }

  /** @param adopted its end is not ours to reap */
  private record Watch(InstanceId id, long run, ProgramSpec spec, Machine.@Nullable Process main, boolean adopted) {
    Watch with(Machine.@Nullable Process other) {
      return new Watch(id, run, spec, other, adopted);
    }
  }

  private final Machine machine;
  private final Faults faults;
  private final Fate fate;
  private final Truth truth;
  private final Random shuffler = new Random(1);
  private final Map<InstanceId, Watch> watches = new LinkedHashMap<>();
  private final List<Event> pending = new ArrayList<>();
  private int late;
  private final Ears ears = new Ears();
  /** Runs in whose log a line is looked for that their own spec does not ask for. */
  private final Set<Long> searched = new HashSet<>();
  /** Runs that this daemon has told to end: their main process stays what it is. */
  private final Set<Long> ending = new HashSet<>();
  private MonoTime limit = new MonoTime(0);
  private boolean dead;

  SimKernel(Machine machine, Faults faults, Fate fate, Truth truth) {
    this.machine = machine;
    this.faults = faults;
    this.fate = fate;
    this.truth = truth;
  }

  /** Time may pass up to there. */
  void allowUntil(MonoTime time) {
    limit = time;
  }

  boolean hasPending() {
    return !pending.isEmpty();
  }

  @Override
  public MonoTime now() {
    return machine.now();
  }

  @Override
  public List<Event> poll(MonoTime deadline) {
    fate.before();
    MonoTime until = deadline.earlierOf(limit);
    machine.advance(machine.now()); // what has just become due
    while (true) {
      ears.tell(machine.now(), this::reportAnswer);
      boolean wakes = !pending.isEmpty() && !faults.losesWakeUps;
      if (wakes || machine.now().reached(until)) break;
      machine.advance(machine.next().earlierOf(ears.next()).earlierOf(until));
    }
    List<Event> events = new ArrayList<>(pending);
    pending.clear();
    if (faults.repeats) events.addAll(List.copyOf(events));
    if (faults.shuffles) shuffle(events);
    if (faults.stale) watches.values().forEach(w -> {
      events.add(new Event.Exited(w.id(), w.run() - 1, new Exit.Code(0)));
      events.add(new Event.MainMoved(w.id(), w.run() - 1, 1, 1));
    });
    fate.after();
    return events;
  }

  /** What a run says is heard in its order, and before its end. */
  private void shuffle(List<Event> events) {
    List<Event> moves = events.stream().filter(Event.MainMoved.class::isInstance).toList();
    events.removeIf(Event.MainMoved.class::isInstance);
    Collections.shuffle(events, shuffler);
    events.addAll(0, moves);
  }

  void ended(Machine.Process p) {
    Machine.Tree tree = p.tree;
    Watch watch = tree == null ? null : watches.get(tree.id);
    if (tree == null || watch == null || watch.run() != tree.run) return;
    boolean isMain = p == watch.main();
    if (isMain) ears.end(tree.run);
    Event event = isMain ? new Event.Exited(tree.id, tree.run, exitOf(p)) : new Event.Stirred(tree.id, tree.run);
    if (faults.lateMillis > 0) {
      late++;
      machine.later(faults.lateMillis, () -> {
        late--;
        report(event);
      });
    }
    else report(event);
  }

  @Override
  public void moved(Machine.Tree tree, Machine.Process heir) {
    Watch watch = watches.get(tree.id);
    if (watch == null || watch.run() != tree.run || !Words.hasSocket(watch.spec())) return;
    Machine.Process main = watch.main();
    boolean lives = main != null && main.alive && main.tree == tree;
    if (!lives || ending.contains(tree.run)) return;
    watches.put(tree.id, watch.with(heir));
    truth.moved(tree, heir);
    report(new Event.MainMoved(tree.id, tree.run, heir.pid, heir.born));
  }

  @Override
  public void said(Machine.Tree tree, Checks.Kind kind) {
    Watch watch = watches.get(tree.id);
    if (watch == null || watch.run() != tree.run) return;
    boolean byNotify = Words.hasSocket(watch.spec());
    boolean byLog = kind == Checks.Kind.READY && (asksLog(watch.spec()) || searched.contains(tree.run));
    said(tree, kind, byNotify, byLog);
  }

  private void said(Machine.Tree tree, Checks.Kind kind, boolean byNotify, boolean byLog) {
    truth.said(tree, kind, byNotify, byLog);
    if (byNotify) ears.hear(tree.run, kind, true);
    if (byLog) ears.hear(tree.run, kind, false);
  }

  private static boolean asksLog(ProgramSpec spec) {
    return Words.isLog(spec.policy().checks().ready());
  }

  /** Exits have happened that are not told yet. */
  boolean tellsLate() {
    return late > 0;
  }

  private void report(Event event) {
    if (!dead) pending.add(event);
  }

  /** With the daemon. */
  void die() {
    dead = true;
  }

  private static Exit exitOf(Machine.Process p) {
    return p.exit == null ? new Exit.Unknown() : p.exit;
  }

  @Override
  public Event spawn(Action.Spawn action) {
    fate.before();
    String why = faults.refusals.get(action.id().program());
    Event event;
    if (why != null) {
      truth.refused(action.id());
      event = new Event.SpawnRefused(action.id(), action.run(), why, action.series());
    } else {
      boolean deaf = faults.deaf.getOrDefault(action.id().program(), false);
      Machine.Tree tree = machine.start(action.id(), action.run(), action.spec().shape().cmd(), deaf);
      watches.put(action.id(), new Watch(action.id(), action.run(), action.spec(), tree.main, false));
      truth.spawned(tree, action.spec());
      event =
          new Event.Spawned(action.id(), action.run(), tree.main.pid, tree.main.born, machine.now(), action.spec(), action.series());
    }
    fate.after();
    return event;
  }

  @Override
  public Event signal(Action.Signal action) {
    fate.before();
    Watch watch = watches.get(action.id());
    if (watch != null && watch.run() == action.run()) {
      truth.signals(action);
      if (action.purpose() != Action.Purpose.REQUESTED) {
        ending.add(action.run());
        ears.end(action.run());
      }
      for (Machine.Process p : reached(watch, action.reach())) {
        truth.signalled(p, action);
        machine.signal(p, action.signal());
      }
    }
    fate.after();
    return new Event.Signalled(action);
  }

  private List<Machine.Process> reached(Watch watch, Action.Reach reach) {
    List<Machine.Process> reached = new ArrayList<>();
    Machine.Process main = watch.main();
    boolean others = reach == Action.Reach.TREE || reach == Action.Reach.ESCAPED;
    if (main != null && main.alive && reach != Action.Reach.ESCAPED) reached.add(main);
    for (Machine.Process p : others(watch)) {
      if (others && !p.inGroup || reach == Action.Reach.TREE || reach == Action.Reach.GROUP && p.inGroup) reached.add(p);
    }
    return reached;
  }

  private List<Machine.Process> others(Watch watch) {
    List<Machine.Process> others = new ArrayList<>();
    for (Machine.Tree tree : machine.of(watch.id())) {
      if (tree.run != watch.run()) continue;
      for (Machine.Process p : tree.all) if (p.alive && p != watch.main()) others.add(p);
    }
    return others;
  }

  @Override
  public void probe(Action.Probe action) {
    fate.before();
    ears.end(action.run(), action.kind());
    Check check = action.check();
    if (check.probe().isHeard()) ears.ask(action, machine.now());
    else ask(action);
    if (Words.isLog(check)) searched.add(action.run());
    fate.after();
  }

  private void ask(Action.Probe action) {
    int fault = faults.probes.getOrDefault(action.id().program(), 0);
    int millis = Math.floorMod(action.hashCode(), 60);
    Event good = answer(action, action.run(), true);
    switch (fault) {
      case 1 -> machine.later(millis, () -> reportAnswer(answer(action, action.run(), false)));
      case 2 -> {}
      case 3 -> machine.later(300 + millis, () -> reportAnswer(good));
      case 4 -> {
        machine.later(millis, () -> reportAnswer(answer(action, action.run() - 1, true)));
        machine.later(millis, () -> reportAnswer(good));
        machine.later(2L * millis, () -> reportAnswer(good));
      }
      default -> machine.later(millis, () -> reportAnswer(good));
    }
  }

  private static Event.Answered answer(Action.Probe p, long run, boolean good) {
    return new Event.Answered(p.id(), run, p.kind(), p.number(), p.check(), good, good ? "" : "refused");
  }

  private void reportAnswer(Event event) {
    if (dead) return;
    if (event instanceof Event.Answered a && !a.check().probe().isHeard()) truth.answered(a.run(), a.kind(), a.check(), a.good());
    pending.add(event);
  }

  @Override
  public void giveUp(Action.GiveUp action) {
    fate.before();
    ears.end(action.run(), action.kind());
    truth.givenUp(action);
    fate.after();
  }

  @Override
  public void stopCommand(Action.StopCommand action) {
    fate.before();
    Watch watch = watches.get(action.id());
    Machine.Process main = watch == null || watch.run() != action.run() ? null : watch.main();
    if (main != null && main.alive) {
      truth.stopCommanded(action);
      ending.add(action.run());
      ears.end(action.run());
      switch (action.cmd().getFirst()) {
        case "ends" -> machine.later(150, () -> machine.end(main, new Exit.Code(0)));
        case "fails" -> machine.later(50, () -> report(new Event.StopCommandFailed(action.id(), action.run(), action.step(), "exit code 1")));
        default -> {}
      }
    }
    fate.after();
  }

  @Override
  public Event reap(Action.Reap action) {
    fate.before();
    Watch watch = watches.get(action.id());
    Event event = new Event.Gone(action.id(), action.run());
    if (watch != null && watch.run() == action.run()) {
      int left = others(watch).size();
      Machine.Process main = watch.main();
      // who reaps has been told that the main process is over: what has its pid now is another
      if (main != null && main.tree == null) watches.put(action.id(), watch.with(null));
      if (left > 0) {
        event = new Event.Remains(action.id(), action.run(), left);
      } else {
        if (main != null && main.alive && main.tree != null && main.tree.run == watch.run()) truth.breach("a run is over only when nothing of it lives", action.id() + " is reaped while its main process lives");
        if (!watch.adopted()) machine.of(action.id()).forEach(tree -> freeFirst(tree, action.run()));
        watches.remove(action.id());
        ears.forget(action.run());
      }
    }
    fate.after();
    return event;
  }

  private void freeFirst(Machine.Tree tree, long run) {
    if (tree.run == run) machine.free(tree.first);
  }

  @Override
  public boolean lives(Run run) {
    Machine.Process main = machine.find(run.pid());
    return main != null && main.born == run.born();
  }

  @Override
  public List<Sighting> sightings() {
    List<Sighting> all = new ArrayList<>();
    for (Machine.Tree tree : machine.alive()) {
      Machine.Process first = tree.first; // which leads the session
      all.add(new Sighting(tree.id, tree.run, first.alive ? first.pid : 0, first.alive ? first.born : 0, tree.startedAt));
    }
    return all;
  }

  /** Believes the pid: to tell whether it is still the same process is the caller's part. */
  @Override
  public Event adopt(InstanceId id, Run run, boolean ended) {
    fate.before();
    truth.adopts(id, run);
    Machine.Process main = ended ? null : machine.find(run.pid());
    watches.put(id, new Watch(id, run.number(), run.spec(), main, true));
    readWhatWaits(id, run);
    fate.after();
    return new Event.Sighted(id, run.number(), main == null ? 0 : main.born);
  }

  /** Lines that were written while no daemon was there. */
  private void readWhatWaits(InstanceId id, Run run) {
    for (Machine.Tree tree : machine.of(id)) {
      if (tree.run != run.number() || !tree.isUnread) continue;
      tree.isUnread = false;
      if (asksLog(run.spec())) said(tree, Checks.Kind.READY, false, true);
    }
  }

  @Override
  public void wake() {}
}
