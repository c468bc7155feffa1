package taskmaster.controller.core;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import taskmaster.api.AutoRestart;
import taskmaster.api.Backoff;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.Output;
import taskmaster.api.Policy;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Shape;
import taskmaster.api.Signal;

/** What the loop decides and folds, with ten thousand programs of one instance that all run. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class CoreBench {
  private static final int MANY = 10_000;
  private static final MonoTime STARTED = new MonoTime(1);
  private static final MonoTime NOW = STARTED.plus(Duration.ofHours(1));
  private static final Exit CRASH = new Exit.Code(1);

  private final AtRest atRest = new AtRest();
  private final AtRest ofChanges = new AtRest();
  private final AtRest ofRestarts = new AtRest();
  private Desired desired = Desired.NOTHING;
  private Observed observed = Observed.NOTHING;
  private Observed other = Observed.NOTHING;
  private List<Event> exit = List.of();
  private List<Event> gone = List.of();
  private boolean turn;

  @Setup
  public void allRun() {
    Map<String, ProgramSpec> specs = new LinkedHashMap<>();
    List<Event> started = new ArrayList<>();
    for (int i = 1; i <= MANY; i++) {
      ProgramSpec spec = spec("p" + i);
      specs.put(spec.name(), spec);
      InstanceId id = new InstanceId(spec.name(), 0);
      started.add(new Event.Spawned(id, i, i, i, STARTED, spec, Series.NONE));
      started.add(new Event.Scaled(new Action.Scale(spec.name(), 0, 1, 1)));
    }
    observed = Fold.apply(Observed.NOTHING, started, STARTED);
    desired = Reload.apply(Desired.NOTHING, Observed.NOTHING, specs, false);
    InstanceId victim = new InstanceId("p" + MANY / 2, 0);
    exit = List.of(new Event.Exited(victim, MANY / 2, CRASH));
    gone = List.of(new Event.Gone(victim, MANY / 2));
    // the same facts of one program, as another object: what an event leaves that changes nothing for the planner
    Observed.Editor editor = new Observed.Editor(observed);
    ProgramObserved facts = observed.program(victim.program());
    editor.put(victim.program(), new ProgramObserved(facts.scale(), facts.instances()));
    other = editor.done();
    for (AtRest memory : List.of(atRest, ofChanges, ofRestarts)) needsNothing(Planner.plan(desired, observed, NOW, memory));
  }

  private static void needsNothing(Plan plan) {
    if (!plan.actions().isEmpty()) throw new IllegalStateException("not at rest: " + plan.actions().getFirst());
  }

  private static ProgramSpec spec(String name) {
    Output discard = new Output.Discard();
    Shape shape = new Shape(List.of("sleep", "100000"), Map.of(), Path.of("/"), null, discard, discard);
    Backoff backoff = new Backoff(Duration.ZERO, 2, Duration.ofSeconds(60), Duration.ofSeconds(60));
    Policy policy =
        Policy.plain(1, true, AutoRestart.ALWAYS, java.util.Set.of(0), Duration.ZERO, 3, backoff, taskmaster.api.Stopping.by(Signal.TERM, Duration.ofSeconds(10), true));
    return new ProgramSpec(name, shape, policy);
  }

  /** As the loop does it each second. */
  @Benchmark
  public Plan tickAtRest() {
    return Planner.plan(desired, observed, NOW, atRest);
  }

  /** One program has other facts than before, the rest are remembered. */
  @Benchmark
  public Plan tickRemembered() {
    turn = !turn;
    return Planner.plan(desired, turn ? other : observed, NOW, ofChanges);
  }

  /** Nothing is remembered: the whole plan is made. */
  @Benchmark
  public Plan tickAfresh() {
    return Planner.plan(desired, observed, NOW);
  }

  @Benchmark
  public Observed foldExit() {
    return Fold.apply(observed, exit, NOW);
  }

  /** An exit, the look at what is left, its end, and the decision to start it again: as often as the loop plans for that. */
  @Benchmark
  public Plan restart() {
    Observed ended = Fold.apply(observed, exit, NOW);
    Plan look = Planner.plan(desired, ended, NOW, ofRestarts);
    Observed down = Fold.apply(ended, gone, NOW);
    Plan again = Planner.plan(desired, down, NOW, ofRestarts);
    if (look.actions().size() != 1 || !(again.actions().getFirst() instanceof Action.Spawn)) {
      throw new IllegalStateException("not restarted: " + look.actions() + again.actions());
    }
    return again;
  }
}
