package taskmaster.controller.linux;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What of a run is alive beside its main process; /proc is read once for all that ask in one tick. */
final class Survivors {
  private static final System.Logger LOG = System.getLogger(Survivors.class.getName());

  private final Runs runs;
  private final Outputs outputs;
  private final Children children;
  private final RunCommands commands;
  private @Nullable List<Integer> orphans;
  private @Nullable List<ProcFs.Stat> everything;

  Survivors(Runs runs, Outputs outputs, Children children, RunCommands commands) {
    this.runs = runs;
    this.outputs = outputs;
    this.children = children;
    this.commands = commands;
  }

  /** @param isOneHidden somebody holds its pipes whom we may not look at */
  record Left(Map<Integer, ProcFs.Stat> seen, boolean isOneHidden) {}

  Left of(LiveRun run) {
    Map<Integer, ProcFs.Stat> known = runs.survivors(run, currentOrphans(), this::everything);
    if (!known.isEmpty() || !outputs.isHeld(run.id(), run.run())) return new Left(known, false);
    Map<Integer, ProcFs.Stat> claimants = run.hasEnded() ? runs.claimants(run, everything()) : known;
    return new Left(claimants, claimants.isEmpty());
  }

  /** As many as can be found now, to be signalled. */
  Map<Integer, ProcFs.Stat> toReach(LiveRun run) {
    remember(run);
    try {
      return of(run).seen();
    } catch (UncheckedIOException cannotLookNow) {
      return Map.of(); // those that we know by their group get it; the rest when we look again
    }
  }

  /** What descends from a main process, which the next signal may end. */
  void remember(LiveRun run) {
    if (run.hasEnded()) return;
    try {
      runs.remember(run);
    } catch (UncheckedIOException cannotLookNow) {
      LOG.log(System.Logger.Level.DEBUG, "not remembered: {0}", cannotLookNow.toString());
    }
  }

  /** What was read is of the last tick. */
  void forget() {
    orphans = null;
    everything = null;
    runs.forgetClaims();
  }

  /** To be called now and then, when nothing happens. */
  void settle() {
    try {
      runs.settle(reapOrphans());
    } catch (UncheckedIOException cannotLookNow) {
      LOG.log(System.Logger.Level.DEBUG, "put off: {0}", cannotLookNow.toString());
    }
  }

  List<ProcFs.Stat> everything() {
    List<ProcFs.Stat> current = everything;
    if (current == null) {
      current = ProcFs.all();
      everything = current;
    }
    return current;
  }

  private List<Integer> currentOrphans() {
    List<Integer> current = orphans;
    if (current == null) {
      commands.settle();
      current = reapOrphans();
      orphans = current;
    }
    return current;
  }

  /** Frees the orphans that have ended; the others. */
  private List<Integer> reapOrphans() {
    List<Integer> alive = new ArrayList<>();
    for (int pid : runs.orphans()) {
      if (children.reapIfEnded(pid)) runs.reaped(pid);
      else alive.add(pid);
    }
    return alive;
  }
}
