package taskmaster.controller.core;

import static org.assertj.core.api.Assertions.assertThat;
import static taskmaster.controller.Specs.program;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import taskmaster.api.AutoRestart;
import taskmaster.api.Backoff;
import taskmaster.api.Command;
import taskmaster.api.InstanceId;
import taskmaster.api.Phase;
import taskmaster.api.ProgramSpec;
import taskmaster.controller.Specs;
import taskmaster.controller.World;

/** Whatever has happened: once nothing more does, desired and observed agree and the plan is empty. */
class ConvergenceTest {
  private static final List<String> NAMES = List.of("a", "b", "c", "d");

  @Test
  void between_128_starts_the_loop_looks_for_exits_and_counting_costs_none_of_them() {
    World w = new World();
    Map<String, ProgramSpec> specs = new LinkedHashMap<>();
    for (int i = 0; i < 300; i++) specs.put("p" + i, program("p" + i).spec());
    w.loop.submit((desired, observed) -> Reload.apply(desired, observed, specs, false));
    for (int alive : new int[] {128, 256, 300}) {
      w.loop.tick();
      assertThat(w.kernel.alive()).hasSize(alive);
    }
  }

  @Test
  void any_history_converges() {
    long base = Long.getLong("seed", 20260101);
    for (long seed = base; seed < base + 400; seed++) {
      try {
        history(new Random(seed));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + " (-Dseed=" + seed + "): " + e.getMessage(), e);
      }
    }
  }

  private static void history(Random r) {
    World w = new World(programs(r));
    for (int step = 0; step < 60; step++) {
      fault(w, r);
      String name = NAMES.get(r.nextInt(NAMES.size()));
      switch (r.nextInt(9)) {
        case 0 -> w.start(name);
        case 1 -> w.stop(name);
        case 2 -> w.restart(name);
        case 3 -> w.reload(r.nextBoolean(), programs(r));
        case 4 -> w.command(new Command.Scale(name, r.nextInt(4)));
        case 5 -> w.stop(name + ":" + r.nextInt(3));
        default -> exitOne(w, r);
      }
      w.pass(Duration.ofMillis(r.nextInt(3000)));
    }
    w.kernel.refusals.clear();
    w.kernel.ignoreTerm.clear();
    w.loop.setTick(Duration.ofMinutes(1));
    w.pass(Duration.ofMinutes(30));
    check(w);
  }

  private static void check(World w) {
    assertThat(w.plan().actions()).isEmpty();
    Desired desired = w.loop.snapshot().desired();
    desired.specs().values().forEach(spec -> {
      for (int i = 0; i < desired.count(spec); i++) {
        InstanceId id = new InstanceId(spec.name(), i);
        Phase phase = w.phase(id.toString());
        if (desired.wants(spec, i)) assertThat(phase).as("%s", id).isIn(Phase.RUNNING, Phase.EXITED, Phase.FATAL);
        else assertThat(phase).as("%s", id).isEqualTo(Phase.STOPPED);
        assertThat(w.kernel.alive().contains(id)).as("%s lives", id).isEqualTo(phase == Phase.RUNNING);
      }
    });
    w.loop.snapshot().observed().forEach(it -> {
      var spec = desired.specs().get(it.id().program());
      assertThat(spec).as("%s is of a program of the file", it.id()).isNotNull();
      assertThat(it.id().index()).isLessThan(desired.count(java.util.Objects.requireNonNull(spec)));
    });
  }

  private static void fault(World w, Random r) {
    String name = NAMES.get(r.nextInt(NAMES.size()));
    switch (r.nextInt(6)) {
      case 0 -> w.kernel.refusals.put(name, "Resource temporarily unavailable");
      case 1 -> w.kernel.refusals.remove(name);
      case 2 -> w.kernel.ignoreTerm.add(name);
      case 3 -> w.kernel.ignoreTerm.remove(name);
      case 4 -> w.kernel.leaveBehind.put(name, r.nextInt(3));
      default -> {}
    }
  }

  private static void exitOne(World w, Random r) {
    List<InstanceId> alive = w.kernel.alive();
    if (!alive.isEmpty()) w.exit(alive.get(r.nextInt(alive.size())).toString(), r.nextInt(3));
  }

  private static Specs[] programs(Random r) {
    return NAMES.stream()
        .filter(name -> r.nextInt(5) > 0)
        .map(name ->
            program(name)
                .numprocs(r.nextInt(4))
                .autostart(r.nextInt(4) > 0)
                .autorestart(AutoRestart.values()[r.nextInt(3)])
                .starttime(r.nextInt(3))
                .startretries(r.nextInt(4))
                .stoptime(r.nextInt(5))
                .stopGroup(r.nextBoolean())
                .backoff(new Backoff(Duration.ofMillis(r.nextInt(1500)), 1 + r.nextInt(2), Duration.ofSeconds(5), Duration.ofSeconds(10)))
                .cmd("sleep", Integer.toString(r.nextInt(2))))
        .toArray(Specs[]::new);
  }
}
