package taskmaster.simulator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Command;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Signal;
import taskmaster.api.Target;
import taskmaster.controller.Adoption;
import taskmaster.controller.Loop;
import taskmaster.controller.config.Config;
import taskmaster.controller.config.ConfigRejected;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Commands;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Observed;
import taskmaster.controller.core.Planner;
import taskmaster.controller.core.Recovery;
import taskmaster.controller.core.Reload;
import taskmaster.controller.core.Snapshot;
import taskmaster.controller.core.Transition;

/** One schedule from its beginning to the rest that must follow it. */
final class Simulation implements Loop.Listener {
  private static final Duration REST = Duration.ofSeconds(60);
  private static final int MOST_TICKS = 300_000;

  private final Schedule schedule;
  private final Machine machine = new Machine();
  private final SimKernel.Faults faults = new SimKernel.Faults();
  private final Fate fate = new Fate();
  private final Alerts alerts = new Alerts();
  private final SimDisk disk;
  private final Truth truth = new Truth(machine);
  private final @Nullable List<String> trace;
  private final List<InstanceId> underWay = new ArrayList<>();
  private String file;
  private String lastGood;
  private int lag;
  private SimKernel kernel;
  private Loop loop;
  long ticks;

  private Simulation(Schedule schedule, @Nullable List<String> trace) {
    this.schedule = schedule;
    this.trace = trace;
    this.file = Programs.file(schedule.programsSeed());
    this.lastGood = file;
    this.disk = new SimDisk(schedule.programsSeed(), fate, alerts);
    this.kernel = new SimKernel(machine, faults, fate, truth);
    this.loop = new Loop(kernel, disk, this, Recovery.Recovered.NOTHING, List.of());
    begin(Recovery.Recovered.NOTHING);
  }

  /** What a run came to: the broken rule, or null; how much was simulated. */
  record Result(@Nullable String breach, long ticks, Duration time) {}

  static Result run(Schedule schedule) {
    return run(schedule, null);
  }

  /** @param trace gets a line for all that happens */
  static Result run(Schedule schedule, @Nullable List<String> trace) {
    Simulation simulation = null;
    try {
      simulation = new Simulation(schedule, trace);
      simulation.play();
      return simulation.result(null);
    } catch (Truth.Breach e) {
      return simulation == null ? new Result(e.getMessage(), 0, Duration.ZERO) : simulation.result(e.getMessage());
    } catch (RuntimeException | StackOverflowError e) {
      String what = "crash: " + e + " at " + (e.getStackTrace().length > 0 ? e.getStackTrace()[0] : "?");
      return simulation == null ? new Result(what, 0, Duration.ZERO) : simulation.result(what);
    }
  }

  /** Twenty instances, half of which die each at its own pace and are started again; how fast that goes. */
  static Result steady(Duration time) {
    StringBuilder text = new StringBuilder("programs:\n");
    for (int i = 0; i < 20; i++) {
      text.append("  p").append(i).append(": { cmd: [sim, life=").append(i % 2 * (500 + 37 * i)).append("], starttime: 0,")
          .append(" autorestart: always, backoff: { initial: 100ms, factor: 1 } }\n");
    }
    Simulation simulation = new Simulation(new Schedule(0, List.of()), null);
    simulation.file = text.toString();
    simulation.reload(false);
    simulation.pass(time);
    return simulation.result(null);
  }

  private Result result(@Nullable String breach) {
    return new Result(breach, ticks, machine.now().since(new MonoTime(Duration.ofSeconds(1000).toNanos())));
  }

  // ---- the schedule ----

  private void play() {
    for (Step step : schedule.steps()) {
      pass(Duration.ofMillis(step.delayMillis()));
      note(step);
      take(step);
      pass(Duration.ZERO);
    }
    note("the faults end");
    fate.live();
    faults.end();
    machine.reusesPids = false;
    lag = 0;
    truth.timesAreExact(false);
    pass(Duration.ofSeconds(10)); // what was late is told now
    truth.timesAreExact(true);
    rest();
  }

  /** Once nothing more happens from outside, everything must come to rest; jobs that end by themselves may go on. */
  private void rest() {
    pass(REST);
    alerts.write(0);
    endless();
    alerts.write(0);
    truth.converged(loop.snapshot().observed(), alerts.written);
  }

  /** To a moment at which nothing is under way: a program that dies again and again has such moments too. */
  private void endless() {
    for (int i = 0; i < 400; i++) {
      boolean busy = Planner.plan(loop.snapshot().desired(), loop.snapshot().observed(), machine.now()).actions().isEmpty()
          && allUpOrSettled();
      if (busy) return;
      pass(Duration.ofMillis(53));
    }
  }

  private boolean allUpOrSettled() {
    boolean[] settled = {true};
    Desired desired = loop.snapshot().desired();
    loop.snapshot().observed().forEach(it -> {
      ProgramSpec spec = desired.specs().get(it.id().program());
      if (spec == null || !it.isUp() && !it.isDown()) settled[0] = false;
      else if (it.isDown() && desired.wants(spec, it.id().index())) {
        settled[0] &= it.lastEnd() != null && !Planner.plan(desired, loop.snapshot().observed(), machine.now().plus(Duration.ofHours(1))).actions()
            .stream().anyMatch(a -> a instanceof Action.Spawn s && s.id().equals(it.id()));
      }
    });
    return settled[0];
  }

  private void take(Step step) {
    String program = Programs.NAMES.get(Math.floorMod(step.a(), Programs.NAMES.size()));
    switch (step.kind()) {
      case START -> wanting(target(program), false, false);
      case STOP -> wanting(target(program), true, false);
      case RESTART -> wanting(target(program), false, true);
      case START_ONE -> wanting(one(program, step.b()), false, false);
      case STOP_ONE -> wanting(one(program, step.b()), true, false);
      case SCALE -> {
        submit((desired, observed) -> {
          truth.scaled(program);
          return heard(Commands.apply(desired, observed, new Command.Scale(program, step.b() % 5)), desired);
        });
      }
      case SIGNAL -> signal(program, step.b());
      case STORM -> {
        Random r = new Random(step.b());
        for (int i = 0; i < 6; i++) {
          Target target = target(Programs.NAMES.get(r.nextInt(Programs.NAMES.size())));
          boolean stop = r.nextBoolean();
          wanting(r.nextInt(4) == 0 ? new Target.All() : target, stop, !stop && r.nextInt(3) == 0);
        }
      }
      case RELOAD -> {
        file = Programs.file(step.b());
        reload(false);
      }
      case RELOAD_SYNC -> {
        file = Programs.file(step.b());
        reload(true);
      }
      case EDIT -> file = Programs.file(step.b());
      case BAD_FILE -> {
        file = "programs: { a: { cmd: x, nonsense: 1 } }\n";
        reload(false);
      }
      case EXIT -> pick(step.a()).ifPresent(t -> machine.end(t.main, new Exit.Code(step.b() % 4)));
      case SEGFAULT -> pick(step.a()).ifPresent(t -> machine.end(t.main, new Exit.Killed(Signal.of(11), true)));
      case FORK -> pick(step.a()).ifPresent(t -> machine.fork(t, step.b() % 2 == 0));
      case REFUSE -> {
        String why = List.of("EAGAIN", "ENOENT", "EACCES", "EMFILE").get(step.b() % 4);
        if (step.b() % 3 == 0) faults.refusals.remove(program);
        else faults.refusals.put(program, why);
      }
      case DEAF -> faults.deaf.put(program, step.b() % 2 == 0);
      case LATE_EXITS -> {
        faults.lateMillis = step.b() % 2 == 0 ? 0 : step.a() % 3_000;
        exactness();
      }
      case REPEAT_EXITS -> faults.repeats = step.b() % 2 == 0;
      case SHUFFLE_EXITS -> faults.shuffles = step.b() % 2 == 0;
      case STALE_EVENTS -> faults.stale = step.b() % 2 == 0;
      case LOSE_WAKE_UPS -> {
        faults.losesWakeUps = step.b() % 2 == 0;
        exactness();
      }
      case PROBES -> {
        if (step.b() % 5 == 0) faults.probes.remove(program);
        else faults.probes.put(program, step.b() % 5);
      }
      case REUSE_PIDS -> machine.reusesPids = step.b() % 2 == 0;
      case KILL_DAEMON -> {
        lag = step.b() % 7;
        fate.dieIn(step.a() % 40, step.b() % 2 == 0);
      }
    }
  }

  private void exactness() {
    truth.timesAreExact(faults.lateMillis == 0 && !faults.losesWakeUps);
  }

  private static Target target(String program) {
    return new Target.Program(program);
  }

  private static Target one(String program, int b) {
    return new Target.Instance(new InstanceId(program, b % 4));
  }

  private java.util.Optional<Machine.Tree> pick(int a) {
    List<Machine.Tree> mains = machine.alive().stream().filter(t -> t.main.alive).toList();
    return mains.isEmpty() ? java.util.Optional.empty() : java.util.Optional.of(mains.get(Math.floorMod(a, mains.size())));
  }

  // ---- commands and reloads, as the daemon submits them ----

  private void wanting(Target target, boolean stop, boolean replace) {
    List<Target> targets = List.of(target);
    Command command = stop ? new Command.Stop(targets) : replace ? new Command.Restart(targets) : new Command.Start(targets);
    List<InstanceId> all = new ArrayList<>();
    Desired desired = loop.snapshot().desired();
    desired.specs().values().forEach(spec -> {
      for (int i = 0; i < 10; i++) {
        InstanceId id = new InstanceId(spec.name(), i);
        boolean meant = switch (target) {
          case Target.All a -> true;
          case Target.Group g -> false;
          case Target.Program(String name) -> name.equals(spec.name());
          case Target.Instance(InstanceId one) -> one.equals(id);
        };
        if (meant) all.add(id);
      }
    });
    underWay.addAll(all);
    if (!stop) needs(desired, all).forEach(program -> desired.specs().values().forEach(spec -> {
      for (int i = 0; i < 10 && spec.name().equals(program); i++) underWay.add(new InstanceId(program, i));
    }));
    submit(new Loop.Edit() {
      private boolean accepted;

      @Override
      public Desired apply(Desired before, Observed observed) {
        Commands.Outcome outcome = Commands.apply(before, observed, command);
        accepted = outcome instanceof Commands.Accepted;
        if (accepted) all.forEach(id -> truth.said(id, stop, replace));
        if (accepted && !stop) truth.startedWith(needs(before, all));
        return heard(outcome, before);
      }

      @Override
      public void applied(Snapshot snapshot) {
        underWay.removeAll(all);
        if (!stop) underWay.removeIf(id -> needs(snapshot.desired(), all).contains(id.program()));
      }
    });
  }

  /** What is started with these, by the file. */
  private static Set<String> needs(Desired desired, List<InstanceId> all) {
    Set<String> needs = new LinkedHashSet<>();
    List<String> open = new ArrayList<>(all.stream().map(InstanceId::program).distinct().toList());
    while (!open.isEmpty()) {
      ProgramSpec spec = desired.specs().get(open.removeLast());
      if (spec == null) continue;
      for (String other : spec.policy().dependencies().conditions().keySet()) if (needs.add(other)) open.add(other);
    }
    return needs;
  }

  private void signal(String program, int b) {
    Signal signal = b % 3 == 0 ? Signal.KILL : b % 3 == 1 ? Signal.TERM : Signal.HUP;
    List<InstanceId> all = new ArrayList<>();
    for (int i = 0; i < 10; i++) all.add(new InstanceId(program, i));
    all.forEach(truth::signalledByOperator);
    Command command = new Command.SendSignal(signal, List.of(target(program)));
    submit((desired, observed) -> heard(Commands.apply(desired, observed, command), desired));
  }

  private Desired heard(Commands.Outcome outcome, Desired before) {
    Desired next = outcome instanceof Commands.Accepted a ? a.desired() : before;
    truth.wants(next);
    return next;
  }

  private void reload(boolean sync) {
    Config config;
    try {
      config = Programs.parse(file);
    } catch (ConfigRejected nothingChanges) {
      return;
    }
    lastGood = file;
    submit((desired, observed) -> {
      Desired next = Reload.apply(desired, observed, config.programs(), sync);
      truth.wants(next);
      if (sync) truth.everythingWanted();
      return next;
    });
  }

  private void submit(Loop.Edit edit) {
    loop.submit(edit);
  }

  // ---- time ----

  private void pass(Duration time) {
    MonoTime until = machine.now().plus(time);
    int here = 0;
    while (true) {
      if (++here > MOST_TICKS) truth.breach("it comes to rest", "not after " + MOST_TICKS + " ticks");
      kernel.allowUntil(until);
      try {
        loop.tick();
        ticks++;
      } catch (Fate.Died e) {
        restart();
        continue;
      }
      alerts.write(lag);
      Snapshot now = loop.snapshot();
      truth.check(now.observed());
      boolean atRest = machine.now().reached(until) && !kernel.hasPending()
          && Planner.plan(now.desired(), now.observed(), machine.now()).actions().isEmpty();
      if (atRest) return;
    }
  }

  // ---- the daemon's death ----

  private void restart() {
    note("the daemon dies");
    fate.live();
    kernel.die();
    alerts.lose();
    machine.orphanAll();
    truth.daemonDied();
    underWay.forEach(truth::maybeSaid);
    underWay.clear();
    int dead = schedule.programsSeed() % 3 * 700;
    machine.watcher = truth::endedUnseen;
    machine.advance(machine.now().plus(Duration.ofMillis(dead)));
    kernel = new SimKernel(machine, faults, fate, truth);
    Recovery.Recovered recovered = disk.crash();
    alerts.catchUp(recovered.told());
    note("another daemon starts");
    truth.lookedFor(recovered.observed());
    begin(recovered);
  }

  private void begin(Recovery.Recovered recovered) {
    SimKernel mine = kernel;
    machine.watcher = p -> {
      truth.ended(p);
      mine.ended(p);
    };
    Config config = config();
    truth.wants(recovered.desired());
    List<Event> found = Adoption.take(kernel, recovered, config.programs());
    loop = new Loop(kernel, disk, this, recovered, found);
    submit((desired, observed) -> {
      Desired next = Reload.apply(desired, observed, config.programs(), false);
      truth.wants(next);
      return next;
    });
  }

  /** The file, or the last good one where it is no good. */
  private Config config() {
    try {
      Config config = Programs.parse(file);
      lastGood = file;
      return config;
    } catch (ConfigRejected e) {
      try {
        return Programs.parse(lastGood);
      } catch (ConfigRejected impossible) {
        throw new IllegalStateException(impossible);
      }
    }
  }

  // ---- what the loop tells ----

  @Override
  public void acted(Action action) {
    note(action);
  }

  @Override
  public void happened(List<Transition> transitions, Snapshot snapshot) {
    transitions.forEach(alerts::tell);
    transitions.forEach(this::note);
  }

  @Override
  public void published(Snapshot snapshot) {}

  @Override
  public void violated(String what) {
    truth.breach("the loop's own check", what);
  }

  private void note(Object what) {
    if (trace != null) trace.add(Truth.millis(machine.now()) + "  " + brief(what));
  }

  /** Without the specs, which the file tells. */
  private static String brief(Object what) {
    return switch (what) {
      case Action.Spawn s -> "spawn " + s.id() + " run " + s.run();
      case Action.Signal s -> s.signal() + " to " + s.id() + " run " + s.run() + " " + s.reach() + " " + s.purpose();
      case Action.Probe p -> "probe " + p.number() + " " + p.kind() + " of " + p.id() + " run " + p.run();
      case Action.GiveUp g -> "give up probe " + g.number() + " " + g.kind() + " of " + g.id() + " run " + g.run();
      case Transition.ReadyChanged r -> "told: " + r.id() + (r.ready() ? " is ready" : " is not ready: " + r.detail());
      case Transition.HealthChanged h -> "told: " + h.id() + (h.healthy() ? " is healthy" : " is unhealthy: " + h.detail());
      case Transition.Started s -> "told: started " + s.id() + " run " + s.run().number();
      case Transition.Exited e -> "told: exited " + e.id() + " run " + e.run().number() + " " + e.exit();
      case Transition.Stopped s -> "told: stopped " + s.id() + " run " + s.end().run();
      case Transition.BackedOff b -> "told: backoff " + b.id() + " " + b.reason();
      case Transition.Failed f -> "told: fatal " + f.id() + " " + f.reason();
      case Transition.PhaseChanged c -> c.id() + " " + c.from() + " -> " + c.to() + " " + c.reason();
      default -> what.toString();
    };
  }

  static List<String> trace(Schedule schedule) {
    List<String> trace = Collections.synchronizedList(new ArrayList<>());
    run(schedule, trace);
    return trace;
  }
}
