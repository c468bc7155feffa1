package taskmaster.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import java.util.stream.LongStream;
import taskmaster.api.Check;
import taskmaster.api.Command;
import taskmaster.api.Dependencies.Condition;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.Phase;
import taskmaster.api.Probe;
import taskmaster.api.ProgramType;
import taskmaster.api.Target;
import taskmaster.controller.FakeKernel;
import taskmaster.controller.Specs;
import taskmaster.controller.World;

/** Random graphs of programs through crashes, probes, commands and a shutdown; checked by what the kernel was asked. */
class DependencyGraphTest {
  private static final Check CHECK =
      new Check(new Probe.Tcp("127.0.0.1", "1"), Duration.ofSeconds(1), Duration.ofMillis(700), 1, 2, Duration.ZERO);

  static LongStream seeds() {
    return LongStream.range(0, 300);
  }

  private final Map<String, Specs> programs = new LinkedHashMap<>();
  private final Map<InstanceId, Boolean> ready = new LinkedHashMap<>();

  @ParameterizedTest
  @MethodSource("seeds")
  void no_dependent_starts_before_its_condition_stops_go_in_reverse_and_all_settles_or_says_why(long seed) {
    Random r = new Random(seed);
    int count = 2 + r.nextInt(9);
    for (int i = 0; i < count; i++) programs.put("p" + i, program(r, i));
    World w = new World();
    w.kernel.witness = action -> {
      if (action instanceof Action.Spawn s) conditionsHold(w, s);
    };
    w.reload(false, programs.values().toArray(Specs[]::new));
    for (int step = 0; step < 40; step++) {
      happen(w, r);
      w.pass(Duration.ofMillis(r.nextInt(1500)));
    }
    // from here on all is well: jobs complete, probes answer
    for (int i = 0; i < 200; i++) {
      wellAnswered(w);
      w.pass(Duration.ofMillis(500));
    }
    wellAnswered(w);
    for (Specs spec : programs.values()) settledOrSays(w, spec);
    shutDown(w);
  }

  private static Specs program(Random r, int i) {
    Specs spec = r.nextInt(4) == 0 ? Specs.job("p" + i) : Specs.program("p" + i).numprocs(1 + r.nextInt(2));
    spec = spec.startretries(1 + r.nextInt(3)).autostart(r.nextInt(5) > 0);
    boolean isJob = spec.policy().type() == ProgramType.JOB;
    if (!isJob && r.nextInt(3) == 0) spec = spec.ready(CHECK);
    for (int other = 0; other < i; other++) {
      if (r.nextInt(3) > 0) continue;
      spec = spec.needs("p" + other, List.of(Condition.STARTED, Condition.READY, Condition.COMPLETED).get(r.nextInt(3)));
    }
    boolean depends = !spec.policy().dependencies().conditions().isEmpty();
    return depends && r.nextInt(3) == 0 ? spec.restartsWithDependencies() : spec;
  }

  private static List<InstanceId> instances(Specs spec) {
    List<InstanceId> all = new ArrayList<>();
    for (int i = 0; i < spec.policy().numprocs(); i++) all.add(new InstanceId(spec.name(), i));
    return all;
  }

  private void happen(World w, Random r) {
    Specs spec = new ArrayList<>(programs.values()).get(r.nextInt(programs.size()));
    List<Target> target = List.of(new Target.Program(spec.name()));
    switch (r.nextInt(7)) {
      case 0 -> w.command(new Command.Stop(target, r.nextBoolean()));
      case 1 -> w.command(new Command.Start(target));
      case 2 -> w.command(new Command.Restart(target));
      case 3, 4 -> {
        for (InstanceId id : instances(spec)) if (w.kernel.alive().contains(id)) w.exit(id.toString(), r.nextInt(3) / 2);
      }
      default -> {
        for (String about : List.copyOf(w.kernel.probes.keySet())) answer(w, about, r.nextInt(3) > 0);
      }
    }
  }

  private void answer(World w, String about, boolean good) {
    InstanceId id = java.util.Objects.requireNonNull(w.kernel.probes.get(about)).id();
    // the answer is a fact as soon as it is heard, and counts for what is planned then
    ready.put(id, good || ready.getOrDefault(id, false));
    w.kernel.answer(about, good, "no");
    w.settle();
    ready.put(id, w.status(id.toString()).ready());
  }

  private void wellAnswered(World w) {
    for (String about : List.copyOf(w.kernel.probes.keySet())) answer(w, about, true);
    for (Specs spec : programs.values()) {
      for (InstanceId id : instances(spec)) {
        if (spec.policy().type() == ProgramType.JOB && w.kernel.alive().contains(id)) w.exit(id.toString(), 0);
      }
    }
  }

  private void conditionsHold(World w, Action.Spawn spawn) {
    ready.put(spawn.id(), false);
    Specs spec = java.util.Objects.requireNonNull(programs.get(spawn.id().program()));
    spec.policy().dependencies().conditions().forEach((other, condition) -> {
      Specs dependency = java.util.Objects.requireNonNull(programs.get(other));
      boolean any = false;
      for (InstanceId id : instances(dependency)) {
        FakeKernel.Process p = w.kernel.processOf(id);
        boolean lives = p != null && !p.ended;
        boolean completed = !lives && new Exit.Code(0).equals(w.kernel.lastExits.get(id));
        boolean runs = lives && p != null && w.kernel.now().reached(p.startedAt.plus(dependency.policy().starttime()));
        boolean isJob = dependency.policy().type() == ProgramType.JOB;
        boolean holds =
            switch (condition) {
              case STARTED -> isJob ? lives || completed : lives;
              case READY -> isJob ? completed || runs : dependency.policy().checks().ready() == null ? runs : ready.getOrDefault(id, false);
              case COMPLETED -> completed;
            };
        assertThat(holds).as("%s started, though %s of %s does not hold", spawn.id(), condition, id).isTrue();
        any = true;
      }
      assertThat(any).isTrue();
    });
  }

  private static void settledOrSays(World w, Specs spec) {
    for (InstanceId id : instances(spec)) {
      var status = w.status(id.toString());
      boolean runs = status.phase() == Phase.RUNNING && status.ready();
      boolean settled = status.phase() == Phase.STOPPED || status.phase() == Phase.EXITED || status.phase() == Phase.FATAL;
      boolean says = status.reason().contains("waiting for ");
      assertThat(runs || settled || says).as("%s is %s: %s", id, status.phase(), status.reason()).isTrue();
      if (says) assertThat(status.reason()).containsPattern("(STOPPED|EXITED|FATAL|RUNNING)");
    }
  }

  private void shutDown(World w) {
    w.kernel.witness = action -> {
      if (!(action instanceof Action.Signal s)) return;
      for (Specs dependent : programs.values()) {
        if (!dependent.policy().dependencies().conditions().containsKey(s.id().program())) continue;
        for (InstanceId id : instances(dependent)) {
          assertThat(w.kernel.processOf(id)).as("%s is told to end while %s lives", s.id(), id).isNull();
        }
      }
    };
    w.command(new Command.Shutdown(Command.Shutdown.How.GRACEFULLY));
    w.seconds(30);
    assertThat(w.kernel.isEmpty()).isTrue();
  }
}
