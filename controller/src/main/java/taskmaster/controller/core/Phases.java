package taskmaster.controller.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Durations;
import taskmaster.api.InstanceId;
import taskmaster.api.Phase;
import taskmaster.api.Policy;
import taskmaster.api.ProgramSpec;
import taskmaster.api.ProgramType;
import taskmaster.api.Stopping;

/** What a person is shown of an instance: its phase and the reason for it, derived from spec, facts and time. */
public final class Phases {
  private Phases() {}

  /** @param reason empty where the phase says it all */
  public record Shown(Phase phase, String reason) {}

  /** @param it null if nothing is known of this place */
  public static Phase phase(Desired desired, ProgramSpec spec, InstanceId id, @Nullable Instance it, MonoTime now) {
    if (it == null) return isWanted(desired, spec, id) ? Phase.STARTING : Phase.STOPPED;
    return switch (it.life()) {
      case Life.Up up -> now.reached(up.run().runningAt(spec.policy())) ? Phase.RUNNING : Phase.STARTING;
      case Life.Dying d -> Phase.STOPPING;
      case Life.Down() -> {
        if (!isWanted(desired, spec, id)) yield Phase.STOPPED;
        yield switch (verdict(desired, spec, it)) {
          case Verdict.Start s -> Phase.STARTING;
          case Verdict.Retry r -> Phase.BACKOFF;
          case Verdict.Done d -> Phase.EXITED;
          case Verdict.GivenUp g -> Phase.FATAL;
        };
      }
    };
  }

  static Shown shown(Moment moment, ProgramSpec spec, InstanceId id, @Nullable Instance it) {
    Phase phase = phase(moment.desired, spec, id, it, moment.now);
    return new Shown(phase, reason(phase, moment, spec, id, it));
  }

  private static String reason(Phase phase, Moment moment, ProgramSpec spec, InstanceId id, @Nullable Instance it) {
    return switch (phase) {
      case RUNNING -> it != null && it.life() instanceof Life.Up up ? living(moment, spec, it, up) : "";
      case STARTING -> {
        if (it != null && it.life() instanceof Life.Up up) yield living(moment, spec, it, up);
        Gate.Shut shut = moment.gate.shut(spec);
        yield shut == null ? "" : shut.why();
      }
      case STOPPED -> {
        if (moment.desired.wish(id.program()).wantOf(id.index()) == Want.STOP) yield "by an operator";
        yield it == null || it.lastEnd() == null ? "not started" : "";
      }
      case EXITED -> {
        End end = it == null ? null : it.lastEnd();
        if (end == null) yield "";
        boolean expected = Verdict.expected(spec.policy(), end);
        if (expected && spec.policy().type() == ProgramType.JOB) yield "completed, " + how(end);
        yield how(end) + (expected ? ", expected" : ", not expected");
      }
      case STOPPING -> it != null && it.life() instanceof Life.Dying d ? stopping(spec.policy(), d, moment.now) : "";
      case BACKOFF, FATAL -> it != null && it.lastEnd() != null ? failing(moment, spec, it, it.lastEnd()) : "";
    };
  }

  private static String living(Moment moment, ProgramSpec spec, Instance it, Life.Up up) {
    Finding health = up.health(spec);
    List<String> all = new ArrayList<>();
    all.add(health.fails() ? "unhealthy" + detail(health) : notReady(spec, up));
    Rolls.Wait wait = moment.turn(spec, it);
    if (wait != null) all.add(wait.why());
    if (!health.fails()) all.add(up.findings().says());
    all.removeIf(String::isEmpty);
    return String.join(", ", all);
  }

  /** Empty where it is, or nobody asks. */
  static String notReady(ProgramSpec spec, Life.Up up) {
    Finding ready = up.ready(spec);
    return up.checks(spec).ready() == null || ready.passes() ? "" : "not ready" + detail(ready);
  }

  private static String detail(Finding finding) {
    return finding.detail().isEmpty() ? "" : ": " + finding.detail();
  }

  private static String stopping(Policy policy, Life.Dying d, MonoTime now) {
    String who = d.ended() == null ? "" : d.remains() + " left behind, ";
    if (d.killSentAt() != null) return who + "KILL sent";
    MonoTime first = d.toldAt();
    if (first == null) return who + "main process ended with " + (d.ended() == null ? "?" : d.ended().exit());
    int sent = Math.max(1, Math.min(d.steps(), policy.stopping().steps().size()));
    boolean last = d.ended() != null || sent == policy.stopping().steps().size();
    MonoTime due = d.ended() == null ? d.nextStepAt(policy.stopping()) : null;
    MonoTime at = due != null ? due : first.plus(policy.stopping().time());
    Secrets secrets = Secrets.of(d.run().spec().shape().env());
    String next = last ? "KILL" : secrets.step(policy.stopping().steps().get(sent));
    String in = now.reached(at) ? "now" : "in " + Durations.show(at.since(now));
    Stopping.Step step = policy.stopping().steps().get(sent - 1);
    if (d.ended() != null && d.restSentAt() != null) return who + policy.stopping().firstSignal() + " sent, " + next + " " + in;
    String done = secrets.step(step) + (step instanceof Stopping.Send ? " sent" : d.trouble().isEmpty() ? " run" : " failed: " + d.trouble());
    return who + (d.unhealthy() ? "unhealthy, " : "") + done + ", " + next + " " + in;
  }

  private static String failing(Moment moment, ProgramSpec spec, Instance it, End end) {
    MonoTime now = moment.now;
    String what =
        switch (end.how()) {
          case End.Refused(String why) -> "cannot start: " + why;
          case End.Exited(var exit) -> {
            if (end.cause() == End.Cause.UNHEALTHY) yield "unhealthy, stopped with " + exit;
            if (spec.policy().type() == ProgramType.JOB) yield "failed, " + exit;
            yield (Verdict.failedToStart(spec.policy(), end) ? "exited too quickly, " : "exited, ") + exit;
          }
        };
    return what
        + switch (verdict(moment.desired, spec, it)) {
          case Verdict.GivenUp(int n) -> ", gave up after " + retries(n - 1);
          case Verdict.Retry(MonoTime at, Series s) -> {
            Gate.Shut shut = now.reached(at) ? moment.gate.shut(spec) : null;
            if (shut != null) yield ", " + shut.why();
            yield now.reached(at) ? ", retry now" : ", retry in " + Durations.show(at.since(now));
          }
          case Verdict.Start s -> "";
          case Verdict.Done d -> "";
        };
  }

  private static String retries(int n) {
    return n == 0 ? "1 attempt" : n == 1 ? "1 retry" : n + " retries";
  }

  /** "code 1", "signal KILL", "cannot start: …". */
  public static String how(End end) {
    return switch (end.how()) {
      case End.Exited(var exit) -> exit.toString();
      case End.Refused(String why) -> "cannot start: " + why;
    };
  }

  static Verdict verdict(Desired desired, ProgramSpec spec, Instance it) {
    return Verdict.of(spec.policy(), it.lastEnd(), desired.wish(spec.name()).of(it.id().index()).forgiven());
  }

  private static boolean isWanted(Desired desired, ProgramSpec spec, InstanceId id) {
    return desired.specs().containsKey(spec.name()) && desired.wants(spec, id.index());
  }
}
