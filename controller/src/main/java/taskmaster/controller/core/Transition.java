package taskmaster.controller.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.Phase;
import taskmaster.api.ProgramSpec;
import taskmaster.api.ProgramType;

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

  /** Whether others may rely on it has changed. @param detail why not */
  record ReadyChanged(InstanceId id, Run run, boolean ready, String detail) implements Transition {}

  /** A health check has come to another conclusion. @param detail why it is not well */
  record HealthChanged(InstanceId id, Run run, boolean healthy, String detail) implements Transition {}

  /** A step of its stop, a command, came to nothing. */
  record StopCommandFailed(InstanceId id, Run run, String why) implements Transition {}

  /** It cannot start for want of others, and that will not change by itself. */
  record Blocked(InstanceId id, String reason) implements Transition {}

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
    found(old, it, all);
    String trouble = trouble(it);
    if (!trouble.isEmpty() && !trouble.equals(trouble(old))) all.add(new StopCommandFailed(it.id(), run, trouble));
    boolean newRun = oldRun == null || oldRun.number() != run.number();
    if (newRun) all.add(new Started(it.id(), run));
    if (it.life() instanceof Life.Dying d && d.ended() != null && !d.byUs() && (newRun || !exitIsKnown(old))) {
      all.add(exited(desired, it.id(), run, d.ended().exit(), d.ended().at()));
    }
  }

  private static void found(@Nullable Instance old, Instance it, List<Transition> all) {
    if (!(it.life() instanceof Life.Up(Run run, Findings now))) return;
    Findings before =
        old != null && old.life() instanceof Life.Up was && was.run().number() == run.number() ? was.findings() : Findings.NONE;
    if (before == now) return;
    Finding ready = now.ready();
    Finding health = now.health();
    boolean readyTurned = ready.conclusion() != before.ready().conclusion() && ready.conclusion() != Finding.Conclusion.OPEN;
    boolean healthTurned = health.conclusion() != before.health().conclusion();
    if (readyTurned) all.add(new ReadyChanged(it.id(), run, ready.passes(), ready.passes() ? "" : ready.detail()));
    // that it is well from the beginning is no news
    boolean news = health.fails() || before.health().fails();
    if (healthTurned && news) all.add(new HealthChanged(it.id(), run, health.passes(), health.passes() ? "" : health.detail()));
  }

  private static String trouble(@Nullable Instance it) {
    return it != null && it.life() instanceof Life.Dying d ? d.trouble() : "";
  }

  private static boolean exitIsKnown(@Nullable Instance it) {
    return it != null && it.life() instanceof Life.Dying d && d.ended() != null;
  }

  private static Exited exited(Desired desired, InstanceId id, Run run, Exit exit, MonoTime at) {
    ProgramSpec spec = desired.specs().getOrDefault(id.program(), run.spec());
    boolean isService = spec.policy().type() == ProgramType.SERVICE;
    boolean early = isService && !at.reached(run.runningAt(spec.policy()));
    return new Exited(id, run, exit, at, spec.policy().expects(exit) && !early);
  }

  /**
   * What a whole tick changed about phases.
   *
   * @param timeMatters whether a deadline has passed
   */
  static List<Transition> ofPhases(Snapshot before, Snapshot after, boolean timeMatters) {
    List<Transition> all = new ArrayList<>();
    Moment now = Moment.of(after, after.at());
    boolean allMatter = timeMatters || before.desired() != after.desired();
    Programs.forEach(before.observed().programs(), after.observed().programs(), (name, old, program) -> {
      ProgramSpec spec = allMatter || old != program ? after.desired().specs().get(name) : null;
      if (spec != null) phases(before, after, now, spec, old, program, all);
    });
    if (before.desired() != after.desired() || before.observed() != after.observed()) blocked(before, now, all);
    return all;
  }

  private static void blocked(Snapshot before, Moment now, List<Transition> all) {
    Moment then = Moment.of(before, before.at());
    for (ProgramSpec spec : now.desired.specs().values()) {
      if (spec.policy().dependencies().conditions().isEmpty() && !spec.policy().rolling()) continue;
      Blocked blocked = blocked(now, spec);
      if (blocked == null) continue;
      ProgramSpec oldSpec = before.desired().specs().get(spec.name());
      boolean isNewDaemon = before.version() == 0; // the one before may have died with it untold
      if (isNewDaemon || oldSpec == null || !blocked.equals(blocked(then, oldSpec))) all.add(blocked);
    }
  }

  /** Of the first instance that waits for what will not come by itself. */
  private static @Nullable Blocked blocked(Moment moment, ProgramSpec spec) {
    Desired.Wanted wanted = moment.desired.wanted(spec);
    boolean allWait = false;
    for (int index = 0; index < wanted.count(); index++) {
      if (!wanted.is(index)) continue;
      Instance it = moment.observed.program(spec.name()).instance(index);
      if (it != null && it.isUp()) {
        if (allWait) continue; // for the same
        Rolls.Wait wait = moment.turn(spec, it);
        if (wait != null && wait.forGood()) return new Blocked(it.id(), wait.why());
        allWait = wait != null;
        continue;
      }
      boolean waits = it == null || it.isDown() && !isSettled(Phases.verdict(moment.desired, spec, it));
      Gate.Shut shut = waits ? moment.gate.shut(spec) : null;
      if (shut != null && shut.forGood()) return new Blocked(new InstanceId(spec.name(), index), shut.why());
    }
    return null;
  }

  private static boolean isSettled(Verdict verdict) {
    return verdict instanceof Verdict.Done || verdict instanceof Verdict.GivenUp;
  }

  private static void phases(
      Snapshot before, Snapshot after, Moment now, ProgramSpec spec, ProgramObserved oldFacts, ProgramObserved facts, List<Transition> all) {
    boolean sameWishes = before.desired() == after.desired();
    ProgramSpec oldSpec = sameWishes ? spec : before.desired().specs().get(spec.name());
    for (Instance it : facts.instances()) {
      Instance old = facts == oldFacts ? it : oldFacts.instance(it.id().index());
      if (sameWishes && it == old && !getsRunning(spec, it, before.at(), after.at())) continue;
      Phase from = oldSpec == null ? Phase.STOPPED : Phases.phase(before.desired(), oldSpec, it.id(), old, before.at());
      phase(now, spec, it, old, from, all);
    }
  }

  /** The one way in which time alone changes a phase. */
  private static boolean getsRunning(ProgramSpec spec, Instance it, MonoTime from, MonoTime to) {
    if (!(it.life() instanceof Life.Up up)) return false;
    MonoTime running = up.run().runningAt(spec.policy());
    return !from.reached(running) && to.reached(running);
  }

  private static void phase(
      Moment now, ProgramSpec spec, Instance it, @Nullable Instance old, Phase from, List<Transition> all) {
    Phase to = Phases.phase(now.desired, spec, it.id(), it, now.now);
    End end = it.lastEnd();
    boolean newEnd = end != null && (old == null || old.lastEnd() == null || old.lastEnd().run() != end.run());
    if (from == to && !newEnd) return;
    String reason = Phases.shown(now, spec, it.id(), it).reason();
    if (from != to) all.add(new PhaseChanged(it.id(), from, to, reason));
    if (to == Phase.BACKOFF && end != null && newEnd) all.add(new BackedOff(it.id(), end, reason));
    if (to == Phase.FATAL) all.add(new Failed(it.id(), end, reason));
  }

  private static void forEachChanged(Observed before, Observed after, Pairs action) {
    Programs.forEachChange(before.programs(), after.programs(), (name, old, program) -> {
      for (Instance it : program.instances()) {
        Instance was = old.instance(it.id().index());
        if (was != it) action.accept(was, it);
      }
    });
  }

  interface Pairs {
    void accept(@Nullable Instance before, Instance after);
  }
}
