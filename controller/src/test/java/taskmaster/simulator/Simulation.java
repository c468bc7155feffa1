package taskmaster.simulator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Checks;
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
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Planner;
import taskmaster.controller.core.Recovery;
import taskmaster.controller.core.Snapshot;
import taskmaster.controller.core.Transition;
import taskmaster.controller.core.VitalEnd;

/** One schedule from its beginning to the rest that must follow it. */
final class Simulation implements Loop.Listener {
  private static final int LATEST_MILLIS = 3_000;
  private static final Duration REST = Duration.ofSeconds(60);
  private static final int MOST_TICKS = 300_000;
  /** So often a daemon is started again that has gone with a vital program. */
  private static final int MOST_LIVES = 3;

  private final Schedule schedule;
  private final Machine machine = new Machine();
  private final SimKernel.Faults faults = new SimKernel.Faults();
  private final Fate fate = new Fate();
  private final Narrator narrator;
  private Alerts alerts = new Alerts();
  private Truth truth = new Truth(machine);
  private Operator operator = new Operator(truth, this::loop);
  private SimDisk disk;
  private String file;
  private String lastGood;
  private int lag;
  private SimKernel kernel;
  private Loop loop;
  private boolean goesDown;
  private int lives = 1;
  long ticks;

  private Simulation(Schedule schedule, @Nullable List<String> trace) {
    this.schedule = schedule;
    this.narrator = new Narrator(machine, trace);
    this.file = Programs.file(schedule.programsSeed());
    this.lastGood = file;
    this.disk = new SimDisk(schedule.programsSeed(), fate, alerts);
    this.kernel = new SimKernel(machine, faults, fate, truth);
    this.loop = new Loop(kernel, disk, this, Recovery.Recovered.NOTHING, List.of());
    begin(Recovery.Recovered.NOTHING);
  }

  private Loop loop() {
    return loop;
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
    } catch (Breach e) {
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
      if (isOver()) return;
      pass(Duration.ofMillis(step.delayMillis()));
      narrator.note(step);
      take(step);
      pass(Duration.ZERO);
    }
    narrator.note("the faults end");
    fate.live();
    faults.end();
    machine.reusesPids = false;
    machine.silent.clear();
    lag = 0;
    truth.timesAreExact(false);
    pass(Duration.ofSeconds(10)); // what was late is told now
    truth.timesAreExact(true);
    rest();
  }

  /** Once nothing more happens from outside, everything must come to rest; jobs that end by themselves may go on. */
  private void rest() {
    int life;
    do {
      life = lives;
      pass(REST);
      alerts.write(0);
      endless();
      alerts.write(0);
    } while (life != lives && !isOver());
    if (!isOver()) truth.converged(loop.snapshot(), alerts.written);
  }

  private boolean isOver() {
    return lives > MOST_LIVES;
  }

  /** To a moment at which nothing is under way: a program that dies again and again has such moments too. */
  private void endless() {
    for (int i = 0; i < 400 && !isOver(); i++) {
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
      case START -> operator.start(Operator.program(program));
      case STOP -> operator.stop(Operator.program(program));
      case RESTART -> {
        boolean isOne = step.b() % 3 == 0;
        operator.restart(isOne ? new Target.Instance(new InstanceId(program, step.b() % 4)) : Operator.program(program));
      }
      case START_ONE -> operator.start(one(program, step.b()));
      case STOP_ONE -> operator.stop(one(program, step.b()));
      case SCALE -> operator.scale(program, step.b() % 5);
      case SIGNAL -> operator.signal(program, List.of(Signal.KILL, Signal.TERM, Signal.HUP).get(step.b() % 3));
      case RELOAD_PROGRAM -> operator.reloadProgram(program);
      case STORM -> operator.storm(new Random(step.b()));
      case GROUP -> {
        Target group = new Target.Group(Programs.GROUPS.get(step.a() % Programs.GROUPS.size()));
        switch (step.b() % 3) {
          case 0 -> operator.start(group);
          case 1 -> operator.stop(group);
          default -> operator.restart(group);
        }
      }
      case STOP_ALONG -> operator.stopWithDependents(Operator.program(program));
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
        faults.lateMillis = step.b() % 2 == 0 ? 0 : step.a() % LATEST_MILLIS;
        exactness();
        machine.later(LATEST_MILLIS, this::exactness); // until then exits of before are told late
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
      case SILENCE -> {
        if (step.b() % 2 == 0) machine.silent.remove(program);
        else machine.silent.add(program);
      }
      case REUSE_PIDS -> machine.reusesPids = step.b() % 2 == 0;
      case KILL_DAEMON -> {
        lag = step.b() % 7;
        fate.dieIn(step.a() % 40, step.b() % 2 == 0);
      }
    }
  }

  private void exactness() {
    truth.timesAreExact(faults.lateMillis == 0 && !faults.losesWakeUps && !kernel.tellsLate());
  }

  private static Target one(String program, int b) {
    return new Target.Instance(new InstanceId(program, b % 4));
  }

  private Optional<Machine.Tree> pick(int a) {
    List<Machine.Tree> mains = machine.alive().stream().filter(t -> t.main.alive).toList();
    return mains.isEmpty() ? Optional.empty() : Optional.of(mains.get(Math.floorMod(a, mains.size())));
  }

  private void reload(boolean sync) {
    try {
      Config config = Programs.parse(file);
      lastGood = file;
      operator.reload(config, sync);
    } catch (ConfigRejected nothingChanges) {
      narrator.note("the file is no good");
    }
  }

  // ---- time ----

  private void pass(Duration time) {
    if (isOver()) return;
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
      if (loop.isOver()) {
        leave();
        if (isOver()) return;
        continue;
      }
      Snapshot now = loop.snapshot();
      truth.check(now.observed());
      boolean atRest = machine.now().reached(until) && !kernel.hasPending()
          && Planner.plan(now.desired(), now.observed(), machine.now()).actions().isEmpty();
      if (atRest) return;
    }
  }

  // ---- the daemon's death ----

  private void restart() {
    narrator.note("the daemon dies");
    fate.live();
    kernel.die();
    alerts.lose();
    machine.orphanAll();
    truth.daemonDied();
    operator.daemonDied();
    goesDown = false;
    Recovery.Recovered recovered = disk.crash();
    truth.recovers(recovered.observed());
    int dead = schedule.programsSeed() % 3 * 700;
    machine.watcher = truth::endedUnseen;
    machine.ear = this::nobodyHears;
    machine.advance(machine.now().plus(Duration.ofMillis(dead)));
    kernel = new SimKernel(machine, faults, fate, truth);
    alerts.catchUp(recovered.told());
    narrator.note("another daemon starts");
    truth.lookedFor(recovered.observed());
    begin(recovered);
  }

  private void nobodyHears(Machine.Tree tree, Checks.Kind kind) {
    if (kind != Checks.Kind.READY) return;
    tree.isUnread = true;
    truth.saidToNobody(tree);
  }

  /** It has ended as it was meant to, and removed its records. Whoever started it starts it again. */
  private void leave() {
    narrator.note("the daemon has left");
    alerts.write(0);
    truth.daemonLeft(alerts.written);
    fate.live();
    kernel.die();
    goesDown = false;
    if (++lives > MOST_LIVES) return;
    machine.trees.clear();
    boolean exact = truth.hasExactTimes();
    alerts = new Alerts();
    truth = new Truth(machine);
    operator = new Operator(truth, this::loop);
    disk = new SimDisk(schedule.programsSeed(), fate, alerts);
    kernel = new SimKernel(machine, faults, fate, truth);
    truth.timesAreExact(exact);
    narrator.note("another daemon is started");
    begin(Recovery.Recovered.NOTHING);
  }

  private void begin(Recovery.Recovered recovered) {
    SimKernel mine = kernel;
    machine.ear = mine;
    machine.watcher = p -> {
      truth.ended(p);
      mine.ended(p);
    };
    Config config = config();
    truth.wants(recovered.desired());
    List<Event> found = Adoption.take(kernel, recovered, config.programs());
    loop = new Loop(kernel, disk, this, recovered, found);
    operator.reload(config, false);
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
    narrator.note(action);
  }

  @Override
  public void happened(List<Transition> transitions) {
    transitions.forEach(alerts::tell);
    transitions.forEach(truth::told);
    transitions.forEach(narrator::note);
  }

  @Override
  public void published(Snapshot snapshot) {
    VitalEnd.in(snapshot).ifPresent(this::endWith);
  }

  private void endWith(VitalEnd end) {
    truth.goesDown(end);
    if (goesDown) return;
    goesDown = true;
    narrator.note("going down: " + end.reason());
    operator.shutDown();
  }

  @Override
  public void violated(String what) {
    truth.breach("the loop's own check", what);
  }

  static List<String> trace(Schedule schedule) {
    List<String> trace = Collections.synchronizedList(new ArrayList<>());
    run(schedule, trace);
    return trace;
  }
}
