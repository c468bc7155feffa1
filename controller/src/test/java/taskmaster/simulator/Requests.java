package taskmaster.simulator;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import taskmaster.api.InstanceId;
import taskmaster.api.Signal;
import taskmaster.controller.core.Action;

/** Judges operators' signals: each reaches the main process of the run that it was meant for, once. */
final class Requests {
  /** A tick may have too much to do. */
  private static final int TICKS = 3;

  private static final class Request {
    final Machine.Tree tree;
    final Signal signal;
    int ticks;

    Request(Machine.Tree tree, Signal signal) {
      this.tree = tree;
      this.signal = signal;
    }
  }

  private final Known known;
  private final List<Request> open = new ArrayList<>();

  Requests(Known known) {
    this.known = known;
  }

  void heard(InstanceId id, Signal signal, boolean isAccepted) {
    Machine.Tree last = known.last(id);
    if (last == null) return;
    if (isAccepted) open.add(new Request(last, signal));
    else if (last.isAlive()) known.breach("a signal for what runs is accepted", last + " should get " + signal);
  }

  void sent(Action.Signal action) {
    if (action.purpose() != Action.Purpose.REQUESTED || find(action) != null) return;
    known.breach("an operator's signal is sent once, to whom it was meant for", action.id() + " run " + action.run() + " gets " + action.signal());
  }

  void reached(Machine.Process p, Action.Signal action) {
    if (action.purpose() != Action.Purpose.REQUESTED) return;
    if (p.tree != null && p != p.tree.main) known.breach("an operator's signal is for the main process", p.tree + " pid " + p.pid);
    open.remove(find(action));
  }

  private @Nullable Request find(Action.Signal action) {
    for (Request r : open) if (r.tree.run == action.run() && r.signal.equals(action.signal())) return r;
    return null;
  }

  /** After each tick. */
  void check() {
    for (Request r : open) {
      if (r.tree.main.alive && ++r.ticks > TICKS) known.breach("an operator's signal arrives", r.tree + " has not got " + r.signal);
    }
  }

  /** What it had not sent yet is forgotten with it. */
  void daemonDied() {
    open.clear();
  }
}
