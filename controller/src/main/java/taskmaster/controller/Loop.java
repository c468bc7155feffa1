package taskmaster.controller;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.Fold;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Observed;
import taskmaster.controller.core.Plan;
import taskmaster.controller.core.Planner;
import taskmaster.controller.core.Snapshot;
import taskmaster.controller.core.Transition;
import taskmaster.controller.kernel.Kernel;

/** The one owner of desired and observed. Others enqueue an {@link Edit} or read the published {@link Snapshot}. */
public final class Loop {
  /** Actions carried out before the loop looks for exits and commands again. */
  private static final int BATCH = 128;

  /** Folds after which a plan that still asks for more is put off to the next tick. */
  private static final int ROUNDS = 16;

  /** A change of the desired state, made on the loop's thread from the facts as they are then. */
  public interface Edit {
    Desired apply(Desired desired, Observed observed);

    /** Called once the edit is part of the published snapshot. */
    default void applied(Snapshot snapshot) {}
  }

  /** Hears of what happened; called on the loop's thread, so it must not block. */
  public interface Listener {
    void acted(Action action);

    void happened(List<Transition> transitions, Snapshot snapshot);

    void published(Snapshot snapshot);

    /** An impossibility, which is reported and survived. */
    void violated(String what);
  }

  private final Kernel kernel;
  private final Listener listener;
  private final Queue<Edit> edits = new ConcurrentLinkedQueue<>();
  private volatile Duration tick = Duration.ofSeconds(1);
  private volatile Snapshot snapshot;
  private MonoTime wakeAt = new MonoTime(0);

  /** @param desired what to begin with; nothing runs before the first {@link #tick} */
  public Loop(Kernel kernel, Listener listener, Desired desired) {
    this.kernel = kernel;
    this.listener = listener;
    this.snapshot = new Snapshot(desired, Observed.NOTHING, new MonoTime(0), 0);
  }

  /** Until a shutdown was asked for and nothing is left alive. */
  public void run() {
    while (!isOver()) tick();
  }

  public boolean isOver() {
    return snapshot.desired().ending() != Desired.Ending.NO && snapshot.observed().allDown();
  }

  /** From any thread. */
  public void submit(Edit edit) {
    edits.add(edit);
    kernel.wake();
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
    List<Event> events = kernel.poll(wakeAt);
    MonoTime now = kernel.now();
    Snapshot before = snapshot;
    List<Transition> told = new ArrayList<>();
    Observed observed = fold(before.desired(), before.observed(), events, now, told);
    List<Edit> applied = new ArrayList<>();
    Desired desired = before.desired();
    for (Edit edit = edits.poll(); edit != null; edit = edits.poll()) {
      desired = edit.apply(desired, observed);
      applied.add(edit);
    }

    Plan plan = Planner.plan(desired, observed, now);
    int budget = BATCH;
    for (int round = 0; !plan.actions().isEmpty() && budget > 0; round++) {
      if (round == ROUNDS) {
        listener.violated("the plan does not come to rest, put off: " + plan.actions().getFirst());
        break;
      }
      List<Event> outcomes = new ArrayList<>();
      for (Action action : plan.actions()) {
        if (budget-- <= 0) break;
        outcomes.add(performSafely(action));
        listener.acted(action);
      }
      observed = fold(desired, observed, outcomes, now, told);
      plan = Planner.plan(desired, observed, now);
    }

    boolean atRest = plan.actions().isEmpty();
    boolean due = now.reached(wakeAt);
    wakeAt = atRest ? plan.wakeAt().earlierOf(now.plus(tick)) : budget <= 0 ? now : now.plus(Duration.ofMillis(50));
    boolean changed = before.at().nanos() == 0 || desired != before.desired() || observed != before.observed();
    snapshot = new Snapshot(desired, observed, now, before.version() + (changed ? 1 : 0));
    if (changed || due) told.addAll(Transition.ofPhases(before, snapshot));
    if (!told.isEmpty()) listener.happened(told, snapshot);
    if (changed || !told.isEmpty()) listener.published(snapshot);
    for (Edit edit : applied) edit.applied(snapshot);
  }

  private static Observed fold(
      Desired desired, Observed before, List<Event> events, MonoTime now, List<Transition> told) {
    Observed after = Fold.apply(before, events, now);
    told.addAll(Transition.ofRuns(desired, before, after));
    return after;
  }

  /** What should be impossible costs the one program it happened to, never the supervision of the others. */
  private Event performSafely(Action action) {
    try {
      return perform(action);
    } catch (RuntimeException e) {
      listener.violated(action + ": " + e);
      return switch (action) {
        case Action.Scale scale -> new Event.Scaled(scale);
        case Action.Spawn s -> new Event.SpawnRefused(s.id(), s.run(), "internal error: " + e, s.series());
        case Action.Signal signal -> new Event.Signalled(signal);
        case Action.Reap reap -> new Event.Remains(reap.id(), reap.run(), 1);
      };
    }
  }

  private Event perform(Action action) {
    return switch (action) {
      case Action.Scale scale -> new Event.Scaled(scale);
      case Action.Spawn spawn -> kernel.spawn(spawn);
      case Action.Signal signal -> kernel.signal(signal);
      case Action.Reap reap -> kernel.reap(reap);
    };
  }
}
