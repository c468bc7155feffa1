package taskmaster.controller.core;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Check;
import taskmaster.api.Checks;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;

/** Which probes of a run are due. */
final class Asking {
  private final ProgramSpec spec;
  private final InstanceId id;
  private final Life.Up up;
  private final MonoTime now;
  private final Consumer<MonoTime> wake;

  private Asking(ProgramSpec spec, InstanceId id, Life.Up up, MonoTime now, Consumer<MonoTime> wake) {
    this.spec = spec;
    this.id = id;
    this.up = up;
    this.now = now;
    this.wake = wake;
  }

  /** @param wake hears when time alone will ask for more */
  static List<Action> of(ProgramSpec spec, InstanceId id, Life.Up up, MonoTime now, Consumer<MonoTime> wake) {
    Checks checks = up.checks(spec);
    if (checks.ready() == null && checks.health() == null) return List.of();
    return new Asking(spec, id, up, now, wake).actions(checks);
  }

  private List<Action> actions(Checks checks) {
    List<Action> due = new ArrayList<>(2);
    if (checks.ready() != null) add(due, plan(Checks.Kind.READY, checks.ready(), up.run().startedAt()));
    MonoTime from = healthFrom();
    if (checks.health() != null && from != null) add(due, plan(Checks.Kind.HEALTH, checks.health(), from));
    return due;
  }

  private static void add(List<Action> due, @Nullable Action action) {
    if (action != null) due.add(action);
  }

  /** A program that is still coming up is not asked for its health; null: something has to happen first. */
  private @Nullable MonoTime healthFrom() {
    if (up.findings().health().number() > 0) return up.run().startedAt();
    MonoTime ready = Gate.readyAt(spec, up, now);
    return ready.equals(MonoTime.NEVER) ? null : ready;
  }

  private @Nullable Action plan(Checks.Kind kind, Check check, MonoTime from) {
    Finding finding = up.findings().of(kind);
    boolean heard = check.probe().isHeard();
    boolean isOnce = heard && kind == Checks.Kind.READY;
    boolean isAnother = finding.askedAt() != null && !finding.isAbout(check.probe());
    // the file asks otherwise now: nobody waits for the old answer
    if (isAnother && finding.isUnderWay()) return probe(kind, check, finding);
    if (finding.isUnderWay()) return giveUp(kind, check, finding);
    if (isOnce && finding.about(check).passes()) return null;
    MonoTime first = later(from, up.run().startedAt().plus(check.initialDelay()));
    MonoTime asked = finding.askedAt();
    // a beat is waited for from the last one on
    MonoTime next = asked == null ? first : heard ? now : asked.plus(check.interval());
    if (now.reached(next)) return probe(kind, check, finding);
    wake.accept(next);
    return null;
  }

  private Action probe(Checks.Kind kind, Check check, Finding last) {
    return new Action.Probe(id, up.run().number(), kind, last.number() + 1, check, up.run().spec().shape());
  }

  private @Nullable Action giveUp(Checks.Kind kind, Check check, Finding finding) {
    MonoTime asked = finding.askedAt();
    MonoTime until = asked == null ? now : asked.plus(check.timeout());
    if (now.reached(until)) return new Action.GiveUp(id, up.run().number(), kind, finding.number(), check);
    wake.accept(until);
    return null;
  }

  private static MonoTime later(MonoTime a, MonoTime b) {
    return a.reached(b) ? a : b;
  }
}
