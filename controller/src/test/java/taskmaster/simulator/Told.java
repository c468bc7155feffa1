package taskmaster.simulator;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import taskmaster.api.Exit;
import taskmaster.controller.core.Transition;

/** Judges the alerts: each start and each end told exactly once, and as it was. */
final class Told {
  private final Known known;

  Told(Known known) {
    this.known = known;
  }

  /** @param vanished runs of which no daemon ever knew */
  void judge(List<Transition> alerts, Set<Long> vanished) {
    Map<Long, Integer> started = new HashMap<>();
    Map<Long, Integer> ended = new HashMap<>();
    for (Transition t : alerts) {
      switch (t) {
        case Transition.Started s -> started.merge(s.run().number(), 1, Integer::sum);
        case Transition.Exited e -> {
          ended.merge(e.run().number(), 1, Integer::sum);
          truly(e);
        }
        case Transition.Stopped s -> ended.merge(s.end().run(), 1, Integer::sum);
        default -> {}
      }
    }
    for (Machine.Tree tree : known.specs.keySet()) {
      if (vanished.contains(tree.run)) continue;
      int starts = started.getOrDefault(tree.run, 0);
      if (starts != 1) known.breach("each start is told once", tree + ": " + starts + " times");
      int ends = ended.getOrDefault(tree.run, 0);
      boolean right = tree.main.alive ? ends == 0 : ends == 1 || ends == 0 && known.isRecent(tree.main.endedAt);
      if (!right) known.breach("each end is told once", tree + ": " + ends + " times");
    }
  }

  private void truly(Transition.Exited e) {
    Machine.Tree tree = known.byRun.get(e.run().number());
    boolean isTrue = e.exit() instanceof Exit.Unknown || tree != null && e.exit().equals(tree.main.exit);
    if (!isTrue) known.breach("exits are told as they were", e.id() + " run " + e.run().number() + " told as " + e.exit());
  }
}
