package taskmaster.controller.linux;

import java.util.Map;
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
        toGroup(run, signal);
      }
      case TREE -> {
        Map<Integer, ProcFs.Stat> others = survivors.toReach(run);
        if (toGroup(run, signal)) toEscaped(run, others, signal);
        else others.keySet().forEach(pid -> Libc.KILL.call(pid, signal));
      }
      case ESCAPED -> toEscaped(run, survivors.toReach(run), signal);
    }
  }

  private static void toMain(LiveRun run, int signal) {
    if (run.hasEnded()) return;
    Integer fd = run.watched().get(run.pid());
    if (run.isAdopted() && fd != null) Pidfd.signal(fd, signal);
    else Libc.KILL.call(run.pid(), signal);
  }

  /** False where the group's id may be another's by now: a process that is not our child leaves no zombie to keep it. */
  private static boolean toGroup(LiveRun run, int signal) {
    if (run.isAdopted() && (run.pid() == 0 || run.hasEnded() || ProcFs.stat(run.pid()).filter(run::is).isEmpty())) return false;
    Libc.KILL.call(-run.pid(), signal);
    return true;
  }

  private static void toEscaped(LiveRun run, Map<Integer, ProcFs.Stat> others, int signal) {
    others.forEach((pid, stat) -> {
      if (stat.pgrp() != run.pid()) Libc.KILL.call(pid, signal);
    });
  }
}
