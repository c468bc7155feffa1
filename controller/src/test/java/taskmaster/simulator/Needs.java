package taskmaster.simulator;

import java.util.List;
import java.util.Map;
import java.util.Set;
import taskmaster.api.Dependencies;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;
import taskmaster.api.ProgramType;

/** Whether what a program needs of the others is there, as far as that can be told from outside. */
final class Needs {
  private final Known known;
  private final Words words;

  Needs(Known known, Words words) {
    this.known = known;
    this.words = words;
  }

  /** A daemon that knows all that happened may start it. */
  boolean mayBeMet(ProgramSpec spec) {
    return areMet(spec, false);
  }

  /** Whatever the daemon could miss, it knows that it is met. */
  boolean areMetForSure(ProgramSpec spec) {
    Set<String> needs = spec.policy().dependencies().conditions().keySet();
    boolean exitMayNotCount =
        known.stories.entrySet().stream().anyMatch(e -> needs.contains(e.getKey().program()) && e.getValue().exitMayNotCount);
    return !exitMayNotCount && areMet(spec, true);
  }

  private boolean areMet(ProgramSpec spec, boolean forSure) {
    for (Map.Entry<String, Dependencies.Condition> need : spec.policy().dependencies().conditions().entrySet()) {
      if (!isMet(need.getKey(), need.getValue(), forSure)) return false;
    }
    return true;
  }

  private boolean isMet(String name, Dependencies.Condition condition, boolean forSure) {
    ProgramSpec other = known.desired.specs().get(name);
    if (other == null) return false;
    boolean any = false;
    boolean mayLackSome = !forSure && other.policy().rolling();
    for (int i = 0; i < known.desired.count(other); i++) {
      if (!known.desired.wants(other, i)) continue;
      InstanceId id = new InstanceId(name, i);
      boolean met = isMet(other, id, condition, forSure);
      if (!met && !(mayLackSome && comesBack(id))) return false;
      any |= met;
    }
    return any;
  }

  /** It has been up before, or could not be: then the others of a rolling program are enough. */
  private boolean comesBack(InstanceId id) {
    List<Machine.Tree> all = known.machine.of(id);
    if (known.story(id).refusedLately || all.size() > 1) return true;
    return !all.isEmpty() && (all.getFirst().beingStopped || !all.getFirst().main.alive);
  }

  private boolean isMet(ProgramSpec other, InstanceId id, Dependencies.Condition condition, boolean forSure) {
    Machine.Tree last = known.last(id);
    Story story = known.story(id);
    boolean lives = last != null && last.main.alive;
    boolean isJob = other.policy().type() == ProgramType.JOB;
    boolean ran = isJob || !forSure && story.endedLate || story.lastLived.compareTo(other.policy().starttime()) >= 0;
    boolean byItself = !forSure || !story.lastEndedByUs && !story.refusedLately;
    boolean completed = !lives && ran && byItself && story.lastExit instanceof Exit.Code(int code) && other.policy().exitcodes().contains(code);
    return switch (condition) {
      case STARTED -> lives || isJob && completed;
      case READY -> lives && last != null && words.isReady(last, other, forSure);
      case COMPLETED -> completed;
    };
  }
}
