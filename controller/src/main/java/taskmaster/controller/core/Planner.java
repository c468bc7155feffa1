package taskmaster.controller.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import taskmaster.api.InstanceId;
import taskmaster.api.Policy;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Signal;
import taskmaster.api.Stopping;

/** The only code that decides. Level-triggered: from what is and what should be, however that came about. */
public final class Planner {
  /** How often to look again at what a main process left behind, and to repeat SIGKILL there. */
  static final Duration LOOK_AGAIN = Duration.ofMillis(50);

  /** So often a SIGKILL has been sent to what does not end by it. */
  private static final int UNKILLABLE = 4;

  private final Desired desired;
  private final Observed observed;
  private final MonoTime now;
  private final List<Action> actions = new ArrayList<>();
  private MonoTime wakeAt = MonoTime.NEVER;
  private final Gate gate;
  private final Rolls rolls;
  private final Dependents dependents;
  private final Map<String, Boolean> going = new HashMap<>();
  private long nextRun;

  private Planner(Desired desired, Observed observed, MonoTime now, Dependents dependents) {
    this.desired = desired;
    this.observed = observed;
    this.now = now;
    this.dependents = dependents;
    Moment moment = new Moment(desired, observed, now);
    this.gate = moment.gate;
    this.rolls = moment.rolls;
    this.nextRun = observed.nextRun();
  }

  public static Plan plan(Desired desired, Observed observed, MonoTime now) {
    return plan(desired, observed, now, new AtRest());
  }

  /** The same, sooner. @param atRest of the plans before */
  public static Plan plan(Desired desired, Observed observed, MonoTime now, AtRest atRest) {
    if (desired.ending() == Desired.Ending.KEEPING) return new Plan(List.of(), MonoTime.NEVER);
    MonoTime until = atRest.until(desired, observed, now);
    if (until != null) return new Plan(List.of(), until);
    atRest.update(desired, observed);
    Plan plan = new Planner(desired, observed, now, atRest.dependents()).plan(atRest);
    if (plan.actions().isEmpty()) atRest.needsNothing(plan.wakeAt());
    return plan;
  }

  private Plan plan(AtRest atRest) {
    for (AtRest.Part part : atRest.parts()) plan(part);
    for (String name : atRest.removed()) planRemoved(name, observed.program(name));
    for (Desired.SignalRequest request : desired.signals()) planRequested(request);
    return new Plan(List.copyOf(actions), wakeAt);
  }

  private void plan(AtRest.Part part) {
    ProgramObserved program = part.facts(observed.programs());
    MonoTime until = part.until(observed.programs(), now);
    if (until != null) {
      wake(until);
      return;
    }
    int before = actions.size();
    MonoTime others = wakeAt;
    wakeAt = MonoTime.NEVER;
    planProgram(part.wanted, program);
    if (actions.size() == before) part.needsNothing(observed.programs(), wakeAt);
    wake(others);
  }

  private void planProgram(Desired.Wanted wanted, ProgramObserved program) {
    String name = wanted.spec().name();
    int places = wanted.count();
    int scale = 0;
    for (int index = 0; index < places; index++) {
      if (keeps(wanted, index, program.instance(index))) scale++;
    }
    planScale(name, program, scale, places);
    for (int index = 0; index < places; index++) {
      Instance it = program.instance(index);
      if (it != null) planInstance(wanted, it);
      else if (wanted.is(index)) spawnOnceOpen(wanted.spec(), new InstanceId(name, index), Series.NONE);
    }
    for (Instance surplus : program.from(places)) planInstance(wanted, surplus);
  }

  private void planRemoved(String name, ProgramObserved program) {
    planScale(name, program, 0, 0);
    for (Instance it : program.instances()) {
      ProgramSpec spec = desired.retired().get(name);
      Run run = it.run();
      if (spec == null && run != null) spec = run.spec();
      if (spec != null) planInstance(desired.unwanted(spec), it);
    }
  }

  private void planScale(String name, ProgramObserved program, int scale, int places) {
    boolean forgettable = false;
    for (Instance it : program.from(places)) forgettable |= it.isDown();
    if (scale != program.scale() || forgettable) {
      actions.add(new Action.Scale(name, program.scale(), scale, places));
    }
  }

  /** Whether an instance is one of those that are running or will be again without anybody's doing. */
  static boolean keeps(Desired.Wanted wanted, int index, @Nullable Instance it) {
    if (!wanted.is(index)) return false;
    if (it == null || !it.isDown()) return true;
    return switch (verdict(wanted, it)) {
      case Verdict.Start s -> true;
      case Verdict.Retry r -> true;
      case Verdict.Done d -> false;
      case Verdict.GivenUp g -> false;
    };
  }

  static Verdict verdict(Desired.Wanted wanted, Instance it) {
    return Verdict.of(wanted.spec().policy(), it.lastEnd(), wanted.wish().of(it.id().index()).forgiven());
  }

  private void planInstance(Desired.Wanted wanted, Instance it) {
    switch (it.life()) {
      case Life.Down() -> {
        if (wanted.is(it.id().index())) planDown(wanted, it);
      }
      case Life.Up up -> planUp(wanted, it, up);
      case Life.Dying dying -> planDying(wanted.spec().policy(), it.id(), dying);
    }
  }

  private void planDown(Desired.Wanted wanted, Instance it) {
    switch (verdict(wanted, it)) {
      case Verdict.Start(Series series) -> spawnOnceOpen(wanted.spec(), it.id(), series);
      case Verdict.Retry(MonoTime at, Series series) -> {
        if (now.reached(at)) spawnOnceOpen(wanted.spec(), it.id(), series);
        else wake(at);
      }
      case Verdict.Done d -> {}
      case Verdict.GivenUp g -> {}
    }
  }

  private void planUp(Desired.Wanted wanted, Instance it, Life.Up up) {
    Policy policy = wanted.spec().policy();
    WhyEnd why = WhyEnd.of(wanted, rolls, it, up);
    if (why != null) {
      if (mustWaitForDependents(wanted)) return;
      boolean unhealthy = why == WhyEnd.UNHEALTHY;
      if (!stoptime(policy).isZero()) step(policy, it.id(), up.run(), 0, unhealthy ? Action.Purpose.UNHEALTHY : Action.Purpose.STOP);
      else if (unhealthy) signal(it.id(), up.run(), Signal.KILL, Action.Reach.TREE, Action.Purpose.UNHEALTHY);
      else kill(it.id(), up.run(), Action.Purpose.KILL);
      return;
    }
    MonoTime running = up.run().runningAt(policy);
    if (!now.reached(running)) wake(running);
    for (Action probe : Asking.of(wanted.spec(), it.id(), up, now, this::wake)) actions.add(probe);
  }

  /** What is told to end while others that depend on it are on their way down ends after them. */
  private boolean mustWaitForDependents(Desired.Wanted wanted) {
    if (desired.ending() == Desired.Ending.AT_ONCE) return false;
    List<ProgramSpec> all = dependents.of(wanted.spec().name());
    return !all.isEmpty() && going.computeIfAbsent(wanted.spec().name(), name -> all.stream().anyMatch(this::isGoingDown));
  }

  private boolean isGoingDown(ProgramSpec spec) {
    Desired.Wanted wanted = desired.specs().containsKey(spec.name()) ? desired.wanted(spec) : desired.unwanted(spec);
    for (Instance it : observed.program(spec.name()).instances()) {
      boolean goes =
          switch (it.life()) {
            case Life.Down() -> false;
            case Life.Up up -> WhyEnd.of(wanted, rolls, it, up) != null;
            case Life.Dying d -> d.kills() < UNKILLABLE; // it may never be gone
          };
      if (goes) return true;
    }
    return false;
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
        boolean groupHasIt = dying.byUs() && policy.stopping().group() && policy.stopping().signalsWithin(dying.steps());
        Action.Reach reach = groupHasIt ? Action.Reach.ESCAPED : Action.Reach.TREE;
        signal(id, dying.run(), policy.stopping().firstSignal(), reach, Action.Purpose.STOP_REST);
        return;
      }
    }
    MonoTime killAt = killAt(policy, dying);
    boolean hasStep = ended == null && dying.byUs() && dying.steps() < policy.stopping().steps().size();
    if (hasStep && dying.killSentAt() == null && desired.ending() != Desired.Ending.AT_ONCE) {
      // what has failed has nothing to be waited for
      if (now.reached(killAt) || !dying.trouble().isEmpty()) step(policy, id, dying.run(), dying.steps(), Action.Purpose.NEXT_STEP);
      else wake(killAt);
      return;
    }
    MonoTime killed = dying.killSentAt();
    // one that SIGKILL does not end (another user's, or stuck in the kernel) is not asked twenty times a second for ever
    MonoTime next = killed == null ? killAt : killed.plus(LOOK_AGAIN.multipliedBy(1L << Math.min(dying.kills() - 1, 7)));
    if (now.reached(next)) kill(id, dying.run(), killed == null ? Action.Purpose.KILL : Action.Purpose.KILL_AGAIN);
    else wake(next);
  }

  /** When its patience is over; where steps are left, one of them comes in place of KILL. */
  private MonoTime killAt(Policy policy, Life.Dying dying) {
    MonoTime first = dying.toldAt();
    if (first == null || desired.ending() == Desired.Ending.AT_ONCE) return now;
    MonoTime next = dying.ended() == null ? dying.nextStepAt(policy.stopping()) : null;
    return next != null ? next : first.plus(policy.stopping().time());
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
    return desired.ending() == Desired.Ending.AT_ONCE ? Duration.ZERO : policy.stopping().time();
  }

  private static Action.Reach reach(Policy policy) {
    return policy.stopping().group() ? Action.Reach.GROUP : Action.Reach.MAIN;
  }

  private void spawnOnceOpen(ProgramSpec spec, InstanceId id, Series series) {
    MonoTime opens = gate.opensAt(spec);
    if (now.reached(opens)) spawn(spec, id, series);
    else wake(opens);
  }

  private void spawn(ProgramSpec spec, InstanceId id, Series series) {
    actions.add(new Action.Spawn(id, nextRun++, spec, series));
  }

  private void step(Policy policy, InstanceId id, Run run, int number, Action.Purpose purpose) {
    switch (policy.stopping().steps().get(number)) {
      case Stopping.Send send -> signal(id, run, send.signal(), reach(policy), purpose);
      case Stopping.Exec exec -> actions.add(new Action.StopCommand(id, run.number(), number, exec.cmd(), purpose, run.spec().shape()));
    }
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
