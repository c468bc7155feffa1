package taskmaster.controller.core;

import org.jspecify.annotations.Nullable;
import taskmaster.api.InstanceId;

/**
 * All facts about one instance.
 *
 * @param lastEnd of its latest run that is over
 * @param spawns how many runs it has had
 * @param signalled number of the last operator's signal that was carried out
 */
public record Instance(InstanceId id, Life life, @Nullable End lastEnd, int spawns, long signalled) {
  private static final Life DOWN = new Life.Down();

  static Instance fresh(InstanceId id) {
    return new Instance(id, DOWN, null, 0, 0);
  }

  Instance with(Life next) {
    return new Instance(id, next, lastEnd, spawns, signalled);
  }

  Instance up(Run run) {
    return new Instance(id, new Life.Up(run, Findings.NONE), lastEnd, spawns + 1, signalled);
  }

  Instance down(End end) {
    return new Instance(id, DOWN, end, spawns, signalled);
  }

  Instance signalled(long request) {
    return new Instance(id, life, lastEnd, spawns, Math.max(signalled, request));
  }

  /** Whether answers came that have decided nothing: who takes over asks anew. */
  boolean differsByProbesAlone(Instance other) {
    if (!(life instanceof Life.Up(Run run, Findings mine)) || !(other.life instanceof Life.Up(Run otherRun, Findings theirs))) return false;
    boolean sameElse = run == otherRun && lastEnd == other.lastEnd && spawns == other.spawns && signalled == other.signalled;
    return sameElse && mine.concluded().equals(theirs.concluded());
  }

  /** The run it has now, or null. */
  public @Nullable Run run() {
    return switch (life) {
      case Life.Down() -> null;
      case Life.Up up -> up.run();
      case Life.Dying dying -> dying.run();
    };
  }

  /** The number of its current or else its last run, 0 before the first. */
  public long latestRun() {
    Run run = run();
    return run != null ? run.number() : lastEnd != null ? lastEnd.run() : 0;
  }

  public boolean isDown() {
    return life instanceof Life.Down;
  }

  public boolean isUp() {
    return life instanceof Life.Up;
  }
}
