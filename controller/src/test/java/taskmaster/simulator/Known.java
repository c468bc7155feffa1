package taskmaster.simulator;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.MonoTime;

/** What all judges know: the machine, what should run, and what became of each instance so far. */
final class Known {
  /** For what follows at once: no judge measures closer. */
  static final Duration SLACK = Duration.ofMillis(1_500);

  /** Of any file in Programs. */
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);

  static final Duration LONGEST_STOP = Duration.ofSeconds(5);

  final Machine machine;
  final Map<InstanceId, Story> stories = new LinkedHashMap<>();
  /** What each run was started from. */
  final Map<Machine.Tree, ProgramSpec> specs = new LinkedHashMap<>();
  final Map<Long, Machine.Tree> byRun = new HashMap<>();
  /** Of programs that the file no longer has: what it said of them last. */
  final Map<String, ProgramSpec> removed = new HashMap<>();
  Desired desired = Desired.NOTHING;
  /** While exits are told late or wake-ups are lost, no time can be held. */
  boolean exact = true;

  Known(Machine machine) {
    this.machine = machine;
  }

  void breach(String rule, String what) {
    throw new Breach(rule, what + " at " + millis(machine.now()));
  }

  static String millis(MonoTime t) {
    return (t.nanos() / 1_000_000 - 1_000_000) + " ms";
  }

  MonoTime now() {
    return machine.now();
  }

  Story story(InstanceId id) {
    return stories.computeIfAbsent(id, i -> new Story());
  }

  ProgramSpec specOf(Machine.Tree tree) {
    return Objects.requireNonNull(specs.get(tree));
  }

  /** What the file says of it now, if anything. */
  @Nullable ProgramSpec filed(InstanceId id) {
    return desired.specs().get(id.program());
  }

  boolean isWanted(InstanceId id) {
    ProgramSpec filed = filed(id);
    return filed != null && desired.wants(filed, id.index());
  }

  /** Whether another is to take its place: an operator wants that, or it is not what the file says. */
  boolean isToBeReplaced(Machine.Tree tree, ProgramSpec filed) {
    return tree.run <= story(tree.id).replacedUpTo || !filed.shape().equals(specOf(tree).shape());
  }

  Machine.@Nullable Tree tree(InstanceId id, long run) {
    for (Machine.Tree t : machine.of(id)) if (t.run == run) return t;
    return null;
  }

  Machine.@Nullable Tree last(InstanceId id) {
    var trees = machine.of(id);
    return trees.isEmpty() ? null : trees.getLast();
  }

  /** Younger than any backoff or stoptime of the files: what follows from it may still be under way. */
  boolean isRecent(@Nullable MonoTime end) {
    return end != null && now().since(end).compareTo(LONGEST_BACKOFF.plus(SLACK)) < 0;
  }
}
