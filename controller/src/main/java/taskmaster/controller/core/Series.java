package taskmaster.controller.core;

/**
 * What came right before a run, so that its own end can be judged.
 *
 * @param failedStarts runs in a row that ended before they were RUNNING, or could not be started
 * @param quickDeaths runs in a row that lived less than {@code backoff.reset_after}
 */
public record Series(int failedStarts, int quickDeaths) {
  public static final Series NONE = new Series(0, 0);
}
