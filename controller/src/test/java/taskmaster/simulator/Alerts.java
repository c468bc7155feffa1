package taskmaster.simulator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import taskmaster.controller.alerts.Missed;
import taskmaster.controller.core.Recovery;
import taskmaster.controller.core.Transition;

/** The alert file, and a teller that lags behind: what it has not written dies with the daemon. */
final class Alerts {
  final List<Transition> written = new ArrayList<>();
  private final Missed.Written keys = new Missed.Written();
  private final Deque<Transition> waiting = new ArrayDeque<>();

  void tell(Transition transition) {
    if (!(transition instanceof Transition.PhaseChanged)) waiting.add(transition);
  }

  /** All but so many. */
  void write(int butFor) {
    while (waiting.size() > butFor) {
      Transition next = waiting.remove();
      written.add(next);
      Missed.key(next).ifPresent(keys::add);
    }
  }

  /** The records begin anew and remember only where the alerts were by then: who reads on does not look further back. */
  void countFromHere() {
    keys.clear();
  }

  boolean allTold() {
    return waiting.isEmpty();
  }

  void lose() {
    waiting.clear();
  }

  void catchUp(List<Recovery.Told> told) {
    Missed.of(told, keys).forEach(t -> waiting.add(t.transition()));
  }
}
