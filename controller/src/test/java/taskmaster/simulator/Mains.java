package taskmaster.simulator;

import java.util.HashMap;
import java.util.Map;
import taskmaster.api.InstanceId;
import taskmaster.controller.core.Instance;
import taskmaster.controller.core.Observed;
import taskmaster.controller.core.Run;

/** Judges whether each daemon knows which of a run's processes is its main process. */
final class Mains {
  private final Known known;
  private final Ends ends;
  /** What was the main process of those that have moved in this tick: that they have may be in no record. */
  private final Map<Machine.Tree, Machine.Process> unwritten = new HashMap<>();

  Mains(Known known, Ends ends) {
    this.known = known;
    this.ends = ends;
  }

  void moved(Machine.Tree tree, Machine.Process heir) {
    unwritten.putIfAbsent(tree, tree.main);
    tree.main = heir;
  }

  /** After a whole tick. */
  void check(Machine.Tree tree, Run run) {
    if (!names(run, tree.main)) known.breach("the main process is the one that the run named", tree + " has " + tree.main.pid + ", not " + run.pid());
  }

  void allIsWritten() {
    unwritten.clear();
  }

  /** A daemon has died and this is what it wrote down. */
  void recovered(Observed recovered) {
    for (Machine.Tree tree : known.machine.alive()) {
      Instance it = recovered.instance(tree.id);
      Run run = it == null ? null : it.run();
      if (run == null || run.number() != tree.run || names(run, tree.main)) continue;
      Machine.Process before = unwritten.get(tree);
      if (before == null || !names(run, before)) {
        known.breach("the next daemon knows the main process", tree + " has " + tree.main.pid + ", recorded is " + run.pid());
      } else {
        tree.main = before; // what it said is lost
        if (!before.alive) ends.endedUnseen(before);
      }
    }
    unwritten.clear();
  }

  void adopts(InstanceId id, Run run) {
    Machine.Tree tree = known.tree(id, run.number());
    Run.First leader = run.leader();
    if (tree == null || leader.pid() == 0) return;
    boolean isFirst = leader.pid() == tree.first.pid && leader.born() == tree.first.born;
    if (!isFirst) known.breach("what a run began with stays known", tree + " began with " + tree.first.pid + ", not " + leader.pid());
  }

  /** Of a run without a record whose first process was over, the daemon knows no pid. */
  private static boolean names(Run run, Machine.Process main) {
    return run.pid() == 0 ? !main.alive : run.pid() == main.pid && run.born() == main.born;
  }
}
