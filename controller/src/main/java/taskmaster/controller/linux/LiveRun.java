package taskmaster.controller.linux;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.controller.core.Run;

/** One run as the kernel layer knows it. */
final class LiveRun {
  private final InstanceId id;
  private final long run;
  private final Run.First leader;
  private final boolean adopted;
  private final Map<Integer, Long> seen = new HashMap<>();
  private final Map<Integer, Integer> watched = new HashMap<>();
  private int pid;
  private long born;
  private int group;
  private @Nullable Exit exit;
  private boolean ending;
  private boolean hasWarned;
  private boolean hasToldOfMove;

  /**
   * @param leader of its session: what was started; its pid is 0 where that is not known
   * @param pid of its main process: the leader, until the run says otherwise
   * @param born when the main process was started: with the pid it names it for good
   * @param adopted started by an earlier daemon: it is not our child, and what it leaves behind does not become ours
   */
  LiveRun(InstanceId id, long run, Run.First leader, int pid, long born, boolean adopted) {
    this.id = id;
    this.run = run;
    this.leader = leader;
    this.pid = pid;
    this.born = born;
    this.group = leader.pid();
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

  int leader() {
    return leader.pid();
  }

  boolean hasMoved() {
    return pid != leader.pid();
  }

  /** Another process is the main process from now on. */
  void moveTo(ProcFs.Stat main) {
    pid = main.pid();
    born = main.startTime();
    group = main.pgrp();
  }

  /** The main process's group, as far as we have looked. */
  int group() {
    return group;
  }

  void setGroup(int seen) {
    group = seen;
  }

  boolean isAdopted() {
    return adopted;
  }

  boolean isOf(PipeName pipe) {
    return pipe.id().equals(id) && pipe.run() == run;
  }

  /** Whether that is its main process; not where the pid has gone to another meanwhile. */
  boolean is(ProcFs.Stat stat) {
    return stat.pid() == pid && stat.startTime() == born;
  }

  boolean isLedBy(ProcFs.Stat stat) {
    return stat.pid() == leader.pid() && stat.startTime() == leader.born();
  }

  /** A signal to end it went out. */
  boolean isEnding() {
    return ending || exit != null;
  }

  void setEnding() {
    ending = true;
  }

  /** Once: who says the same nonsense without end does not fill the log. */
  boolean mayWarn() {
    boolean first = !hasWarned;
    hasWarned = true;
    return first;
  }

  /** Once, likewise. */
  boolean mayTellOfMove() {
    boolean first = !hasToldOfMove;
    hasToldOfMove = true;
    return first;
  }

  /** Leader and main process stay unreaped until nothing is left, so that their ids are not reused. */
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
