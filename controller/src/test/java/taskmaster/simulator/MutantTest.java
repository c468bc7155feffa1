package taskmaster.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The simulator bites: each bug that one could have written is caught, by a rule and not by chance. */
class MutantTest {
  private static final int MOST_SEEDS = 10_000;
  private static final String CORE = "taskmaster.controller.core.";
  private static final String ROOT = "taskmaster.controller.";

  static Stream<MutantLoader.Mutation> mutations() {
    return Stream.of(
        in("core.Fold", "core.Fold", "ended", "foldForgetsAnExit"),
        in("core.Fold", "core.Fold", "current", "foldTakesEventsOfOtherRuns"),
        in("core.Fold", "core.Event$Exited", "exit", "foldMisreadsExits"),
        in("Loop", "kernel.Kernel", "reap", "foldBelievesThatNothingIsLeft"),
        in("core.WhyEnd", "core.Wish$OfInstance", "replaced", "plannerIgnoresRestarts"),
        in("core.Planner", "core.Planner", "killAt", "plannerNeverKills"),
        in("core.Planner", "core.ProgramObserved", "from", "plannerKeepsWhatIsTooMany"),
        in("core.Planner", "core.Planner", "planRemoved", "plannerForgetsRemovedPrograms"),
        in("core.WhyEnd", "core.Rolls", "wait", "turnsAreNotAwaited"),
        in("core.WhyEnd", "core.Rolls", "wait", "turnsNeverCome"),
        in("core.Rolls", "core.Gate", "readyAt", "turnsComeTooSoon"),
        new MutantLoader.Mutation(CORE + "Run", "taskmaster.api.Shape", "equals", "plannerOverlooksAnotherShape"),
        in("core.AtRest", "core.Desired$Wanted", "isSame", "plannerRestsThroughChanges"),
        in("core.Planner", "core.Gate", "opensAt", "gatesAreOpen"),
        in("core.Gate", "core.Finding", "passes", "readinessIsNotAwaited"),
        in("core.Planner", "core.Planner", "mustWaitForDependents", "stopOrderIsNotAwaited"),
        in("core.Dependents", "core.Desired", "retired", "removedDependentsAreForgotten"),
        in("linux.Heard", "core.Action$Probe", "run", "wordsOfAnotherRunCount"),
        new MutantLoader.Mutation(ROOT + "linux.Heard", "java.util.Set", "contains", "earlyWordsAreForgotten"),
        in("core.Asking", "core.Asking", "giveUp", "silenceIsNotNoticed"),
        in("core.VitalEnd", "core.VitalEnd", "of", "vitalEndIsIgnored"),
        in("core.VitalEnd", "core.Phases", "verdict", "vitalEndsAtItsFirstFailure"),
        new MutantLoader.Mutation(CORE + "Verdict", "taskmaster.api.Policy", "vital", "vitalIsStartedAgain"),
        in("core.Planner", "core.MonoTime", "earlierOf", "plannerSleepsThroughDeadlines"),
        in("core.Desired$Wanted", "core.Wish", "wantOf", "stopIsNotHeard"),
        new MutantLoader.Mutation(CORE + "Verdict", "taskmaster.api.Backoff", "resetAfter", "backoffIsNotReset"),
        in("core.Verdict", "core.Verdict", "delay", "backoffHasNoFloor"),
        new MutantLoader.Mutation(CORE + "Verdict", "taskmaster.api.Policy", "startretries", "retriesAreNotCounted"),
        in("core.Reload", "core.Desired", "wish", "reloadForgetsOperators"),
        in("core.Transition", "core.Transition", "exitIsKnown", "endsAreNotTold"),
        in("alerts.Missed", "alerts.Missed$Written", "misses", "alertsAreToldTwice"),
        in("Adoption", "kernel.Kernel", "adopt", "adoptionIgnoresTheStartTime"),
        in("Adoption", "kernel.Kernel", "sightings", "adoptionLooksForNothing"),
        in("Loop", "kernel.Journal", "append", "recordsLackIntents"),
        in("Loop", "kernel.Journal", "append", "recordsLackWishes"),
        in("Loop", "kernel.Journal", "append", "recordsLackFacts"),
        in("state.RecordWriter", "core.Instance", "lastEnd", "recordsLackEnds"),
        in("core.Fold", "core.Run", "movedTo", "mainsDoNotMove"),
        in("core.Run", "core.Run", "leader", "movesForgetTheFirst"),
        in("Loop", "kernel.Journal", "append", "recordsLackMoves"),
        in("core.Planner", "core.Planner", "planRequested", "requestsAreForgotten"),
        in("core.Fold", "core.Instance", "signalled", "requestsAreRepeated"),
        new MutantLoader.Mutation(CORE + "Commands", "taskmaster.api.Policy", "reloadSignal", "reloadsSendAnotherSignal"));
  }

  private static MutantLoader.Mutation in(String in, String owner, String method, String by) {
    return new MutantLoader.Mutation(ROOT + in, ROOT + owner, method, by);
  }

  @ParameterizedTest
  @MethodSource("mutations")
  void is_caught(MutantLoader.Mutation mutation) throws Exception {
    MutantLoader loader = new MutantLoader(mutation);
    Method run = loader.loadClass("taskmaster.simulator.Seeds").getMethod("firstBreach", long.class, long.class);
    Object caught = run.invoke(null, 1L, (long) MOST_SEEDS);
    assertThat(loader.changed()).as("places that the mutation changed").isPositive();
    assertThat(caught).as("%s is caught", mutation.by()).isNotNull();
    System.out.printf("| %s | %s |%n", mutation.by(), caught);
  }

  @Test
  void nothing_is_caught_where_nothing_is_changed() throws Exception {
    MutantLoader loader = new MutantLoader(new MutantLoader.Mutation("none", "none", "none", "none"));
    Method run = loader.loadClass("taskmaster.simulator.Seeds").getMethod("firstBreach", long.class, long.class);
    assertThat(run.invoke(null, 1L, 100L)).isNull();
    assertThat(List.of(loader.changed())).containsExactly(0);
  }
}
