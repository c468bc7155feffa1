package taskmaster.controller.core;

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
    this.rolls = new Rolls(observed, now);
    this.gate = new Gate(desired, observed, now, rolls);
  }

  static Moment of(Snapshot snapshot, MonoTime now) {
    return new Moment(snapshot.desired(), snapshot.observed(), now);
  }
}
