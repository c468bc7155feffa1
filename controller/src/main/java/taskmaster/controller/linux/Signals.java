package taskmaster.controller.linux;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import taskmaster.controller.core.Action;

/** Brings a signal to those of a run that it is for, and to no stranger that has got their ids. */
final class Signals {
  private final Survivors survivors;

  Signals(Survivors survivors) {
    this.survivors = survivors;
  }

  void send(LiveRun run, Action.Signal action) {
    int signal = action.signal().number();
    switch (action.reach()) {
      case MAIN -> {
        if (action.purpose() != Action.Purpose.REQUESTED) survivors.remember(run);
        toMain(run, signal);
      }
      case GROUP -> {
        survivors.remember(run);
        Set<Integer> groups = groups(run);
        toGroups(run, groups, signal);
        // without its leader's zombie a group is known by its members alone
        if (run.hasMoved() && !groups.contains(run.leader())) toMembers(survivors.toReach(run), run.leader(), signal);
      }
      case TREE -> {
        Map<Integer, ProcFs.Stat> others = survivors.toReach(run);
        Set<Integer> groups = groups(run);
        toGroups(run, groups, signal);
        toThoseOutside(groups, others, signal);
      }
      case ESCAPED -> toThoseOutside(List.of(run.leader(), run.group()), survivors.toReach(run), signal);
    }
  }

  private static void toMain(LiveRun run, int signal) {
    if (run.hasEnded()) return;
    Integer fd = run.watched().get(run.pid());
    boolean isKeptByUs = !run.isAdopted() && !run.hasMoved();
    if (isKeptByUs) Libc.KILL.call(run.pid(), signal);
    else if (fd != null) Pidfd.signal(fd, signal);
  }

  /**
   * The groups of its leader and of its main process; not where the id may be another's by now: what is not our child
   * leaves no zombie to keep it.
   */
  private static Set<Integer> groups(LiveRun run) {
    Set<Integer> groups = new HashSet<>();
    if (leads(run)) groups.add(run.leader());
    if (run.hasMoved() && !run.hasEnded()) {
      look(run.pid()).filter(run::is).ifPresent(main -> {
        run.setGroup(main.pgrp());
        if (main.pgrp() > 1) groups.add(main.pgrp()); // 0: one that this namespace does not have
      });
    }
    return groups;
  }

  private static boolean leads(LiveRun run) {
    if (!run.isAdopted()) return true;
    Integer main = run.hasMoved() || run.hasEnded() ? null : run.watched().get(run.leader());
    // its pidfd is the same process for sure, and takes no descriptor to look at
    return main != null ? Pidfd.signal(main, 0) : look(run.leader()).filter(run::isLedBy).isPresent();
  }

  /** Where no descriptor is left to look with, the signal goes to those whom we know. */
  private static Optional<ProcFs.Stat> look(int pid) {
    try {
      return pid == 0 ? Optional.empty() : ProcFs.statIfAllowed(pid);
    } catch (CallFailed cannotLookNow) {
      return Optional.empty();
    }
  }

  /** With the main process, if it is in none of them. */
  private static void toGroups(LiveRun run, Set<Integer> groups, int signal) {
    for (int group : groups) Libc.KILL.call(-group, signal);
    if (run.hasMoved() && !groups.contains(run.group())) toMain(run, signal);
  }

  private static void toMembers(Map<Integer, ProcFs.Stat> others, int group, int signal) {
    others.forEach((pid, stat) -> {
      if (stat.pgrp() == group) Libc.KILL.call(pid, signal);
    });
  }

  private static void toThoseOutside(Collection<Integer> groups, Map<Integer, ProcFs.Stat> others, int signal) {
    others.forEach((pid, stat) -> {
      if (!groups.contains(stat.pgrp())) Libc.KILL.call(pid, signal);
    });
  }
}
