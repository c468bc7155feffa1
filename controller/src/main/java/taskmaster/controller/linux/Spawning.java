package taskmaster.controller.linux;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Shape;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Run;

/** Begins runs: what should be impossible costs the one program that it happens to. */
final class Spawning {
  /** Those that the launchers make, and as many that they find ready. */
  private static final int AT_ONCE = 2 * Launcher.THREADS;

  private final Orders orders;
  private final Outputs outputs;
  private final Probing probing;
  private final Runs runs;
  private final Ends ends;
  private final Children children;
  private final Consumer<Action.Spawn> undo;

  /** @param undo closes what was opened for a run that does not come to be */
  Spawning(Orders orders, Outputs outputs, Probing probing, Runs runs, Ends ends, Children children, Consumer<Action.Spawn> undo) {
    this.orders = orders;
    this.outputs = outputs;
    this.probing = probing;
    this.runs = runs;
    this.ends = ends;
    this.children = children;
    this.undo = undo;
  }

  private sealed interface Ready {}

  private record Refused(Event event) implements Ready {}

  private record Prepared(Action.Spawn action, Orders.Made made) implements Ready {}

  private record UnderWay(Prepared it, Future<Integer> pid) {}

  /** While the launcher makes some, others are made ready, and of those that it has made the rest is done. */
  void spawnAll(List<Action.Spawn> actions, Consumer<Event> hearer) {
    Deque<UnderWay> underWay = new ArrayDeque<>();
    try {
      spawnAll(actions, underWay, hearer);
    } catch (RuntimeException e) {
      underWay.forEach(this::abandon); // nobody hears of them
      throw e;
    }
  }

  private void abandon(UnderWay begun) {
    int pid = Launcher.pid(begun.pid());
    if (pid > 0) children.abandon(pid);
    undo.accept(begun.it().action());
  }

  private void spawnAll(List<Action.Spawn> actions, Deque<UnderWay> underWay, Consumer<Event> hearer) {
    for (Action.Spawn action : actions) {
      switch (prepare(action)) {
        case Refused(Event event) -> {
          finishDownTo(0, underWay, hearer);
          hearer.accept(event);
        }
        case Prepared it -> {
          underWay.add(new UnderWay(it, orders.begin(it.made())));
          finishDownTo(AT_ONCE, underWay, hearer);
        }
      }
    }
    finishDownTo(0, underWay, hearer);
  }

  /** Also those that are there already: a daemon that dies before it has heard of a run leaves the next one to guess. */
  private void finishDownTo(int left, Deque<UnderWay> underWay, Consumer<Event> hearer) {
    while (underWay.size() > left || !underWay.isEmpty() && underWay.peek().pid().isDone()) hearer.accept(finish(underWay.remove()));
  }

  private Ready prepare(Action.Spawn action) {
    try {
      Orders.Opening streams = () -> outputs.open(action.id(), action.run(), action.spec());
      return new Prepared(action, orders.make(action.id(), action.run(), shapeOf(action), streams));
    } catch (IOException e) {
      return new Refused(refused(action, String.valueOf(e.getMessage())));
    } catch (RuntimeException e) {
      return new Refused(refused(action, "internal error: " + e));
    }
  }

  /** With what it needs to tell us how it is. */
  private Shape shapeOf(Action.Spawn action) throws IOException {
    ProgramSpec spec = action.spec();
    if (!Probing.isNeededBy(spec)) return spec.shape();
    return spec.shape().with(spec.shape().cmd(), probing.openSocket(action.id(), action.run(), spec));
  }

  private Event finish(UnderWay begun) {
    Action.Spawn action = begun.it().action();
    int pid = 0;
    try {
      pid = Launcher.pid(begun.pid());
      return pid < 0 ? refused(action, begun.it().made().whyNot(pid)) : started(action, pid);
    } catch (CallFailed e) {
      if (pid > 0) children.abandon(pid);
      return refused(action, "cannot watch it: " + e.getMessage());
    } catch (RuntimeException e) {
      if (pid > 0) children.abandon(pid);
      return refused(action, "internal error: " + e);
    }
  }

  private Event started(Action.Spawn action, int pid) {
    long born = ProcFs.stat(pid).map(ProcFs.Stat::startTime).orElse(0L); // not reaped yet, so it is there
    LiveRun run = new LiveRun(action.id(), action.run(), new Run.First(pid, born), pid, born, false);
    try {
      int watched = ends.watch(run, pid);
      if (watched < 0) throw new CallFailed("pidfd", watched);
      runs.add(run);
      outputs.started(action.run(), pid);
    } catch (RuntimeException e) {
      ends.forget(run);
      runs.remove(run);
      throw e;
    }
    return new Event.Spawned(action.id(), action.run(), pid, born, new MonoTime(System.nanoTime()), action.spec(), action.series());
  }

  private Event refused(Action.Spawn action, String why) {
    undo.accept(action);
    return new Event.SpawnRefused(action.id(), action.run(), why, action.series());
  }
}
