package taskmaster.simulator;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Exit;
import taskmaster.controller.core.MonoTime;

/** What is known of one instance, over all daemons. */
final class Story {
  boolean stopped;
  /** A command about it was under way when a daemon died: it may have been heard or not. */
  boolean uncertain;
  boolean mayBeReplaced;
  boolean refusedLately;
  int failedStarts;
  int untouchedSpawns;
  int quickDeaths;
  @Nullable MonoTime stopSince;
  @Nullable MonoTime lastEnd;
  Duration lastLived = Duration.ZERO;
  /** The daemon may have heard of its end later, and take it to have lived longer. */
  boolean endedLate;
  boolean killed;
  boolean lastEndedByUs;
  /** What the dead daemon did to it may be in no record. */
  boolean daemonDiedSince;
  boolean signalledByOperator;
  /** A run up to this one must not live on. */
  long replacedUpTo;
  /** The same, and does not wait for a turn. */
  long replacedAtOnceUpTo;
  /** It has ended for good, by its policy, and a whole tick has seen that. */
  boolean done;
  boolean doneIsSeen;
  @Nullable Exit lastExit;
  /** The next daemon may not know how it ended, or a start has forgiven that. */
  boolean exitMayNotCount;
  /** Its last run has ended by itself or was refused, and nothing was said or done since. */
  boolean endStands;
  /** Failed starts in a row, refusals too; there may have been more before. */
  int failuresAtLeast;
  /** Ends and refusals since a daemon started it that knew that it had stopped it. */
  int failuresAtMost;
  Machine.@Nullable Tree last;

  /** Whatever was done with may be wanted again. */
  void wake() {
    done = false;
    doneIsSeen = false;
    endStands = false;
  }

  /** An operator, a reload or a daemon's death came between. */
  void touched() {
    failedStarts = 0;
    failuresAtLeast = 0;
    untouchedSpawns = 0;
    quickDeaths = 0;
  }

  /** The same, and nothing follows from when it last ended. */
  void begunAnew() {
    touched();
    lastEnd = null;
  }
}
