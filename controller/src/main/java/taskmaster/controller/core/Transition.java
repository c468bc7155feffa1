package taskmaster.controller.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.Phase;
import taskmaster.api.ProgramSpec;

/** What is worth telling about the way from one snapshot to the next. */
public sealed interface Transition {
  InstanceId id();

  record Started(InstanceId id, Run run) implements Transition {}

  /** The main process ended by itself. */
  record Exited(InstanceId id, Run run, Exit exit, MonoTime at, boolean expected) implements Transition {}

  /** A process that we told to end is gone, with all that it started. */
  record Stopped(InstanceId id, End end) implements Transition {}

  /** Another attempt follows. {@code reason} as in status. */
  record BackedOff(InstanceId id, End end, String reason) implements Transition {}

  /** No other attempt follows. */
  record Failed(InstanceId id, @Nullable End end, String reason) implements Transition {}

  record PhaseChanged(InstanceId id, Phase from, Phase to, String reason) implements Transition {}

  /** What one fold changed about runs. */
  static List<Transition> ofRuns(Desired desired, Observed before, Observed after) {
    if (before == after) return List.of();
    List<Transition> all = new ArrayList<>();
    forEachChanged(before, after, (old, it) -> runs(desired, old, it, all));
    return all;
  }

  private static void runs(Desired desired, @Nullable Instance old, Instance it, List<Transition> all) {
    Run oldRun = old == null ? null : old.run();
    End end = it.lastEnd();
    boolean newEnd = end != null && (old == null || old.lastEnd() == null || old.lastEnd().run() != end.run());
    if (end != null && newEnd) {
      if (end.byUs()) {
        all.add(new Stopped(it.id(), end));
      } else if (oldRun != null && oldRun.number() == end.run() && !exitIsKnown(old) && end.how() instanceof End.Exited(Exit exit)) {
        all.add(exited(desired, it.id(), oldRun, exit, end.endedAt()));
      }
    }
    Run run = it.run();
    if (run == null) return;
    boolean newRun = oldRun == null || oldRun.number() != run.number();
    if (newRun) all.add(new Started(it.id(), run));
    if (it.life() instanceof Life.Dying d && d.ended() != null && !d.byUs() && (newRun || !exitIsKnown(old))) {
      all.add(exited(desired, it.id(), run, d.ended().exit(), d.ended().at()));
    }
  }

  private static boolean exitIsKnown(@Nullable Instance it) {
    return it != null && it.life() instanceof Life.Dying d && d.ended() != null;
  }

  private static Exited exited(Desired desired, InstanceId id, Run run, Exit exit, MonoTime at) {
    ProgramSpec spec = desired.specs().getOrDefault(id.program(), run.spec());
    boolean early = at.since(run.startedAt()).compareTo(spec.policy().starttime()) < 0;
    return new Exited(id, run, exit, at, spec.policy().expects(exit) && !early);
  }

  /** What a whole tick, time included, changed about phases. */
  static List<Transition> ofPhases(Snapshot before, Snapshot after) {
    List<Transition> all = new ArrayList<>();
    boolean sameWishes = before.desired() == after.desired();
    for (ProgramSpec spec : after.desired().specs().values()) {
      ProgramObserved known = after.observed().program(spec.name());
      ProgramObserved knownBefore = before.observed().program(spec.name());
      ProgramSpec oldSpec = before.desired().specs().get(spec.name());
      for (Instance it : known.instances().values()) {
        Instance old = knownBefore.instances().get(it.id().index());
        // time alone changes the phase of what is up, and of nothing else
        if (sameWishes && it == old && !it.isUp()) continue;
        Phase from = oldSpec == null ? Phase.STOPPED : Phases.phase(before.desired(), oldSpec, it.id(), old, before.at());
        phase(after, spec, it, old, from, all);
      }
    }
    return all;
  }

  private static void phase(
      Snapshot after, ProgramSpec spec, Instance it, @Nullable Instance old, Phase from, List<Transition> all) {
    Phase to = Phases.phase(after.desired(), spec, it.id(), it, after.at());
    End end = it.lastEnd();
    boolean newEnd = end != null && (old == null || old.lastEnd() == null || old.lastEnd().run() != end.run());
    if (from == to && !newEnd) return;
    String reason = Phases.shown(after.desired(), spec, it.id(), it, after.at()).reason();
    if (from != to) all.add(new PhaseChanged(it.id(), from, to, reason));
    if (to == Phase.BACKOFF && end != null && newEnd) all.add(new BackedOff(it.id(), end, reason));
    if (to == Phase.FATAL) all.add(new Failed(it.id(), end, reason));
  }

  private static void forEachChanged(Observed before, Observed after, Pairs action) {
    after.programs().forEach((name, program) -> {
      ProgramObserved old = before.program(name);
      if (old == program) return;
      program.instances().forEach((index, it) -> {
        Instance was = old.instances().get(index);
        if (was != it) action.accept(was, it);
      });
    });
  }

  interface Pairs {
    void accept(@Nullable Instance before, Instance after);
  }
}
