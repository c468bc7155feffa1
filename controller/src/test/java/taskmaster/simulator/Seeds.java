package taskmaster.simulator;

import org.jspecify.annotations.Nullable;

/** One seed after the other. */
public final class Seeds {
  private Seeds() {}

  /** "17 | rule" where the 17th seed broke that rule; null where none broke any. */
  public static @Nullable String firstBreach(long first, long count) {
    for (long i = 0; i < count; i++) {
      String breach = Simulation.run(Schedule.of(first + i)).breach();
      if (breach != null) return (i + 1) + " | " + breach.replaceAll("[0-9]+", "N");
    }
    return null;
  }
}
