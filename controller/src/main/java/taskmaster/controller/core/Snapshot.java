package taskmaster.controller.core;

/**
 * Everything the loop knows, as of one tick; immutable, so that anybody may read it.
 *
 * @param version counts the changes; a later snapshot never has a smaller one
 */
public record Snapshot(Desired desired, Observed observed, MonoTime at, long version) {
  /** What is known before the first tick. */
  public static Snapshot of(Recovery.Recovered recovered, MonoTime at) {
    return new Snapshot(recovered.desired(), recovered.observed(), at, 0);
  }
}
