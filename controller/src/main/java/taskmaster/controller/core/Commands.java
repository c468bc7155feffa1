package taskmaster.controller.core;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import taskmaster.api.Command;
import taskmaster.api.DidYouMean;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Signal;
import taskmaster.api.Target;

/** An operator's command as an edit of the desired state. What is running is only read: to name the runs that are meant. */
public final class Commands {
  private Commands() {}

  public sealed interface Outcome {}

  /**
   * @param instances that the command was about
   * @param notes what else an operator should know
   */
  public record Accepted(Desired desired, List<InstanceId> instances, List<String> notes) implements Outcome {
    Accepted(Desired desired, List<InstanceId> instances) {
      this(desired, instances, List.of());
    }
  }

  /** @param why a sentence for the operator */
  public record Refused(String why) implements Outcome {}

  public static Outcome apply(Desired desired, Observed observed, Command command) {
    if (desired.ending() != Desired.Ending.NO && !(command instanceof Command.Shutdown)) {
      boolean keeping = desired.ending() == Desired.Ending.KEEPING;
      return new Refused(keeping ? "the daemon is being replaced; ask again in a moment" : "the daemon is shutting down");
    }
    return switch (command) {
      case Command.Start(var targets) -> wanting(desired, observed, targets, Want.START, false);
      case Command.Stop(var targets, boolean withDependents) -> stop(desired, observed, targets, withDependents);
      case Command.Restart(var targets) -> wanting(desired, observed, targets, Want.START, true);
      case Command.SendSignal(Signal signal, var targets) -> signal(desired, observed, "signal", spec -> signal, targets);
      case Command.ReloadProgram(var targets) -> reloadProgram(desired, observed, targets);
      case Command.Scale(String program, int count) -> scale(desired, program, count);
      case Command.Shutdown(var how) -> new Accepted(desired.ending(ending(desired.ending(), how)), List.of());
    };
  }

  private static Desired.Ending ending(Desired.Ending now, Command.Shutdown.How how) {
    return switch (how) {
      case AT_ONCE -> Desired.Ending.AT_ONCE;
      case GRACEFULLY -> now == Desired.Ending.AT_ONCE ? now : Desired.Ending.GRACEFULLY;
      // what has begun to stop is not kept
      case KEEPING -> now == Desired.Ending.NO ? Desired.Ending.KEEPING : now;
    };
  }

  /** The instances that targets mean, in the file's order, or why they mean none. */
  public sealed interface Resolved {}

  public record Found(List<InstanceId> instances) implements Resolved {}

  public record Missing(String why) implements Resolved {}

  public static Resolved resolve(Desired desired, List<Target> targets) {
    Set<InstanceId> found = new LinkedHashSet<>();
    for (Target target : targets) {
      switch (target) {
        case Target.All() -> desired.specs().values().forEach(spec -> found.addAll(all(desired, spec)));
        case Target.Program(String name) -> {
          ProgramSpec spec = desired.specs().get(name);
          if (spec == null) return new Missing(noSuchProgram(desired, name));
          found.addAll(all(desired, spec));
        }
        case Target.Group(String name) -> {
          List<String> members = desired.groups().get(name);
          if (members == null) return new Missing(noSuchGroup(desired, name));
          for (String member : members) {
            ProgramSpec spec = desired.specs().get(member);
            if (spec != null) found.addAll(all(desired, spec));
          }
        }
        case Target.Instance(InstanceId id) -> {
          ProgramSpec spec = desired.specs().get(id.program());
          if (spec == null) return new Missing(noSuchProgram(desired, id.program()));
          int count = desired.count(spec);
          if (id.index() >= count) {
            String range = count == 0 ? "it has none" : "it has 0 to " + (count - 1);
            return new Missing("no such instance '" + id + "': " + range);
          }
          found.add(id);
        }
      }
    }
    return new Found(List.copyOf(found));
  }

  /** Why there is nothing that could come up: a program is named that has no instances; or nothing. */
  public static String empty(Desired desired, List<Target> targets) {
    for (Target target : targets) {
      if (!(target instanceof Target.Program(String name))) continue;
      ProgramSpec spec = desired.specs().get(name);
      if (spec != null && desired.count(spec) == 0) return name + " has no instances; `taskmaster scale " + name + " 1` gives it one";
    }
    return "";
  }

  private static Outcome wanting(
      Desired desired, Observed observed, List<Target> targets, Want want, boolean replace) {
    Resolved resolved = resolve(desired, targets);
    if (resolved instanceof Missing(String why)) return new Refused(why);
    String empty = want == Want.START ? empty(desired, targets) : "";
    if (!empty.isEmpty()) return new Refused(empty);
    Wishes wishes = new Wishes(desired);
    for (Target target : targets) {
      switch (target) {
        case Target.All() -> desired.specs().keySet().forEach(program -> wishes.want(program, want));
        case Target.Program(String program) -> wishes.want(program, want);
        case Target.Group(String group) -> desired.groups().getOrDefault(group, List.of()).forEach(program -> wishes.want(program, want));
        case Target.Instance(InstanceId id) -> wishes.want(id, want);
      }
    }
    List<InstanceId> instances = ((Found) resolved).instances();
    if (want == Want.START) {
      for (InstanceId id : instances) {
        Instance it = observed.instance(id);
        if (replace) wishes.replace(it, targets.contains(new Target.Instance(id)));
        else wishes.forgive(it);
      }
      Set<String> named = new LinkedHashSet<>();
      for (InstanceId id : instances) named.add(id.program());
      wantNeeds(desired, observed, named, wishes);
    }
    return new Accepted(wishes.done(), instances);
  }

  /** What a program needs is started with it: what is not wanted, or has given up; what has done its work is left alone. */
  private static void wantNeeds(Desired desired, Observed observed, Set<String> named, Wishes wishes) {
    Set<String> needed = new LinkedHashSet<>(Reach.needs(desired, named));
    Set<String> alive = Reach.neededAlive(desired, named, needed);
    for (String program : needed) {
      ProgramSpec spec = desired.specs().get(program);
      if (spec == null) continue;
      for (InstanceId id : all(desired, spec)) {
        Instance it = observed.instance(id);
        Desired.Wanted wanted = desired.wanted(spec);
        if (!wanted.is(id.index())) wishes.want(id, Want.START); // of one that has completed: what it did counts again
        if (it == null || !it.isDown()) continue;
        if (!alive.contains(program) && Gate.hasCompleted(wanted, it)) continue;
        Verdict verdict = Phases.verdict(desired, spec, it);
        if (verdict instanceof Verdict.Done || verdict instanceof Verdict.GivenUp) wishes.forgive(it);
      }
    }
  }

  private static Outcome stop(Desired desired, Observed observed, List<Target> targets, boolean withDependents) {
    Set<String> named = programs(desired, targets);
    List<String> dependents = Reach.dependents(desired, named);
    if (withDependents) {
      List<Target> all = new ArrayList<>(targets);
      for (String program : dependents) all.add(new Target.Program(program));
      return wanting(desired, observed, all, Want.STOP, false);
    }
    Outcome outcome = wanting(desired, observed, targets, Want.STOP, false);
    if (!(outcome instanceof Accepted(Desired next, var instances, var none))) return outcome;
    List<String> left = dependents.stream().filter(program -> isUp(observed, program)).toList();
    if (left.isEmpty()) return outcome;
    String who = String.join(", ", left) + (left.size() == 1 ? " runs" : " run");
    String note = who + " on without " + String.join(", ", named) + "; stop --with-dependents takes " + (left.size() == 1 ? "it" : "them") + " along";
    return new Accepted(next, instances, List.of(note));
  }

  /** Also those that have no instances now: others depend on them all the same. */
  private static Set<String> programs(Desired desired, List<Target> targets) {
    Set<String> programs = new LinkedHashSet<>();
    for (Target target : targets) {
      switch (target) {
        case Target.All() -> programs.addAll(desired.specs().keySet());
        case Target.Program(String name) -> programs.add(name);
        case Target.Group(String name) -> programs.addAll(desired.groups().getOrDefault(name, List.of()));
        case Target.Instance(InstanceId id) -> programs.add(id.program());
      }
    }
    return programs;
  }

  private static boolean isUp(Observed observed, String program) {
    return observed.program(program).instances().stream().anyMatch(Instance::isUp);
  }

  private static Outcome reloadProgram(Desired desired, Observed observed, List<Target> targets) {
    if (resolve(desired, targets) instanceof Found(var instances)) {
      for (InstanceId id : instances) {
        ProgramSpec spec = Objects.requireNonNull(desired.specs().get(id.program()));
        if (spec.policy().reloadSignal() != null) continue;
        return new Refused("cannot reload " + spec.name() + ": it has no reload_signal in the file; restart starts it anew");
      }
    }
    return signal(desired, observed, "reload", spec -> Objects.requireNonNull(spec.policy().reloadSignal()), targets);
  }

  private static Outcome signal(
      Desired desired, Observed observed, String verb, Function<ProgramSpec, Signal> signals, List<Target> targets) {
    Resolved resolved = resolve(desired, targets);
    if (resolved instanceof Missing(String why)) return new Refused(why);
    long count = desired.signalCount();
    List<Desired.SignalRequest> requests = new ArrayList<>();
    for (Desired.SignalRequest old : desired.signals()) {
      Instance it = observed.instance(old.id());
      Run run = it == null ? null : it.run();
      if (it == null || run == null) continue;
      if (run.number() == old.run() && it.signalled() < old.number()) requests.add(old);
    }
    List<InstanceId> reached = new ArrayList<>();
    for (InstanceId id : ((Found) resolved).instances()) {
      Instance it = observed.instance(id);
      Run run = it == null ? null : it.run();
      if (run == null) continue;
      Signal signal = signals.apply(Objects.requireNonNull(desired.specs().get(id.program())));
      requests.add(new Desired.SignalRequest(++count, id, run.number(), signal));
      reached.add(id);
    }
    if (reached.isEmpty()) {
      String names = String.join(", ", targets.stream().map(Target::toString).toList());
      return new Refused("cannot " + verb + " " + names + ": not running");
    }
    return new Accepted(desired.withSignals(requests, count), reached);
  }

  private static Outcome scale(Desired desired, String program, int count) {
    ProgramSpec spec = desired.specs().get(program);
    if (spec == null) return new Refused(noSuchProgram(desired, program));
    Wishes wishes = new Wishes(desired);
    wishes.count(program, count);
    Desired next = wishes.done();
    return new Accepted(next, all(next, spec));
  }

  private static List<InstanceId> all(Desired desired, ProgramSpec spec) {
    List<InstanceId> all = new ArrayList<>();
    int count = desired.count(spec);
    for (int i = 0; i < count; i++) all.add(new InstanceId(spec.name(), i));
    return all;
  }

  public static String noSuchGroup(Desired desired, String name) {
    return "no such group '" + name + "'" + DidYouMean.hint(desired.groups().keySet(), name);
  }

  public static String noSuchProgram(Desired desired, String name) {
    if (desired.groups().containsKey(name)) return "no such program '" + name + "' (there is a group: " + new Target.Group(name) + ")";
    return "no such program '" + name + "'" + DidYouMean.hint(desired.specs().keySet(), name);
  }
}
