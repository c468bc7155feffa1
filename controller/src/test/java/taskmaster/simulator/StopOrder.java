package taskmaster.simulator;

import org.jspecify.annotations.Nullable;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;

/** Judges in which order programs are told to end: what depends on others first, if it is on its way down too. */
final class StopOrder {
  private final Known known;

  StopOrder(Known known) {
    this.known = known;
  }

  void toldToEnd(Machine.Tree tree) {
    for (Machine.Tree other : known.machine.alive()) {
      ProgramSpec spec = latestSpec(other.id);
      boolean depends = spec != null && spec.policy().dependencies().conditions().containsKey(tree.id.program());
      if (depends && isOnItsWayDown(other, known.filed(other.id))) {
        known.breach("what depends on it ends first", tree + " is told to end while " + other + " lives");
      }
    }
  }

  /** The file's, or what it said last before it was taken out. */
  private @Nullable ProgramSpec latestSpec(InstanceId id) {
    ProgramSpec filed = known.filed(id);
    return filed != null ? filed : known.removed.get(id.program());
  }

  private boolean isOnItsWayDown(Machine.Tree tree, @Nullable ProgramSpec filed) {
    boolean mainHasEnded = !tree.main.alive && known.exact;
    if (tree.beingStopped || mainHasEnded || filed == null || !known.isWanted(tree.id)) return true;
    return !filed.policy().rolling() && known.isToBeReplaced(tree, filed); // else it may wait for its turn
  }
}
