package taskmaster.controller.core;

import org.jspecify.annotations.Nullable;
import taskmaster.api.Check;
import taskmaster.api.Probe;

/**
 * What one check of a run has come to.
 *
 * @param number of the last probe, 0 before the first
 * @param askedAt when that was begun
 * @param answeredAt when it was answered; null while it is under way
 * @param goods good answers in a row
 * @param bads bad answers in a row
 * @param detail of the last bad answer
 * @param probe that was begun last, by an earlier daemon perhaps; null where none was or nobody wrote it down
 */
public record Finding(
    long number, @Nullable MonoTime askedAt, @Nullable MonoTime answeredAt, int goods, int bads, Conclusion conclusion, String detail, @Nullable Probe probe) {
  public static final Finding NONE = new Finding(0, null, null, 0, 0, Conclusion.OPEN, "", null);

  public enum Conclusion {
    OPEN,
    PASSING,
    FAILING
  }

  public boolean passes() {
    return conclusion == Conclusion.PASSING;
  }

  public boolean fails() {
    return conclusion == Conclusion.FAILING;
  }

  /** What is left of it when nobody is there to hear the answer. */
  public Finding concluded() {
    // an open one is about nothing, so that beginning to ask is nothing to write down
    return new Finding(0, null, null, 0, 0, conclusion, fails() ? detail : "", conclusion == Conclusion.OPEN ? null : probe);
  }

  boolean isUnderWay() {
    return askedAt != null && answeredAt == null;
  }

  /** What it says about this check: what was answered to another probe says nothing. */
  Finding about(Check check) {
    return isAbout(check.probe()) ? this : new Finding(number, null, null, 0, 0, Conclusion.OPEN, "", null);
  }

  boolean isAbout(Probe other) {
    return probe == null || probe.equals(other);
  }

  Finding asked(long next, MonoTime at, Probe by) {
    if (!isAbout(by)) return new Finding(next, at, null, 0, 0, Conclusion.OPEN, "", by);
    return new Finding(next, at, null, goods, bads, conclusion, detail, by);
  }

  Finding good(Check check, MonoTime at) {
    int inRow = goods + 1;
    boolean passes = passes() || inRow >= check.successes();
    return new Finding(number, askedAt, at, inRow, 0, passes ? Conclusion.PASSING : conclusion, passes ? "" : detail, probe);
  }

  Finding bad(Check check, MonoTime at, String why) {
    int inRow = bads + 1;
    return new Finding(number, askedAt, at, 0, inRow, inRow >= check.failures() ? Conclusion.FAILING : conclusion, why, probe);
  }
}
