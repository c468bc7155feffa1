package taskmaster.simulator;

/**
 * One thing that happens. Its numbers mean what they find (the a-th program, modulo how many there are), so that every
 * step still makes sense when others are taken away.
 *
 * @param delayMillis virtual time that passes before
 */
record Step(int delayMillis, Kind kind, int a, int b) {
  enum Kind {
    START,
    STOP,
    RESTART,
    START_ONE,
    STOP_ONE,
    SCALE,
    SIGNAL,
    /** A program gets the signal that the file has for that. */
    RELOAD_PROGRAM,
    /** Commands that contradict each other, all before the next tick. */
    STORM,
    /** Of the a-th group: start, stop or restart (b modulo 3). */
    GROUP,
    /** A program, and what depends on it first. */
    STOP_ALONG,
    RELOAD,
    RELOAD_SYNC,
    /** The file changes and nobody says reload. */
    EDIT,
    /** The file is no good, and somebody says reload. */
    BAD_FILE,
    EXIT,
    SEGFAULT,
    FORK,
    /** From here on spawns of a program are refused, with errno number b; 0 ends that. */
    REFUSE,
    /** From here on a program's new processes ignore TERM; 0 ends that. */
    DEAF,
    /** Exits are told this many milliseconds late. */
    LATE_EXITS,
    REPEAT_EXITS,
    SHUFFLE_EXITS,
    STALE_EVENTS,
    LOSE_WAKE_UPS,
    /** From here on a program's probes are answered badly, late, twice, or not at all (b modulo 5); 0 ends that. */
    PROBES,
    /** From here on a program's processes say nothing of themselves; b even ends that. */
    SILENCE,
    /** Freed pids are given to strangers at once. */
    REUSE_PIDS,
    /** The daemon dies at its a-th next call of kernel or disk; b says whether before or after it, and how torn. */
    KILL_DAEMON
  }

  @Override
  public String toString() {
    return "+" + delayMillis + "ms " + kind + " " + a + " " + b;
  }
}
