package taskmaster.controller;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import taskmaster.api.Durations;
import taskmaster.api.Probe;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.AtRest;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.Entry;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.Fold;
import taskmaster.controller.core.Invariants;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Observed;
import taskmaster.controller.core.Plan;
import taskmaster.controller.core.Planner;
import taskmaster.controller.core.Recovery;
import taskmaster.controller.core.Snapshot;
import taskmaster.controller.core.Transition;
import taskmaster.controller.kernel.Journal;
import taskmaster.controller.kernel.Kernel;

/** The one owner of desired and observed. Others enqueue an {@link Edit} or read the published {@link Snapshot}. */
public final class Loop {
  /** Actions carried out before the loop looks for exits and commands again. */
  private static final int BATCH = 128;

  /** Folds without a start after which a plan that still asks for more is put off to the next tick. */
  private static final int ROUNDS = 16;

  /** A change of the desired state, made on the loop's thread from the facts as they are then. */
  public interface Edit {
    Desired apply(Desired desired, Observed observed);

    /** Called once the edit is part of the published snapshot. */
    default void applied(Snapshot snapshot) {}

    /** Called instead where the loop has ended before the edit came. */
    default void tooLate() {}
  }

  /** Hears of what happened; called on the loop's thread, so it must not block. */
  public interface Listener {
    /** @param number of the tick that begins */
    default void ticking(long number) {}

    /** Called before what happened in a tick is told. @param more whether there is more to do than one tick does */
    default void ticked(boolean more) {}

    void acted(Action action);

    void happened(List<Transition> transitions);

    void published(Snapshot snapshot);

    /** An impossibility, which is reported and survived. */
    void violated(String what);
  }

  private final Kernel kernel;
  private final Journal journal;
  private final Listener listener;
  private final AtRest atRest = new AtRest();
  private final Queue<Edit> edits = new ConcurrentLinkedQueue<>();
  private volatile Duration tick = Duration.ofSeconds(1);
  private volatile Snapshot snapshot;
  private volatile boolean ended;
  private MonoTime wakeAt = new MonoTime(0);
  private long ticks;

  /** Of this tick, in its order; told once it is written down. */
  private final List<Runnable> news = new ArrayList<>();
  private List<Event> found;

  /**
   * Nothing is done before the first {@link #tick}.
   *
   * @param recovered what an earlier daemon wrote down
   * @param found what has become of that
   */
  public Loop(Kernel kernel, Journal journal, Listener listener, Recovery.Recovered recovered, List<Event> found) {
    this.kernel = kernel;
    this.journal = journal;
    this.listener = listener;
    this.found = found;
    this.snapshot = Snapshot.of(recovered, kernel.now());
  }

  /** Until a shutdown was asked for and nothing is left alive that is not to be kept. */
  public void run() {
    while (!isOver()) tick();
    ended = true;
    for (Edit late = edits.poll(); late != null; late = edits.poll()) late.tooLate();
  }

  /**
   * What was said since the last tick is folded and written down, and nothing is done about it: once the descriptors are
   * closed nobody will hear it. To be called after {@link #run}, from its thread.
   */
  public void hearLast() {
    wakeAt = kernel.now();
    kernel.hearAll();
    Snapshot before = snapshot;
    List<Event> events = pollSafely();
    MonoTime now = kernel.now();
    Observed observed = fold(before.desired(), before.observed(), events, now);
    if (observed == before.observed()) return;
    snapshot = new Snapshot(before.desired(), observed, now, before.version() + 1);
    write(Entry.between(before.observed(), observed), now, observed, Entry.Batch.Kind.TICK);
    tell();
  }

  public boolean isOver() {
    return switch (snapshot.desired().ending()) {
      case NO -> false;
      case GRACEFULLY, AT_ONCE -> snapshot.observed().allDown();
      case KEEPING -> true;
    };
  }

  /** From any thread. */
  public void submit(Edit edit) {
    edits.add(edit);
    kernel.wake();
    if (ended && edits.remove(edit)) edit.tooLate();
  }

  public Snapshot snapshot() {
    return snapshot;
  }

  /** The longest sleep; an exit, an edit or a deadline ends it sooner. */
  public void setTick(Duration period) {
    tick = period;
    kernel.wake();
  }

  public void tick() {
    List<Event> events = new ArrayList<>(found);
    found = List.of();
    events.addAll(pollSafely());
    listener.ticking(++ticks);
    MonoTime now = kernel.now();
    Snapshot before = snapshot;
    Observed observed = fold(before.desired(), before.observed(), events, now);
    List<Entry> unwritten = new ArrayList<>(Entry.between(before.observed(), observed));
    List<Edit> applied = new ArrayList<>();
    Desired desired = before.desired();
    for (Edit edit = edits.poll(); edit != null; edit = edits.poll()) {
      desired = edit.apply(desired, observed);
      applied.add(edit);
    }
    unwritten.addAll(Entry.between(before.desired(), desired));

    Plan plan = Planner.plan(desired, observed, now, atRest);
    int budget = BATCH;
    int rounds = 0;
    while (!plan.actions().isEmpty() && budget > 0) {
      if (rounds == ROUNDS) {
        listener.violated("the plan does not come to rest, put off: " + plan.actions().getFirst());
        break;
      }
      List<Action> actions = within(budget, plan.actions());
      boolean starts = false;
      for (Action action : actions) {
        budget -= cost(action);
        if (!(action instanceof Action.Spawn s)) continue;
        starts = true;
        unwritten.add(new Entry.Intent(s.id(), s.run(), s.spec(), s.series()));
      }
      if (!starts) rounds++; // else, in a chain of dependencies, each start makes room for the next
      write(unwritten, now, observed, Entry.Batch.Kind.STEP);
      List<Event> outcomes = performAll(actions, now, observed);
      Observed after = fold(desired, observed, outcomes, now);
      unwritten = new ArrayList<>(Entry.between(observed, after));
      observed = after;
      plan = Planner.plan(desired, observed, now, atRest);
    }

    boolean settled = plan.actions().isEmpty();
    boolean due = now.reached(wakeAt);
    wakeAt = settled ? plan.wakeAt().earlierOf(now.plus(tick)) : budget <= 0 ? now : now.plus(Duration.ofMillis(50));
    boolean changed = before.version() == 0 || desired != before.desired() || observed != before.observed();
    snapshot = new Snapshot(desired, observed, now, before.version() + (changed ? 1 : 0));
    if (changed) write(unwritten, now, observed, Entry.Batch.Kind.TICK);
    if (changed) Invariants.violated(before, snapshot, due).forEach(listener::violated);
    if (changed || due) happened(Transition.ofPhases(before, snapshot, due));
    boolean isNews = changed || !news.isEmpty();
    listener.ticked(!settled && budget <= 0);
    tell();
    if (isNews) listener.published(snapshot);
    if (settled) journal.mayCompact(snapshot);
    for (Edit edit : applied) edit.applied(snapshot);
  }

  /** The first of them, until they take as much time as there is. */
  private static List<Action> within(int budget, List<Action> actions) {
    int n = 0;
    for (int left = budget; n < actions.size() && left > 0; n++) left -= cost(actions.get(n));
    return actions.subList(0, n);
  }

  /** Nothing is done to count instances otherwise. */
  private static int cost(Action action) {
    return action instanceof Action.Scale ? 0 : 1;
  }

  private void write(List<Entry> entries, MonoTime now, Observed observed, Entry.Batch.Kind kind) {
    boolean says = !entries.isEmpty() || kind == Entry.Batch.Kind.TICK;
    if (says) journal.append(new Entry.Batch(now, observed.nextRun(), kind, entries));
  }

  private Observed fold(Desired desired, Observed before, List<Event> events, MonoTime now) {
    Observed after = Fold.apply(before, events, now);
    happened(Transition.ofRuns(desired, before, after));
    return after;
  }

  private void happened(List<Transition> transitions) {
    if (!transitions.isEmpty()) news.add(() -> listener.happened(transitions));
  }

  private void tell() {
    news.forEach(Runnable::run);
    news.clear();
  }

  private List<Event> pollSafely() {
    try {
      return kernel.poll(wakeAt);
    } catch (RuntimeException e) {
      listener.violated("poll: " + e);
      return List.of();
    }
  }

  private List<Event> performAll(List<Action> actions, MonoTime now, Observed observed) {
    List<Event> outcomes = new ArrayList<>(actions.size());
    while (outcomes.size() < actions.size()) {
      int from = outcomes.size();
      List<Action.Spawn> spawns = spawnsFrom(actions, from);
      if (spawns.isEmpty()) {
        outcomes.add(performSafely(actions.get(from)));
      } else {
        spawnSafely(spawns, outcome -> {
          if (outcome instanceof Event.Spawned e) {
            write(List.of(new Entry.Born(e.id(), e.run(), e.pid(), e.born(), e.at())), now, observed, Entry.Batch.Kind.STEP);
          }
          while (actions.get(outcomes.size()) instanceof Action.Scale scale) outcomes.add(new Event.Scaled(scale));
          outcomes.add(outcome);
        });
      }
      for (Action action : actions.subList(from, outcomes.size())) news.add(() -> listener.acted(action));
    }
    return outcomes;
  }

  /** Those that follow one another, also where one of them has first to be counted. */
  private static List<Action.Spawn> spawnsFrom(List<Action> actions, int from) {
    List<Action.Spawn> spawns = new ArrayList<>();
    for (Action action : actions.subList(from, actions.size())) {
      if (action instanceof Action.Spawn spawn) spawns.add(spawn);
      else if (!(action instanceof Action.Scale)) break;
    }
    return spawns;
  }

  private void spawnSafely(List<Action.Spawn> spawns, Consumer<Event> hearer) {
    List<Event> heard = new ArrayList<>();
    try {
      kernel.spawnAll(spawns, outcome -> {
        heard.add(outcome);
        hearer.accept(outcome);
      });
    } catch (RuntimeException e) {
      Action.Spawn failed = spawns.get(heard.size());
      hearer.accept(failure(failed, e));
      if (heard.size() + 1 < spawns.size()) spawnSafely(spawns.subList(heard.size() + 1, spawns.size()), hearer);
    }
  }

  /** What should be impossible costs the one program it happened to, never the supervision of the others. */
  private Event performSafely(Action action) {
    try {
      return perform(action);
    } catch (RuntimeException e) {
      return failure(action, e);
    } catch (OutOfMemoryError e) {
      // threads may come again; without memory it is better to begin anew
      if (!String.valueOf(e.getMessage()).contains("native thread")) throw e;
      return failure(action, new IllegalStateException(e.getMessage(), e));
    }
  }

  private Event failure(Action action, RuntimeException e) {
    listener.violated(action + ": " + e);
    return switch (action) {
      case Action.Scale scale -> new Event.Scaled(scale);
      case Action.Spawn s -> new Event.SpawnRefused(s.id(), s.run(), "internal error: " + e, s.series());
      case Action.Signal signal -> new Event.Signalled(signal);
      case Action.StopCommand command -> new Event.StopCommanded(command);
      case Action.Reap reap -> new Event.Remains(reap.id(), reap.run(), 1);
      case Action.Probe p -> new Event.Asked(p.id(), p.run(), p.kind(), p.number(), p.check().probe());
      case Action.GiveUp g -> gaveUp(g);
    };
  }

  private Event perform(Action action) {
    return switch (action) {
      case Action.Scale scale -> new Event.Scaled(scale);
      case Action.Spawn spawn -> kernel.spawn(spawn);
      case Action.Signal signal -> kernel.signal(signal);
      case Action.StopCommand command -> {
        kernel.stopCommand(command);
        yield new Event.StopCommanded(command);
      }
      case Action.Reap reap -> kernel.reap(reap);
      case Action.Probe probe -> {
        kernel.probe(probe);
        yield new Event.Asked(probe.id(), probe.run(), probe.kind(), probe.number(), probe.check().probe());
      }
      case Action.GiveUp giveUp -> {
        kernel.giveUp(giveUp);
        yield gaveUp(giveUp);
      }
    };
  }

  private static Event gaveUp(Action.GiveUp g) {
    String what =
        switch (g.check().probe()) {
          case Probe.Notify n -> "no word from it";
          case Probe.Log l -> "no such line";
          case Probe.Exec e -> "no answer";
          case Probe.Http h -> "no answer";
          case Probe.Tcp t -> "no answer";
        };
    String why = what + " within " + Durations.show(g.check().timeout());
    return new Event.Answered(g.id(), g.run(), g.kind(), g.number(), g.check(), false, why);
  }
}
