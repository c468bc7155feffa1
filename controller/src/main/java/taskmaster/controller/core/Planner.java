package taskmaster.controller.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import taskmaster.api.InstanceId;
import taskmaster.api.Policy;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Signal;

/** The only code that decides. Level-triggered: from what is and what should be, however that came about. */
public final class Planner {
  /** How often to look again at what a main process left behind, and to repeat SIGKILL there. */
  static final Duration LOOK_AGAIN = Duration.ofMillis(50);

  private final Desired desired;
  private final Observed observed;
  private final MonoTime now;
  private final List<Action> actions = new ArrayList<>();
  private MonoTime wakeAt = MonoTime.NEVER;
  private long nextRun;

  private Planner(Desired desired, Observed observed, MonoTime now) {
    this.desired = desired;
    this.observed = observed;
    this.now = now;
    this.nextRun = observed.nextRun();
  }

  public static Plan plan(Desired desired, Observed observed, MonoTime now) {
    return new Planner(desired, observed, now).plan();
  }

  private Plan plan() {
    if (desired.ending() == Desired.Ending.KEEPING) return new Plan(List.of(), MonoTime.NEVER);
    for (ProgramSpec spec : desired.specs().values()) planProgram(spec);
    for (Map.Entry<String, ProgramObserved> entry : observed.programs().entrySet()) {
      if (!desired.specs().containsKey(entry.getKey())) planRemoved(entry.getKey(), entry.getValue());
    }
    for (Desired.SignalRequest request : desired.signals()) planRequested(request);
    return new Plan(List.copyOf(actions), wakeAt);
  }

  private void planProgram(ProgramSpec spec) {
    ProgramObserved program = observed.program(spec.name());
    int places = desired.count(spec);
    int scale = 0;
    for (int index = 0; index < places; index++) {
      if (keeps(spec, index, program.instances().get(index))) scale++;
    }
    planScale(spec.name(), program, scale, places);
    for (int index = 0; index < places; index++) {
      Instance it = program.instances().get(index);
      boolean wanted = desired.wants(spec, index);
      if (it != null) planInstance(spec, it, wanted);
      else if (wanted) spawn(spec, new InstanceId(spec.name(), index), Series.NONE);
    }
    for (Instance surplus : program.instances().tailMap(places).values()) planInstance(spec, surplus, false);
  }

  private void planRemoved(String name, ProgramObserved program) {
    planScale(name, program, 0, 0);
    for (Instance it : program.instances().values()) {
      ProgramSpec spec = desired.retired().get(name);
      Run run = it.run();
      if (spec == null && run != null) spec = run.spec();
      if (spec != null) planInstance(spec, it, false);
    }
  }

  private void planScale(String name, ProgramObserved program, int scale, int places) {
    boolean forgettable = false;
    for (Instance it : program.instances().tailMap(places).values()) forgettable |= it.isDown();
    if (scale != program.scale() || forgettable) {
      actions.add(new Action.Scale(name, program.scale(), scale, places));
    }
  }

  /** Whether an instance is one of those that are running or will be again without anybody's doing. */
  private boolean keeps(ProgramSpec spec, int index, @Nullable Instance it) {
    if (!desired.wants(spec, index)) return false;
    if (it == null || !it.isDown()) return true;
    return switch (verdict(spec, it)) {
      case Verdict.Start s -> true;
      case Verdict.Retry r -> true;
      case Verdict.Done d -> false;
      case Verdict.GivenUp g -> false;
    };
  }

  private Verdict verdict(ProgramSpec spec, Instance it) {
    long forgiven = desired.wish(spec.name()).of(it.id().index()).forgiven();
    return Verdict.of(spec.policy(), it.lastEnd(), forgiven);
  }

  private void planInstance(ProgramSpec spec, Instance it, boolean wanted) {
    switch (it.life()) {
      case Life.Down() -> {
        if (wanted) planDown(spec, it);
      }
      case Life.Up(Run run) -> planUp(spec, it, run, wanted);
      case Life.Dying dying -> planDying(spec.policy(), it.id(), dying);
    }
  }

  private void planDown(ProgramSpec spec, Instance it) {
    switch (verdict(spec, it)) {
      case Verdict.Start(Series series) -> spawn(spec, it.id(), series);
      case Verdict.Retry(MonoTime at, Series series) -> {
        if (now.reached(at)) spawn(spec, it.id(), series);
        else wake(at);
      }
      case Verdict.Done d -> {}
      case Verdict.GivenUp g -> {}
    }
  }

  private void planUp(ProgramSpec spec, Instance it, Run run, boolean wanted) {
    boolean replaced = run.number() <= desired.wish(it.id().program()).of(it.id().index()).replaced();
    if (!wanted || replaced || !run.spec().shape().equals(spec.shape())) {
      Policy policy = spec.policy();
      if (stoptime(policy).isZero()) kill(it.id(), run, Action.Purpose.KILL);
      else signal(it.id(), run, policy.stopsignal(), reach(policy), Action.Purpose.STOP);
      return;
    }
    MonoTime running = run.startedAt().plus(spec.policy().starttime());
    if (!now.reached(running)) wake(running);
  }

  private void planDying(Policy policy, InstanceId id, Life.Dying dying) {
    Life.Ended ended = dying.ended();
    if (ended != null) {
      MonoTime looked = dying.lookedAt();
      if (looked == null || now.reached(looked.plus(LOOK_AGAIN))) {
        actions.add(new Action.Reap(id, dying.run().number()));
        return;
      }
      wake(looked.plus(LOOK_AGAIN));
      if (dying.restSentAt() == null && dying.killSentAt() == null && !stoptime(policy).isZero()) {
        boolean groupHasIt = dying.byUs() && policy.stopGroup();
        Action.Reach reach = groupHasIt ? Action.Reach.ESCAPED : Action.Reach.TREE;
        signal(id, dying.run(), policy.stopsignal(), reach, Action.Purpose.STOP_REST);
        return;
      }
    }
    MonoTime first = dying.firstSignalAt();
    MonoTime killAt = first == null ? now : first.plus(stoptime(policy));
    MonoTime killed = dying.killSentAt();
    // one that SIGKILL does not end (another user's, or stuck in the kernel) is not asked twenty times a second for ever
    MonoTime next = killed == null ? killAt : killed.plus(LOOK_AGAIN.multipliedBy(1L << Math.min(dying.kills() - 1, 7)));
    if (now.reached(next)) kill(id, dying.run(), killed == null ? Action.Purpose.KILL : Action.Purpose.KILL_AGAIN);
    else wake(next);
  }

  private void planRequested(Desired.SignalRequest request) {
    Instance it = observed.instance(request.id());
    Run run = it == null ? null : it.run();
    if (it == null || run == null || run.number() != request.run() || it.signalled() >= request.number()) return;
    if (it.life() instanceof Life.Dying d && d.ended() != null) return;
    actions.add(
        new Action.Signal(
            request.id(), run.number(), request.signal(), Action.Reach.MAIN, Action.Purpose.REQUESTED, request.number()));
  }

  private Duration stoptime(Policy policy) {
    return desired.ending() == Desired.Ending.AT_ONCE ? Duration.ZERO : policy.stoptime();
  }

  private static Action.Reach reach(Policy policy) {
    return policy.stopGroup() ? Action.Reach.GROUP : Action.Reach.MAIN;
  }

  private void spawn(ProgramSpec spec, InstanceId id, Series series) {
    actions.add(new Action.Spawn(id, nextRun++, spec, series));
  }

  private void kill(InstanceId id, Run run, Action.Purpose purpose) {
    signal(id, run, Signal.KILL, Action.Reach.TREE, purpose);
  }

  private void signal(InstanceId id, Run run, Signal signal, Action.Reach reach, Action.Purpose purpose) {
    actions.add(new Action.Signal(id, run.number(), signal, reach, purpose, 0));
  }

  private void wake(MonoTime at) {
    wakeAt = wakeAt.earlierOf(at);
  }
}
