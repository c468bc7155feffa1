package taskmaster.controller.core;

import org.jspecify.annotations.Nullable;
import taskmaster.api.ProgramSpec;

/** What should be, what is, and when: what follows from the three is worked out once, by whoever asks first. */
final class Moment {
  final Desired desired;
  final Observed observed;
  final MonoTime now;
  final Rolls rolls;
  final Gate gate;

  Moment(Desired desired, Observed observed, MonoTime now) {
    this.desired = desired;
    this.observed = observed;
    this.now = now;
    this.rolls = new Rolls(desired, observed, now);
    this.gate = new Gate(desired, observed, now, rolls);
  }

  static Moment of(Snapshot snapshot, MonoTime now) {
    return new Moment(snapshot.desired(), snapshot.observed(), now);
  }

  /** What one waits for that is to be replaced; null where it is not, or at once. */
  Rolls.@Nullable Wait turn(ProgramSpec spec, @Nullable Instance it) {
    if (it == null || !(it.life() instanceof Life.Up up)) return null;
    Rolls.Wait wait = rolls.wait(desired.wanted(spec), it, up);
    return wait == null || !wait.starts() ? wait : wait.with(gate.shut(spec));
  }
}
