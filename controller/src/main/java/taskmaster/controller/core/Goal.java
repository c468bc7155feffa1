package taskmaster.controller.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import taskmaster.api.InstanceId;
import taskmaster.api.Phase;
import taskmaster.api.ProgramSpec;
import taskmaster.api.ProgramType;

/** What somebody who gave a command waits for, and how far it is. */
public sealed interface Goal {
  /** Each is RUNNING and ready, or has already ended as expected. */
  record Started(List<InstanceId> instances) implements Goal {}

  /** Nothing of any is alive. */
  record Stopped(List<InstanceId> instances) implements Goal {}

  /** Others may rely on each of them, whoever started it and when. */
  record Ready(List<InstanceId> instances) implements Goal {}

  /** Whatever should run at that moment is ready, or has ended as expected. */
  record AllReady() implements Goal {}

  /** Each has ended as expected, and is not started again by itself. */
  record Completed(List<InstanceId> instances) implements Goal {}

  /** Nothing of any is alive, whether or not anybody stopped it. */
  record Down(List<InstanceId> instances) implements Goal {}

  /** Nothing is under way any more, for these programs; none named: for all. */
  record AtRest(List<String> programs) implements Goal {}

  sealed interface State {}

  record Reached() implements State {}

  /** @param why for each that missed it, "web:0 is FATAL: …" */
  record Missed(List<String> why) implements State {}

  record Pending(String what) implements State {}

  default State state(Snapshot snapshot, MonoTime now) {
    State state = stateNow(Moment.of(snapshot, now));
    boolean leaving = snapshot.desired().ending() == Desired.Ending.KEEPING;
    return leaving && state instanceof Pending(String what)
        ? missed("the daemon is being replaced, and goes on with this: " + what)
        : state;
  }

  private State stateNow(Moment moment) {
    return switch (this) {
      case Started(var ids) -> all(ids.stream().map(id -> started(moment, id)).toList());
      case Ready(var ids) -> all(ids.stream().map(id -> ready(moment, id)).toList());
      case AllReady() -> all(wanted(moment).stream().map(id -> readyOrDone(moment, id)).toList());
      case Completed(var ids) -> all(ids.stream().map(id -> completed(moment, id)).toList());
      case Down(var ids) -> all(ids.stream().map(id -> down(moment, id)).toList());
      case Stopped(var ids) -> all(ids.stream().map(id -> stopped(moment, id)).toList());
      case AtRest(var programs) -> atRest(moment, programs);
    };
  }

  private static State all(List<State> states) {
    List<String> why =
        states.stream().filter(Missed.class::isInstance).flatMap(s -> ((Missed) s).why().stream()).toList();
    for (State s : states) {
      // the others may still come; who waits no longer hears of all
      if (s instanceof Pending(String what)) return why.isEmpty() ? s : new Pending(what + "; " + String.join("; ", why));
    }
    return why.isEmpty() ? new Reached() : new Missed(why);
  }

  private static State started(Moment moment, InstanceId id) {
    Desired desired = moment.desired;
    ProgramSpec spec = desired.specs().get(id.program());
    if (spec == null) return missed(id + " was removed from the file");
    if (!desired.wants(spec, id.index())) return missed(id + " was told to stop meanwhile");
    Instance it = moment.observed.instance(id);
    Phases.Shown shown = Phases.shown(moment, spec, id, it);
    Rolls.Wait wait = moment.turn(spec, it);
    if (wait != null) return wait.forGood() ? missed(id + " is " + wait.why()) : new Pending(pending(id, shown));
    return switch (shown.phase()) {
      case RUNNING -> {
        boolean stays = it != null && it.latestRun() > desired.wish(id.program()).of(id.index()).replaced();
        if (!stays) yield new Pending(id + " is about to be replaced");
        yield isReady(spec, it, moment.now) ? new Reached() : new Pending(pending(id, shown));
      }
      case EXITED -> {
        End end = it == null ? null : it.lastEnd();
        boolean good = end != null && Verdict.expected(spec.policy(), end);
        yield good ? new Reached() : missed(id + " has exited: " + shown.reason());
      }
      case FATAL -> missed(id + " is FATAL: " + shown.reason());
      case STARTING, BACKOFF -> {
        Gate.Shut shut = blocked(moment, spec, it);
        yield shut != null && shut.forGood() ? missed(id + " is " + shut.why()) : new Pending(pending(id, shown));
      }
      case STOPPED, STOPPING -> new Pending(pending(id, shown));
    };
  }

  private static boolean isReady(ProgramSpec spec, @Nullable Instance it, MonoTime now) {
    return it != null && it.life() instanceof Life.Up up && now.reached(Gate.readyAt(spec, up, now));
  }

  /** Why one that is down and should not be has to wait; null where it has not. */
  private static Gate.@Nullable Shut blocked(Moment moment, ProgramSpec spec, @Nullable Instance it) {
    return it == null || it.isDown() ? moment.gate.shut(spec) : null;
  }

  private static State ready(Moment moment, InstanceId id) {
    ProgramSpec spec = moment.desired.specs().get(id.program());
    Instance it = moment.observed.instance(id);
    if (spec != null && spec.policy().type() == ProgramType.JOB) return completed(moment, id);
    State started = started(moment, id);
    // who waits for it may be there before the one who starts it
    if (spec != null && isReady(spec, it, moment.now)) return new Reached();
    if (started instanceof Reached) return missed(id + " has exited: it is not there to be ready");
    boolean isStopped = spec != null && !moment.desired.wants(spec, id.index());
    return isStopped ? new Pending(id + " is STOPPED") : started;
  }

  private static List<InstanceId> wanted(Moment moment) {
    Desired desired = moment.desired;
    List<InstanceId> wanted = new ArrayList<>();
    for (ProgramSpec spec : desired.specs().values()) {
      for (int i = 0; i < desired.count(spec); i++) {
        if (desired.wants(spec, i)) wanted.add(new InstanceId(spec.name(), i));
      }
    }
    return wanted;
  }

  private static State readyOrDone(Moment moment, InstanceId id) {
    ProgramSpec spec = moment.desired.specs().get(id.program());
    boolean isJob = spec != null && spec.policy().type() == ProgramType.JOB;
    boolean isReady = spec != null && isReady(spec, moment.observed.instance(id), moment.now);
    return isJob || isReady ? ready(moment, id) : started(moment, id);
  }

  private static State completed(Moment moment, InstanceId id) {
    ProgramSpec spec = moment.desired.specs().get(id.program());
    if (spec == null) return missed(id + " was removed from the file");
    Instance it = moment.observed.instance(id);
    if (it != null && Gate.hasCompleted(moment.desired.wanted(spec), it)) return new Reached();
    Phases.Shown shown = Phases.shown(moment, spec, id, it);
    boolean ended = shown.phase() == Phase.FATAL || shown.phase() == Phase.EXITED;
    if (ended) return missed(id + " is " + shown.phase() + ": " + shown.reason());
    // one that nobody wants yet may be started by and by
    Gate.Shut shut = moment.desired.wants(spec, id.index()) ? blocked(moment, spec, it) : null;
    return shut != null && shut.forGood() ? missed(id + " is " + shut.why()) : new Pending(pending(id, shown));
  }

  private static State down(Moment moment, InstanceId id) {
    Instance it = moment.observed.instance(id);
    return it == null || it.isDown() ? new Reached() : new Pending(id + (it.isUp() ? " is up" : " is STOPPING"));
  }

  private static State stopped(Moment moment, InstanceId id) {
    Desired desired = moment.desired;
    ProgramSpec spec = desired.specs().get(id.program());
    if (spec != null && desired.wants(spec, id.index())) return missed(id + " was told to start meanwhile");
    Instance it = moment.observed.instance(id);
    return it == null || it.isDown() ? new Reached() : new Pending(id + " is STOPPING");
  }

  private static State atRest(Moment moment, List<String> programs) {
    Desired desired = moment.desired;
    for (ProgramSpec spec : desired.specs().values()) {
      if (!programs.isEmpty() && !programs.contains(spec.name())) continue;
      for (int i = 0; i < desired.count(spec); i++) {
        InstanceId id = new InstanceId(spec.name(), i);
        Instance it = moment.observed.instance(id);
        Phases.Shown shown = Phases.shown(moment, spec, id, it);
        Rolls.Wait wait = moment.turn(spec, it);
        boolean moving =
            shown.phase() == Phase.STARTING || shown.phase() == Phase.STOPPING || shown.phase() == Phase.BACKOFF || maySoonBeReady(spec, it);
        Gate.Shut shut = moving ? blocked(moment, spec, it) : null;
        if (shut != null && shut.forGood() || wait != null && wait.forGood()) continue;
        if (moving || wait != null) return new Pending(pending(id, shown));
      }
    }
    for (String name : moment.observed.programs().names()) {
      if (!programs.isEmpty() && !programs.contains(name)) continue;
      for (Instance it : moment.observed.program(name).instances()) {
        if (it.life() instanceof Life.Dying) return new Pending(it.id() + " is STOPPING");
      }
    }
    return new Reached();
  }

  /** Nobody knows yet whether it is ready. */
  private static boolean maySoonBeReady(ProgramSpec spec, @Nullable Instance it) {
    if (it == null || !(it.life() instanceof Life.Up up) || up.checks(spec).ready() == null) return false;
    return up.ready(spec).conclusion() == Finding.Conclusion.OPEN;
  }

  private static Missed missed(String why) {
    return new Missed(List.of(why));
  }

  private static String pending(InstanceId id, Phases.Shown shown) {
    return id + " is " + shown.phase() + (shown.reason().isEmpty() ? "" : " (" + shown.reason() + ")");
  }
}
