package taskmaster.controller.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Backoff;
import taskmaster.api.Check;
import taskmaster.api.Checks;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.Policy;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Signal;
import taskmaster.api.Vital;
import taskmaster.controller.alerts.Missed;
import taskmaster.controller.kernel.Journal;
import taskmaster.controller.kernel.Kernel;
import taskmaster.controller.kernel.Sighting;

/** Bugs that one could have written. Each stands in for the method of the same purpose; see MutantTest. */
@SuppressWarnings("unused")
public final class Mutants {
  private Mutants() {}

  static Instance foldForgetsAnExit(Instance it, Life.Ended ended) {
    return it.latestRun() % 3 == 0 ? it : it.with(Life.Dying.byItself(java.util.Objects.requireNonNull(it.run()), ended));
  }

  static @Nullable Instance foldTakesEventsOfOtherRuns(Observed.Editor editor, InstanceId id, long run) {
    Instance it = editor.find(id);
    return it == null || it.run() == null ? null : it;
  }

  static Exit foldMisreadsExits(Event.Exited e) {
    return new Exit.Code(0);
  }

  public static Event foldBelievesThatNothingIsLeft(Kernel kernel, Action.Reap action) {
    Event event = kernel.reap(action);
    return event instanceof Event.Remains r ? new Event.Gone(r.id(), r.run()) : event;
  }

  static long plannerIgnoresRestarts(Wish.OfInstance wish) {
    return 0;
  }

  static MonoTime plannerNeverKills(Planner planner, Policy policy, Life.Dying dying) {
    return MonoTime.NEVER;
  }

  static List<Instance> plannerKeepsWhatIsTooMany(ProgramObserved program, int places) {
    return List.of();
  }

  static void plannerForgetsRemovedPrograms(Planner planner, String name, ProgramObserved program) {}

  static boolean plannerOverlooksAnotherShape(taskmaster.api.Shape a, Object b) {
    return true;
  }

  static boolean plannerRestsThroughChanges(Desired.Wanted before, Desired.Wanted now) {
    return true;
  }

  static MonoTime gatesAreOpen(Gate gate, ProgramSpec spec) {
    return new MonoTime(0);
  }

  static boolean readinessIsNotAwaited(Finding finding) {
    return true;
  }

  static Rolls.@Nullable Wait turnsAreNotAwaited(Rolls rolls, Desired.Wanted wanted, Instance it, Life.Up up) {
    return null;
  }

  static Rolls.@Nullable Wait turnsNeverCome(Rolls rolls, Desired.Wanted wanted, Instance it, Life.Up up) {
    return wanted.spec().policy().rolling() ? new Rolls.Wait(it.id(), "", false, false) : null;
  }

  static MonoTime turnsComeTooSoon(ProgramSpec spec, Life.Up up, MonoTime now) {
    return now;
  }

  static boolean stopOrderIsNotAwaited(Planner planner, Desired.Wanted wanted) {
    return false;
  }

  static Map<String, ProgramSpec> removedDependentsAreForgotten(Desired desired) {
    return Map.of();
  }

  public static long wordsOfAnotherRunCount(Action.Probe probe) {
    return probe.run() - 1;
  }

  public static boolean earlyWordsAreForgotten(Set<Object> said, Object word) {
    return false;
  }

  static @Nullable Action silenceIsNotNoticed(Asking asking, Checks.Kind kind, Check check, Finding finding) {
    return null;
  }

  static Optional<VitalEnd> vitalEndIsIgnored(Snapshot snapshot, ProgramSpec spec, Instance it) {
    return Optional.empty();
  }

  static Verdict vitalEndsAtItsFirstFailure(Desired desired, ProgramSpec spec, Instance it) {
    Verdict verdict = Phases.verdict(desired, spec, it);
    return verdict instanceof Verdict.Retry ? new Verdict.GivenUp(1) : verdict;
  }

  static Vital vitalIsStartedAgain(Policy policy) {
    return Vital.NO;
  }

  static MonoTime plannerSleepsThroughDeadlines(MonoTime a, MonoTime b) {
    return MonoTime.NEVER;
  }

  static Want stopIsNotHeard(Wish wish, int index) {
    Want want = wish.wantOf(index);
    return want == Want.STOP ? Want.AS_FILED : want;
  }

  static Duration backoffIsNotReset(Backoff backoff) {
    return Duration.ofDays(1);
  }

  static Duration backoffHasNoFloor(Backoff backoff, int n) {
    return backoff.initial();
  }

  static int retriesAreNotCounted(Policy policy) {
    return Integer.MAX_VALUE;
  }

  static Wish reloadForgetsOperators(Desired desired, String program) {
    return Wish.NONE;
  }

  static boolean endsAreNotTold(@Nullable Instance it) {
    return true;
  }

  public static boolean alertsAreToldTwice(Map<Missed.Key, Integer> left, Missed.Key key) {
    return true;
  }

  public static Event adoptionIgnoresTheStartTime(Kernel kernel, InstanceId id, Run run, boolean ended) {
    Event event = kernel.adopt(id, run, ended);
    return event instanceof Event.Sighted s && s.born() != 0 ? new Event.Sighted(id, s.run(), run.born()) : event;
  }

  public static List<Sighting> adoptionLooksForNothing(Kernel kernel) {
    kernel.sightings();
    return List.of();
  }

  private static void append(Journal journal, Entry.Batch batch, Class<? extends Entry> without) {
    List<Entry> rest = new ArrayList<>(batch.entries());
    rest.removeIf(without::isInstance);
    journal.append(new Entry.Batch(batch.at(), batch.nextRun(), batch.kind(), rest));
  }

  public static void recordsLackIntents(Journal journal, Entry.Batch batch) {
    append(journal, batch, Entry.Intent.class);
  }

  public static void recordsLackWishes(Journal journal, Entry.Batch batch) {
    append(journal, batch, Entry.Wished.class);
  }

  public static void recordsLackFacts(Journal journal, Entry.Batch batch) {
    append(journal, batch, Entry.Known.class);
  }

  static Run mainsDoNotMove(Run run, int pid, long born) {
    return run;
  }

  static Run.First movesForgetTheFirst(Run run) {
    return new Run.First(run.pid(), run.born());
  }

  public static void recordsLackMoves(Journal journal, Entry.Batch batch) {
    List<Entry> entries = batch.entries().stream().map(Mutants::unmoved).toList();
    journal.append(new Entry.Batch(batch.at(), batch.nextRun(), batch.kind(), entries));
  }

  private static Entry unmoved(Entry entry) {
    Run run = entry instanceof Entry.Known(Instance known) ? known.run() : null;
    if (!(entry instanceof Entry.Known(Instance it)) || run == null) return entry;
    Run.First first = run.leader();
    Run before = new Run(run.number(), first.pid(), first.born(), run.startedAt(), run.spec(), run.series());
    return new Entry.Known(
        switch (it.life()) {
          case Life.Up up -> it.with(new Life.Up(before, up.findings()));
          case Life.Dying d -> it.with(d.moved(before));
          case Life.Down() -> it;
        });
  }

  static void requestsAreForgotten(Planner planner, Desired.SignalRequest request) {}

  static Instance requestsAreRepeated(Instance it, long request) {
    return it;
  }

  static @Nullable Signal reloadsSendAnotherSignal(Policy policy) {
    return policy.reloadSignal() == null ? null : Signal.of(12);
  }

  public static @Nullable End recordsLackEnds(Instance it) {
    return null;
  }
}
