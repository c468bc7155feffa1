package taskmaster.controller.linux;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import taskmaster.api.InstanceId;

/**
 * Whose process is whose. Everything that outlives its parent becomes our child (PR_SET_CHILD_SUBREAPER), so after a
 * main process has ended all that is left of its tree hangs below children of ours that we did not start: orphans.
 * An orphan's pid cannot be reused before we reap it.
 */
final class Runs {
  /** In the environment of what we start; a hint only, since a process may write over it. */
  static final String MARK = "TASKMASTER_RUN";

  private static final int SELF = (int) ProcessHandle.current().pid();

  private final String daemonId;
  private final Path pipes;

  private final Map<InstanceId, LiveRun> byInstance = new LinkedHashMap<>();
  private final Map<Integer, LiveRun> byPid = new HashMap<>();
  private final Map<Integer, LiveRun> orphanOwners = new HashMap<>();
  private final Map<Integer, Optional<PipeName>> claims = new HashMap<>();
  private final Set<Integer> commands = new HashSet<>();
  private @Nullable Boolean arePipes;
  private Set<Integer> nobodys = Set.of();
  private Set<Integer> lately = Set.of();

  /**
   * @param daemonId what all daemons of a state folder share and no others have
   * @param pipes the folder of their pipes
   */
  Runs(String daemonId, Path pipes) {
    this.daemonId = daemonId;
    this.pipes = pipes;
  }

  void add(LiveRun process) {
    byInstance.put(process.id(), process);
    if (process.leader() != 0) byPid.put(process.leader(), process);
    if (process.pid() != 0) byPid.put(process.pid(), process);
  }

  String mark(InstanceId id, long run) {
    return daemonId + "/" + new PipeName(id, run, "stdout");
  }

  /** Which run a process says, or its open pipes say, that it is of. */
  Optional<PipeName> claimOf(int pid) {
    if (pid == SELF) return Optional.empty(); // the daemon holds the pipes' other ends
    return claims.computeIfAbsent(pid, this::readClaim);
  }

  /** What was read holds for one tick. */
  void forgetClaims() {
    claims.clear();
    arePipes = null;
  }

  private Optional<PipeName> readClaim(int pid) {
    Optional<String> mark = ProcFs.variable(pid, MARK).filter(m -> m.startsWith(daemonId + "/"));
    if (mark.isPresent()) return PipeName.parse(mark.get().substring(daemonId.length() + 1));
    return arePipes() ? claimByPipe(pid) : Optional.empty();
  }

  private Optional<PipeName> claimByPipe(int pid) {
    return ProcFs.pipesHeld(pid, pipes).stream().map(PipeName::parse).flatMap(Optional::stream).findFirst();
  }

  /** Whether anybody can hold one: to look at all descriptors of all processes takes its time. */
  private boolean arePipes() {
    Boolean known = arePipes;
    if (known == null) {
      known = ProcFs.hasEntries(pipes);
      arePipes = known;
    }
    return known;
  }

  void move(LiveRun process, ProcFs.Stat main) {
    if (process.hasMoved()) byPid.remove(process.pid(), process); // the leader stays: it keeps the group's id
    process.moveTo(main);
    byPid.put(main.pid(), process);
  }

  void remove(LiveRun process) {
    byInstance.remove(process.id(), process);
    byPid.remove(process.leader(), process);
    byPid.remove(process.pid(), process);
    orphanOwners.values().removeIf(owner -> owner == process);
  }

  @Nullable LiveRun find(InstanceId id, long run) {
    LiveRun process = byInstance.get(id);
    return process != null && process.run() == run ? process : null;
  }

  /** The processes of {@link RunCommands}: they bear the mark of a run, and are none of it. */
  Set<Integer> commands() {
    return commands;
  }

  Collection<LiveRun> all() {
    return byInstance.values();
  }

  /** Remembers what descends from a run while its main process still holds the tree together. */
  void remember(LiveRun process) {
    for (int pid : belowMain(process)) {
      ProcFs.statIfAllowed(pid).filter(stat -> !process.is(stat)).ifPresent(stat -> process.seen().put(pid, stat.startTime()));
    }
  }

  /** What hangs below the main process, and where that has moved, the process that it was and what hangs below that. */
  private static Set<Integer> belowMain(LiveRun process) {
    Set<Integer> found = new HashSet<>();
    if (!process.hasEnded()) found.addAll(ProcFs.descendants(process.pid()));
    boolean leads = process.hasMoved() && process.leader() != 0 && ProcFs.statIfAllowed(process.leader()).filter(process::isLedBy).isPresent();
    if (!leads) return found;
    found.add(process.leader());
    found.addAll(ProcFs.descendants(process.leader()));
    return found;
  }

  /** Whether a process descends from a run, as far as parents, and what ties an orphan to its run, tell. */
  boolean descends(ProcFs.Stat stat, LiveRun from) {
    if (commands.contains(stat.session())) return false;
    for (ProcFs.Stat it = stat; it != null && it.pid() != SELF; it = ProcFs.statIfAllowed(it.ppid()).orElse(null)) {
      if (from.is(it) || from.isLedBy(it)) return true;
      if (byPid.containsKey(it.pid())) return false;
      // what an adopted run leaves behind does not become our child, so any of its ancestors may be the orphan
      if (from.isAdopted() && claimOf(it.pid()).filter(from::isOf).isPresent()) return true;
      if (it.ppid() == SELF) return ownerOf(it.pid(), false) == from;
    }
    return false;
  }

  /**
   * Everything of a run that is alive beside its main process.
   *
   * @param orphans our children that are none of our main processes, as of after its end
   * @param everything that lives on this machine; asked for only where there is no shorter way
   */
  Map<Integer, ProcFs.Stat> survivors(LiveRun process, List<Integer> orphans, Supplier<List<ProcFs.Stat>> everything) {
    Set<Integer> candidates = new HashSet<>(process.seen().keySet());
    candidates.addAll(belowMain(process));
    if (process.isAdopted()) candidates.addAll(strangers(process, everything.get()));
    for (int orphan : orphans) {
      if (ownerOf(orphan, true) != process) continue;
      candidates.add(orphan);
      candidates.addAll(ProcFs.descendants(orphan));
    }
    Map<Integer, ProcFs.Stat> alive = new LinkedHashMap<>();
    for (int pid : candidates) {
      ProcFs.statIfAllowed(pid)
          .filter(ProcFs.Stat::isAlive)
          .filter(stat -> !process.is(stat) && !commands.contains(stat.session()))
          .filter(stat -> process.seen().getOrDefault(pid, stat.startTime()) == stat.startTime())
          .ifPresent(stat -> alive.put(pid, stat));
    }
    return alive;
  }

  /** An adopted run's processes are found by session, group, mark and pipe: their parents tell nothing. */
  private List<Integer> strangers(LiveRun process, List<ProcFs.Stat> everything) {
    Set<Integer> ids = new HashSet<>(List.of(process.leader(), process.pid()));
    ids.remove(0);
    for (ProcFs.Stat stat : everything) {
      if (!process.is(stat) && !process.isLedBy(stat)) ids.remove(stat.pid()); // reused
    }
    List<Integer> found = new ArrayList<>();
    for (ProcFs.Stat stat : everything) {
      boolean bySession = ids.contains(stat.session()) || ids.contains(stat.pgrp());
      if (stat.isAlive() && (bySession || claimOf(stat.pid()).filter(process::isOf).isPresent())) found.add(stat.pid());
    }
    for (int pid : List.copyOf(found)) found.addAll(ProcFs.descendants(pid));
    return found;
  }

  /** Those who say that they are of this run. */
  Map<Integer, ProcFs.Stat> claimants(LiveRun process, List<ProcFs.Stat> everything) {
    Map<Integer, ProcFs.Stat> found = new LinkedHashMap<>();
    for (ProcFs.Stat stat : everything) {
      boolean isCommand = commands.contains(stat.session());
      if (stat.isAlive() && !isCommand && claimOf(stat.pid()).filter(process::isOf).isPresent()) found.put(stat.pid(), stat);
    }
    return found;
  }

  /** Our children that we did not start. */
  List<Integer> orphans() {
    List<Integer> orphans = new ArrayList<>();
    for (int pid : ProcFs.childrenOfThread(SELF, SELF)) if (!byPid.containsKey(pid) && !commands.contains(pid)) orphans.add(pid);
    return orphans;
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

  private @Nullable LiveRun ownerOf(int orphan, boolean guess) {
    LiveRun known = orphanOwners.get(orphan);
    if (known != null) return known;
    LiveRun owner = findOwner(orphan, guess && !nobodys.contains(orphan));
    if (owner != null) orphanOwners.put(orphan, owner);
    return owner;
  }

  private @Nullable LiveRun findOwner(int orphan, boolean guess) {
    ProcFs.Stat stat = ProcFs.statIfAllowed(orphan).orElse(null);
    if (stat == null) return null;
    for (LiveRun p : byInstance.values()) {
      Long started = p.seen().get(orphan);
      if (started != null && started == stat.startTime()) return p;
    }
    LiveRun bySession = byPid.get(stat.session());
    if (bySession != null) return bySession;
    LiveRun byGroup = byPid.get(stat.pgrp());
    if (byGroup != null) return byGroup;
    PipeName claim = claimOf(orphan).orElse(null);
    LiveRun lastEnded = null;
    for (LiveRun p : byInstance.values()) {
      if (claim != null && p.isOf(claim)) return p;
      if (p.hasEnded()) lastEnded = p;
    }
    // no mark, no pipe and no memory (it wiped its environment and left session and group): it came to us when its parent
    // ended, so it is that of a run whose main process has just ended
    return guess ? lastEnded : null;
  }
}
