package taskmaster.simulator;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Command;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Signal;
import taskmaster.api.Target;
import taskmaster.controller.Loop;
import taskmaster.controller.config.Config;
import taskmaster.controller.core.Commands;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.Observed;
import taskmaster.controller.core.Reload;
import taskmaster.controller.core.Snapshot;

/** Gives commands and reloads as the daemon submits them, and tells Truth what was said when it is heard. */
final class Operator {
  /** More than any program has. */
  private static final int MOST_INSTANCES = 10;

  private final Truth truth;
  private final Supplier<Loop> loop;
  private final List<InstanceId> underWay = new ArrayList<>();

  /** @param loop of the daemon that lives now */
  Operator(Truth truth, Supplier<Loop> loop) {
    this.truth = truth;
    this.loop = loop;
  }

  void daemonDied() {
    underWay.forEach(truth::maybeSaid);
    underWay.clear();
  }

  static Target program(String name) {
    return new Target.Program(name);
  }

  void start(Target target) {
    wanting(new Command.Start(List.of(target)), target, false);
  }

  void stop(Target target) {
    wanting(new Command.Stop(List.of(target)), target, false);
  }

  void restart(Target target) {
    wanting(new Command.Restart(List.of(target)), target, false);
  }

  void stopWithDependents(Target target) {
    wanting(new Command.Stop(List.of(target), true), target, true);
  }

  /** Commands that contradict each other, all before the next tick. */
  void storm(Random r) {
    for (int i = 0; i < 6; i++) {
      Target program = program(Programs.NAMES.get(r.nextInt(Programs.NAMES.size())));
      boolean stops = r.nextBoolean();
      boolean restarts = !stops && r.nextInt(3) == 0;
      Target target = r.nextInt(4) == 0 ? new Target.All() : program;
      if (stops) stop(target);
      else if (restarts) restart(target);
      else start(target);
    }
  }

  void scale(String program, int count) {
    submit((desired, observed) -> {
      truth.scaled(program);
      return heard(Commands.apply(desired, observed, new Command.Scale(program, count)), desired);
    });
  }

  void signal(String program, Signal signal) {
    for (int i = 0; i < MOST_INSTANCES; i++) truth.signalledByOperator(new InstanceId(program, i));
    request(program, new Command.SendSignal(signal, List.of(program(program))), spec -> signal);
  }

  void reloadProgram(String program) {
    request(program, new Command.ReloadProgram(List.of(program(program))), spec -> spec.policy().reloadSignal());
  }

  private void request(String program, Command command, Function<ProgramSpec, @Nullable Signal> signals) {
    submit((desired, observed) -> {
      Commands.Outcome outcome = Commands.apply(desired, observed, command);
      ProgramSpec spec = desired.specs().get(program);
      Signal signal = spec == null ? null : signals.apply(spec);
      boolean isAccepted = outcome instanceof Commands.Accepted;
      if (spec != null && signal != null && desired.ending() == Desired.Ending.NO) {
        for (int i = 0; i < desired.count(spec); i++) truth.requested(new InstanceId(program, i), signal, isAccepted);
      }
      return heard(outcome, desired);
    });
  }

  void reload(Config config, boolean sync) {
    submit((desired, observed) -> {
      Desired next = Reload.apply(desired, observed, config.programs(), sync).withGroups(config.groups());
      truth.wants(next);
      if (sync) truth.everythingWanted();
      return next;
    });
  }

  void shutDown() {
    submit((desired, observed) -> heard(Commands.apply(desired, observed, new Command.Shutdown(Command.Shutdown.How.GRACEFULLY)), desired));
  }

  private void submit(Loop.Edit edit) {
    loop.get().submit(edit);
  }

  private void wanting(Command command, Target target, boolean withDependents) {
    Desired desired = loop.get().snapshot().desired();
    boolean stop = command instanceof Command.Stop;
    Set<String> named = new LinkedHashSet<>();
    List<InstanceId> all = meant(desired, target);
    all.forEach(id -> named.add(id.program()));
    if (withDependents) dependents(desired, named).forEach(program -> all.addAll(instances(program)));
    Set<String> needs = stop ? Set.of() : needs(desired, named);
    underWay.addAll(all);
    needs.forEach(program -> underWay.addAll(instances(program)));
    submit(new Loop.Edit() {
      @Override
      public Desired apply(Desired before, Observed observed) {
        Commands.Outcome outcome = Commands.apply(before, observed, command);
        if (outcome instanceof Commands.Accepted) {
          all.forEach(id -> truth.said(id, stop, command instanceof Command.Restart));
          if (command instanceof Command.Restart && target instanceof Target.Instance(InstanceId one)) truth.restartedByName(one);
          truth.startedWith(needs);
        }
        return heard(outcome, before);
      }

      @Override
      public void applied(Snapshot snapshot) {
        underWay.removeAll(all);
        underWay.removeIf(id -> needs.contains(id.program()));
      }
    });
  }

  private Desired heard(Commands.Outcome outcome, Desired before) {
    Desired next = outcome instanceof Commands.Accepted a ? a.desired() : before;
    truth.wants(next);
    return next;
  }

  private static List<InstanceId> instances(String program) {
    List<InstanceId> all = new ArrayList<>();
    for (int i = 0; i < MOST_INSTANCES; i++) all.add(new InstanceId(program, i));
    return all;
  }

  private static List<InstanceId> meant(Desired desired, Target target) {
    List<InstanceId> all = new ArrayList<>();
    for (String program : desired.specs().keySet()) {
      for (InstanceId id : instances(program)) {
        boolean isMeant = switch (target) {
          case Target.All a -> true;
          case Target.Group(String name) -> desired.groups().getOrDefault(name, List.of()).contains(program);
          case Target.Program(String name) -> name.equals(program);
          case Target.Instance(InstanceId one) -> one.equals(id);
        };
        if (isMeant) all.add(id);
      }
    }
    return all;
  }

  /** What is started with these, by the file. */
  private static Set<String> needs(Desired desired, Set<String> programs) {
    return reached(programs, name -> {
      ProgramSpec spec = desired.specs().get(name);
      return spec == null ? List.of() : List.copyOf(spec.policy().dependencies().conditions().keySet());
    });
  }

  /** What is stopped with these, by the file. */
  private static Set<String> dependents(Desired desired, Set<String> programs) {
    return reached(programs, name -> desired.specs().values().stream()
        .filter(spec -> spec.policy().dependencies().conditions().containsKey(name)).map(ProgramSpec::name).toList());
  }

  private static Set<String> reached(Set<String> from, Function<String, List<String>> next) {
    Set<String> found = new LinkedHashSet<>();
    List<String> open = new ArrayList<>(from);
    while (!open.isEmpty()) {
      for (String name : next.apply(open.removeLast())) if (found.add(name)) open.add(name);
    }
    return found;
  }
}
