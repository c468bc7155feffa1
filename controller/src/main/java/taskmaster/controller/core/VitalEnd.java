package taskmaster.controller.core;

import java.util.Optional;
import taskmaster.api.InstanceId;
import taskmaster.api.Policy;
import taskmaster.api.ProgramSpec;
import taskmaster.api.ProgramType;
import taskmaster.api.Vital;

/**
 * A program without which the daemon is not to go on has ended.
 *
 * @param reason "web:0 is FATAL: …"
 * @param expected it did what it should
 */
public record VitalEnd(InstanceId id, String reason, boolean expected) {
  public static Optional<VitalEnd> in(Snapshot snapshot) {
    if (snapshot.desired().ending() != Desired.Ending.NO) return Optional.empty();
    for (ProgramSpec spec : snapshot.desired().specs().values()) {
      Vital vital = spec.policy().vital();
      if (!vital.onFatal() && !vital.onExit()) continue;
      for (Instance it : snapshot.observed().program(spec.name()).instances()) {
        Optional<VitalEnd> end = of(snapshot, spec, it);
        if (end.isPresent()) return end;
      }
    }
    return Optional.empty();
  }

  private static boolean isSuccess(Policy policy, End end) {
    boolean failedToStart = policy.type() == ProgramType.SERVICE && Verdict.failedToStart(policy, end);
    return Verdict.expected(policy, end) && !failedToStart;
  }

  private static Optional<VitalEnd> of(Snapshot snapshot, ProgramSpec spec, Instance it) {
    End end = it.lastEnd();
    if (end == null || !it.isDown() || !snapshot.desired().wants(spec, it.id().index())) return Optional.empty();
    String reason = Phases.shown(Moment.of(snapshot, snapshot.at()), spec, it.id(), it).reason();
    return switch (Phases.verdict(snapshot.desired(), spec, it)) {
      case Verdict.GivenUp g -> Optional.of(new VitalEnd(it.id(), it.id() + " is FATAL: " + reason, false));
      case Verdict.Done d when spec.policy().vital().onExit() ->
          Optional.of(new VitalEnd(it.id(), it.id() + " has ended: " + reason, isSuccess(spec.policy(), end)));
      case Verdict.Done d -> Optional.empty();
      case Verdict.Start s -> Optional.empty();
      case Verdict.Retry r -> Optional.empty();
    };
  }
}
