package taskmaster.controller.linux;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;

/**
 * Whose process is whose. Everything that outlives its parent becomes our child (PR_SET_CHILD_SUBREAPER), so after a
 * main process has ended all that is left of its tree hangs below children of ours that we did not start: orphans.
 * An orphan's pid cannot be reused before we reap it.
 */
final class Runs {
  static final String MARK = "TASKMASTER_RUN";

  /** One run as the kernel layer knows it. */
  static final class Process {
    final InstanceId id;
    final long run;
    final int pid;
    final String mark;

    /** How the main process ended; it stays unreaped until nothing is left, so that its group's id is not reused. */
    @Nullable Exit exit;

    /** Descendants seen before a signal went out, by pid, with their start times. */
    final Map<Integer, Long> seen = new HashMap<>();

    /** What tells of the end of those that the main process left behind, by pid. */
    final Map<Integer, Watch> watched = new HashMap<>();

    Process(InstanceId id, long run, int pid, String mark) {
      this.id = id;
      this.run = run;
      this.pid = pid;
      this.mark = mark;
    }
  }

  /** A pidfd and the token that it is polled under. */
  record Watch(Process process, int pid, int fd, long token) {}

  private final Map<InstanceId, Process> byInstance = new LinkedHashMap<>();
  private final Map<Integer, Process> byPid = new HashMap<>();
  private final Map<Integer, Process> orphanOwners = new HashMap<>();
  private Set<Integer> nobodys = Set.of();
  private Set<Integer> lately = Set.of();

  void add(Process process) {
    byInstance.put(process.id, process);
    byPid.put(process.pid, process);
  }

  void remove(Process process) {
    byInstance.remove(process.id, process);
    byPid.remove(process.pid, process);
    orphanOwners.values().removeIf(owner -> owner == process);
  }

  @Nullable Process find(InstanceId id, long run) {
    Process process = byInstance.get(id);
    return process != null && process.run == run ? process : null;
  }

  Collection<Process> all() {
    return byInstance.values();
  }

  /** Remembers what descends from a run while its main process still holds the tree together. */
  void remember(Process process) {
    for (int pid : ProcFs.descendants(process.pid)) {
      ProcFs.stat(pid).ifPresent(stat -> process.seen.put(pid, stat.startTime()));
    }
  }

  /**
   * Everything of a run that is alive beside its main process.
   *
   * @param orphans our children that are none of our main processes, as of after its end
   */
  Map<Integer, ProcFs.Stat> survivors(Process process, List<Integer> orphans) {
    Set<Integer> candidates = new HashSet<>(process.seen.keySet());
    if (process.exit == null) candidates.addAll(ProcFs.descendants(process.pid));
    for (int orphan : orphans) {
      if (ownerOf(orphan, true) != process) continue;
      candidates.add(orphan);
      candidates.addAll(ProcFs.descendants(orphan));
    }
    Map<Integer, ProcFs.Stat> alive = new LinkedHashMap<>();
    for (int pid : candidates) {
      ProcFs.stat(pid)
          .filter(ProcFs.Stat::isAlive)
          .filter(stat -> process.seen.getOrDefault(pid, stat.startTime()) == stat.startTime())
          .ifPresent(stat -> alive.put(pid, stat));
    }
    return alive;
  }

  /** Our children that we did not start. */
  List<Integer> orphans() {
    return ProcFs.children("self").stream().filter(pid -> !byPid.containsKey(pid)).toList();
  }

  /**
   * Called now and then with all orphans. One that nothing ties to a run, and that was there at the last call already,
   * came from a program that still runs: it is not to be taken for what a later exit leaves behind.
   */
  void settle(List<Integer> orphans) {
    Set<Integer> untied = new HashSet<>();
    for (int orphan : orphans) if (ownerOf(orphan, false) == null) untied.add(orphan);
    nobodys = new HashSet<>(untied);
    nobodys.retainAll(lately);
    lately = untied;
  }

  void reaped(int orphan) {
    orphanOwners.remove(orphan);
  }

  private @Nullable Process ownerOf(int orphan, boolean guess) {
    Process known = orphanOwners.get(orphan);
    if (known != null) return known;
    Process owner = findOwner(orphan, guess && !nobodys.contains(orphan));
    if (owner != null) orphanOwners.put(orphan, owner);
    return owner;
  }

  private @Nullable Process findOwner(int orphan, boolean guess) {
    ProcFs.Stat stat = ProcFs.stat(orphan).orElse(null);
    if (stat == null) return null;
    for (Process p : byInstance.values()) {
      Long started = p.seen.get(orphan);
      if (started != null && started == stat.startTime()) return p;
    }
    Process bySession = byPid.get(stat.session());
    if (bySession != null) return bySession;
    Process byGroup = byPid.get(stat.pgrp());
    if (byGroup != null) return byGroup;
    String mark = ProcFs.variable(orphan, MARK).orElse(null);
    Process lastEnded = null;
    for (Process p : byInstance.values()) {
      if (p.mark.equals(mark)) return p;
      if (p.exit != null) lastEnded = p;
    }
    // no mark and no memory (it wiped its environment and left session and group): it came to us when its parent
    // ended, so it is that of a run whose main process has just ended
    return guess ? lastEnded : null;
  }
}
