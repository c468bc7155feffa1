package taskmaster.simulator;

/** A rule that was broken; no exception, which the loop would survive. */
final class Breach extends Error {
  private static final long serialVersionUID = 1L;

  Breach(String rule, String what) {
    super(rule + ": " + what, null, false, false);
  }
}
