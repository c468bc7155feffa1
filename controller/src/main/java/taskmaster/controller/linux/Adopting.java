package taskmaster.controller.linux;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.Signal;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Run;
import taskmaster.controller.kernel.Sighting;

/** Finds what an earlier daemon left running, and makes it like our own. */
final class Adopting {
  private static final System.Logger LOG = System.getLogger(Adopting.class.getName());

  private final Runs runs;
  private final Survivors survivors;
  private final Ends ends;
  private final Outputs outputs;
  private final Probing probing;

  Adopting(Runs runs, Survivors survivors, Ends ends, Outputs outputs, Probing probing) {
    this.runs = runs;
    this.survivors = survivors;
    this.ends = ends;
    this.outputs = outputs;
    this.probing = probing;
  }

  List<Sighting> sightings(MonoTime now) {
    Map<PipeName, List<ProcFs.Stat>> claims = new LinkedHashMap<>();
    for (PipeName held : outputs.heldBefore()) claims.put(asRun(held), new ArrayList<>());
    List<ProcFs.Stat> everything = survivors.everything();
    Set<Integer> oldCommands = endOldCommands(everything);
    for (ProcFs.Stat stat : everything) {
      if (!stat.isAlive() || oldCommands.contains(stat.pid())) continue;
      runs.claimOf(stat.pid()).ifPresent(claim -> claims.computeIfAbsent(asRun(claim), c -> new ArrayList<>()).add(stat));
    }
    long ticksNow = ProcFs.ticksSinceBoot();
    List<Sighting> sightings = new ArrayList<>();
    claims.forEach((claim, members) -> sightings.add(sighting(claim, mainOf(members), ticksNow, now)));
    return sightings;
  }

  private static ProcFs.@Nullable Stat mainOf(List<ProcFs.Stat> members) {
    return members.stream()
        .filter(stat -> stat.session() == stat.pid())
        .min(Comparator.comparingLong(ProcFs.Stat::startTime))
        .orElse(null);
  }

  private static Sighting sighting(PipeName claim, ProcFs.@Nullable Stat main, long ticksNow, MonoTime now) {
    if (main == null) return new Sighting(claim.id(), claim.run(), 0, 0, now);
    Duration age = Duration.ofMillis(Math.max(0, ticksNow - main.startTime()) * 1000 / ProcFs.TICKS_PER_SECOND);
    return new Sighting(claim.id(), claim.run(), main.pid(), main.startTime(), new MonoTime(now.nanos() - age.toNanos()));
  }

  /** Ends what was begun by a daemon that is not there any more, with all that descends from it or is of its session. */
  private Set<Integer> endOldCommands(List<ProcFs.Stat> everything) {
    Set<Integer> pids = new HashSet<>();
    Set<Integer> sessions = new HashSet<>();
    for (ProcFs.Stat stat : everything) {
      if (!isOldCommand(stat)) continue;
      sessions.add(stat.session());
      pids.add(stat.pid());
      pids.addAll(ProcFs.descendants(stat.pid()));
    }
    for (ProcFs.Stat stat : everything) if (sessions.contains(stat.session())) pids.add(stat.pid());
    for (int pid : pids) Libc.KILL.call(pid, Signal.KILL.number());
    return pids;
  }

  private boolean isOldCommand(ProcFs.Stat stat) {
    return stat.isAlive() && runs.claimOf(stat.pid()).isPresent() && ProcFs.variable(stat.pid(), RunCommands.MARK).isPresent();
  }

  private static PipeName asRun(PipeName pipe) {
    return new PipeName(pipe.id(), pipe.run(), "stdout");
  }

  boolean lives(Run run) {
    return run.pid() != 0 && ProcFs.statIfAllowed(run.pid()).filter(stat -> stat.isAlive() && stat.startTime() == run.born()).isPresent();
  }

  Event adopt(InstanceId id, Run run, boolean ended) {
    LiveRun it = new LiveRun(id, run.number(), run.leader(), run.pid(), run.born(), true);
    long born = ended || run.pid() == 0 ? 0 : watch(it);
    if (born == 0 || born != run.born()) it.ended(new Exit.Unknown());
    runs.add(it);
    outputs.reopen(id, run.number(), run.spec());
    outputs.started(run.number(), run.pid());
    if (Probing.isNeededBy(run.spec())) listenAgain(id, run);
    return new Event.Sighted(id, run.number(), born);
  }

  /** When the process that has the run's pid was started; watched if it is still the run's. */
  private long watch(LiveRun run) {
    int watched = ends.watch(run, run.pid());
    if (watched < 0 && watched != -Errno.ESRCH) throw new CallFailed(run.id().toString(), watched);
    // looked at after the pidfd is open: from then on the pid and the descriptor mean the same process
    ProcFs.Stat found = watched < 0 ? null : ProcFs.stat(run.pid()).orElse(null);
    if (found != null && run.is(found)) run.setGroup(found.pgrp());
    else ends.forget(run);
    return found == null ? 0 : found.startTime();
  }

  private void listenAgain(InstanceId id, Run run) {
    try {
      probing.openSocket(id, run.number(), run.spec());
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "cannot hear {0}: {1}", id, e.getMessage());
    }
  }
}
