package taskmaster.controller.linux;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;

/** One run as the kernel layer knows it. */
final class LiveRun {
  private final InstanceId id;
  private final long run;
  private final int pid;
  private final long born;
  private final boolean adopted;
  private final Map<Integer, Long> seen = new HashMap<>();
  private final Map<Integer, Integer> watched = new HashMap<>();
  private @Nullable Exit exit;

  /**
   * @param pid of its main process, which leads its session; 0 where that is not known
   * @param born when the main process was started: with the pid it names it for good
   * @param adopted started by an earlier daemon: it is not our child, and what it leaves behind does not become ours
   */
  LiveRun(InstanceId id, long run, int pid, long born, boolean adopted) {
    this.id = id;
    this.run = run;
    this.pid = pid;
    this.born = born;
    this.adopted = adopted;
  }

  InstanceId id() {
    return id;
  }

  long run() {
    return run;
  }

  int pid() {
    return pid;
  }

  long born() {
    return born;
  }

  boolean isAdopted() {
    return adopted;
  }

  boolean isOf(PipeName pipe) {
    return pipe.id().equals(id) && pipe.run() == run;
  }

  /** Not where the pid has gone to another process meanwhile. */
  boolean is(ProcFs.Stat stat) {
    return stat.pid() == pid && stat.startTime() == born;
  }

  /** The main process stays unreaped until nothing is left, so that its group's id is not reused. */
  boolean hasEnded() {
    return exit != null;
  }

  void ended(Exit how) {
    exit = how;
  }

  /** Descendants seen before a signal went out, by pid, with their start times. */
  Map<Integer, Long> seen() {
    return seen;
  }

  /** The pidfds of the main process and of those that it left behind, by pid. */
  Map<Integer, Integer> watched() {
    return watched;
  }
}
