package taskmaster.simulator;

/** Counts the daemon's calls of kernel and disk, and lets it die at the one that is meant. */
final class Fate {
  /** Not an exception: nothing in the daemon may survive it. */
  static final class Died extends Error {
    private static final long serialVersionUID = 1L;

    Died() {
      super("the daemon was killed", null, false, false);
    }
  }

  private int callsLeft = -1;
  private boolean beforeTheCall;

  void dieIn(int calls, boolean before) {
    callsLeft = calls;
    beforeTheCall = before;
  }

  void live() {
    callsLeft = -1;
  }

  void before() {
    if (callsLeft < 0) return;
    if (callsLeft == 0 && beforeTheCall) throw new Died();
  }

  void after() {
    if (callsLeft < 0) return;
    if (callsLeft-- == 0) throw new Died();
  }
}
