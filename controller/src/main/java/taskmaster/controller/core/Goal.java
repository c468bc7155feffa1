package taskmaster.controller.core;

import java.util.List;
import taskmaster.api.InstanceId;
import taskmaster.api.Phase;
import taskmaster.api.ProgramSpec;

/** What somebody who gave a command waits for, and how far it is. */
public sealed interface Goal {
  /** Each is RUNNING, or has already ended as expected. */
  record Started(List<InstanceId> instances) implements Goal {}

  /** Nothing of any is alive. */
  record Stopped(List<InstanceId> instances) implements Goal {}

  /** Nothing is under way any more, for these programs; none named: for all. */
  record AtRest(List<String> programs) implements Goal {}

  sealed interface State {}

  record Reached() implements State {}

  /** @param why for each that missed it, "web:0 is FATAL: …" */
  record Missed(List<String> why) implements State {}

  record Pending(String what) implements State {}

  default State state(Snapshot snapshot, MonoTime now) {
    State state = stateNow(snapshot, now);
    boolean leaving = snapshot.desired().ending() == Desired.Ending.KEEPING;
    return leaving && state instanceof Pending(String what)
        ? missed("the daemon is being replaced, and goes on with this: " + what)
        : state;
  }

  private State stateNow(Snapshot snapshot, MonoTime now) {
    return switch (this) {
      case Started(var ids) -> all(ids.stream().map(id -> started(snapshot, id, now)).toList());
      case Stopped(var ids) -> all(ids.stream().map(id -> stopped(snapshot, id)).toList());
      case AtRest(var programs) -> atRest(snapshot, programs, now);
    };
  }

  private static State all(List<State> states) {
    for (State s : states) if (s instanceof Pending) return s;
    List<String> why =
        states.stream().filter(Missed.class::isInstance).flatMap(s -> ((Missed) s).why().stream()).toList();
    return why.isEmpty() ? new Reached() : new Missed(why);
  }

  private static State started(Snapshot snapshot, InstanceId id, MonoTime now) {
    Desired desired = snapshot.desired();
    ProgramSpec spec = desired.specs().get(id.program());
    if (spec == null) return missed(id + " was removed from the file");
    if (!desired.wants(spec, id.index())) return missed(id + " was told to stop meanwhile");
    Instance it = snapshot.observed().instance(id);
    Phases.Shown shown = Phases.shown(desired, spec, id, it, now);
    return switch (shown.phase()) {
      case RUNNING ->
          it != null && it.latestRun() > desired.wish(id.program()).of(id.index()).replaced()
              ? new Reached()
              : new Pending(id + " is about to be replaced");
      case EXITED -> {
        End end = it == null ? null : it.lastEnd();
        boolean good = end != null && Verdict.expected(spec.policy(), end);
        yield good ? new Reached() : missed(id + " has exited: " + shown.reason());
      }
      case FATAL -> missed(id + " is FATAL: " + shown.reason());
      case STOPPED, STARTING, BACKOFF, STOPPING -> new Pending(pending(id, shown));
    };
  }

  private static State stopped(Snapshot snapshot, InstanceId id) {
    Desired desired = snapshot.desired();
    ProgramSpec spec = desired.specs().get(id.program());
    if (spec != null && desired.wants(spec, id.index())) return missed(id + " was told to start meanwhile");
    Instance it = snapshot.observed().instance(id);
    return it == null || it.isDown() ? new Reached() : new Pending(id + " is STOPPING");
  }

  private static State atRest(Snapshot snapshot, List<String> programs, MonoTime now) {
    Desired desired = snapshot.desired();
    for (ProgramSpec spec : desired.specs().values()) {
      if (!programs.isEmpty() && !programs.contains(spec.name())) continue;
      for (int i = 0; i < desired.count(spec); i++) {
        InstanceId id = new InstanceId(spec.name(), i);
        Phases.Shown shown = Phases.shown(desired, spec, id, snapshot.observed().instance(id), now);
        boolean moving = shown.phase() == Phase.STARTING || shown.phase() == Phase.STOPPING || shown.phase() == Phase.BACKOFF;
        if (moving) return new Pending(pending(id, shown));
      }
    }
    for (String name : snapshot.observed().programs().names()) {
      if (!programs.isEmpty() && !programs.contains(name)) continue;
      for (Instance it : snapshot.observed().program(name).instances()) {
        if (it.life() instanceof Life.Dying) return new Pending(it.id() + " is STOPPING");
      }
    }
    return new Reached();
  }

  private static Missed missed(String why) {
    return new Missed(List.of(why));
  }

  private static String pending(InstanceId id, Phases.Shown shown) {
    return id + " is " + shown.phase() + (shown.reason().isEmpty() ? "" : " (" + shown.reason() + ")");
  }
}
