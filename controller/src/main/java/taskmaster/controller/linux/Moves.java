package taskmaster.controller.linux;

import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import taskmaster.api.InstanceId;
import taskmaster.controller.core.Event;

/** Lets a run say which of its processes is its main process (sd_notify(3), MAINPID=). */
final class Moves {
  private static final System.Logger LOG = System.getLogger(Moves.class.getName());

  private final Runs runs;
  private final Ends ends;
  private final Outputs outputs;
  private final Consumer<Event> hearer;

  Moves(Runs runs, Ends ends, Outputs outputs, Consumer<Event> hearer) {
    this.runs = runs;
    this.ends = ends;
    this.outputs = outputs;
    this.hearer = hearer;
  }

  /** @param word what stood after MAINPID=, by whomever */
  void said(InstanceId id, long number, String word) {
    LiveRun run = runs.find(id, number);
    if (run == null || run.isEnding()) return;
    String why;
    try {
      why = move(run, word);
    } catch (UncheckedIOException cannotLookNow) {
      why = cannotLookNow.getMessage();
    }
    if (why != null && run.mayWarn()) {
      LOG.log(System.Logger.Level.WARNING, "{0}: MAINPID={1} is ignored: {2} (this is told once for each run)", id, NotifySockets.printable(word), why);
    }
  }

  /** Why not, or null. */
  private @Nullable String move(LiveRun run, String word) {
    int pid;
    try {
      pid = Integer.parseInt(word.strip());
    } catch (NumberFormatException e) {
      pid = 0;
    }
    if (pid <= 1) return "that is no process of a run";
    if (pid == run.pid()) return null;
    int watched = ends.watch(run, pid);
    if (watched < 0) {
      ends.unwatch(run, pid);
      return Errno.text(watched);
    }
    boolean moves = false;
    try {
      // looked at after the pidfd is open: from then on the pid and the descriptor mean the same process
      ProcFs.Stat stat = ProcFs.stat(pid).filter(ProcFs.Stat::isAlive).orElse(null);
      if (stat == null) return "it has ended";
      if (!runs.descends(stat, run)) return "it does not descend from this run";
      moves = true;
      move(run, stat);
      return null;
    } finally {
      if (!moves) ends.unwatch(run, pid);
    }
  }

  private void move(LiveRun run, ProcFs.Stat main) {
    System.Logger.Level level = run.mayTellOfMove() ? System.Logger.Level.INFO : System.Logger.Level.DEBUG;
    LOG.log(level, "{0}: its main process is {1,number,#} now, it was {2,number,#}", run.id(), main.pid(), run.pid());
    ends.noLongerMain(run);
    runs.move(run, main);
    outputs.started(run.run(), main.pid());
    hearer.accept(new Event.MainMoved(run.id(), run.run(), main.pid(), main.startTime()));
  }
}
