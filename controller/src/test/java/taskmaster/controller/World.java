package taskmaster.controller;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import taskmaster.api.Command;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.InstanceStatus;
import taskmaster.api.Phase;
import taskmaster.api.ProgramSpec;
import taskmaster.api.ProgramStatus;
import taskmaster.api.Target;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Commands;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.Goal;
import taskmaster.controller.core.Entry;
import taskmaster.controller.core.Plan;
import taskmaster.controller.core.Planner;
import taskmaster.controller.core.Preview;
import taskmaster.controller.core.Recovery;
import taskmaster.controller.core.Reload;
import taskmaster.controller.core.Snapshot;
import taskmaster.controller.core.Statuses;
import taskmaster.controller.core.Transition;
import taskmaster.controller.core.VitalEnd;
import taskmaster.controller.kernel.Journal;

/** The real loop on a fake kernel: time passes when a test says so. */
public final class World implements Loop.Listener {
  public final FakeKernel kernel = new FakeKernel();
  public final List<Transition> told = new ArrayList<>();

  /** What was done and what happened, in the order in which it was told. */
  public final List<Object> news = new ArrayList<>();

  public final List<Action> scaled = new ArrayList<>();
  public final Loop loop;
  public boolean violationsExpected;
  private static final Journal NOWHERE =
      new Journal() {
        @Override
        public void append(Entry.Batch batch) {}

        @Override
        public void mayCompact(Snapshot snapshot) {}
      };

  public World(Specs... programs) {
    loop = new Loop(kernel, NOWHERE, this, Recovery.Recovered.NOTHING, List.of());
    loop.submit((desired, observed) -> Reload.apply(desired, observed, specs(programs), false));
    settle();
  }

  private static Map<String, ProgramSpec> specs(Specs... programs) {
    Map<String, ProgramSpec> specs = new LinkedHashMap<>();
    for (Specs program : programs) specs.put(program.name(), program.spec());
    return specs;
  }

  /** Until nothing happens any more at this moment. */
  public World settle() {
    return pass(Duration.ZERO);
  }

  public World pass(Duration time) {
    var until = kernel.now().plus(time);
    kernel.allowUntil(until);
    for (int ticks = 0; ; ticks++) {
      if (ticks > 200_000) throw new AssertionError("the loop does not come to rest");
      loop.tick();
      boolean atRest = kernel.now().reached(until) && !kernel.hasPending() && plan().actions().isEmpty();
      if (atRest) return this;
    }
  }

  public World seconds(double s) {
    return pass(Duration.ofMillis((long) (s * 1000)));
  }

  public Plan plan() {
    return Planner.plan(loop.snapshot().desired(), loop.snapshot().observed(), kernel.now());
  }

  public Commands.Outcome command(Command command) {
    Commands.Outcome[] outcome = new Commands.Outcome[1];
    loop.submit((desired, observed) -> {
      outcome[0] = Commands.apply(desired, observed, command);
      return outcome[0] instanceof Commands.Accepted a ? a.desired() : desired;
    });
    settle();
    return outcome[0];
  }

  public Commands.Outcome start(String... targets) {
    return command(new Command.Start(parse(targets)));
  }

  public Commands.Outcome stop(String... targets) {
    return command(new Command.Stop(parse(targets)));
  }

  public Commands.Outcome restart(String... targets) {
    return command(new Command.Restart(parse(targets)));
  }

  private static List<Target> parse(String... targets) {
    return java.util.stream.Stream.of(targets).map(Target::parse).toList();
  }

  public Preview reload(boolean sync, Specs... programs) {
    Preview[] preview = new Preview[1];
    loop.submit((desired, observed) -> {
      Desired next = Reload.apply(desired, observed, specs(programs), sync);
      preview[0] = Preview.of(desired, next, observed, kernel.now());
      return next;
    });
    settle();
    return preview[0];
  }

  public World exit(String instance, int code) {
    kernel.exit(id(instance), new Exit.Code(code));
    return settle();
  }

  public World deliver(Event event) {
    kernel.deliver(event);
    return settle();
  }

  public Optional<VitalEnd> vitalEnd() {
    return VitalEnd.in(loop.snapshot());
  }

  public static InstanceId id(String text) {
    return ((Target.Instance) Target.parse(text)).id();
  }

  public Phase phase(String instance) {
    return status(instance).phase();
  }

  public InstanceStatus status(String instance) {
    return statuses().instance(id(instance)).orElseThrow();
  }

  public int pid(String instance) {
    return java.util.Objects.requireNonNull(status(instance).pid());
  }

  public ProgramStatus program(String name) {
    return statuses().program(name).orElseThrow();
  }

  private Statuses statuses() {
    return new Statuses(loop.snapshot(), kernel.now(), Instant.EPOCH, id -> 0);
  }

  public Goal.State state(Goal goal) {
    return goal.state(loop.snapshot(), kernel.now());
  }

  public List<String> toldNames() {
    return told.stream().filter(t -> !(t instanceof Transition.PhaseChanged)).map(t -> t.getClass().getSimpleName() + " " + t.id()).toList();
  }

  @Override
  public void acted(Action action) {
    news.add(action);
    if (action instanceof Action.Scale) scaled.add(action);
  }

  @Override
  public void happened(List<Transition> transitions) {
    news.addAll(transitions);
    told.addAll(transitions);
  }

  @Override
  public void published(Snapshot snapshot) {}

  @Override
  public void violated(String what) {
    if (!violationsExpected) throw new AssertionError(what);
  }
}
