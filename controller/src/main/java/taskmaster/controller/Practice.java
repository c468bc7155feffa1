package taskmaster.controller;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.Signal;
import taskmaster.controller.config.Config;
import taskmaster.controller.config.ConfigFile;
import taskmaster.controller.config.ConfigRejected;
import taskmaster.controller.config.Reading;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Recovery;
import taskmaster.controller.core.Reload;
import taskmaster.controller.core.Run;
import taskmaster.controller.core.Snapshot;
import taskmaster.controller.core.Transition;
import taskmaster.controller.kernel.Kernel;
import taskmaster.controller.kernel.Sighting;
import taskmaster.controller.state.RunRecords;

/**
 * A loop of its own restarts a program that is only thought, with records that nobody reads: enough times for the
 * compiler to have seen to it, so that the first program that really dies is not started by the interpreter.
 */
final class Practice {
  /** A method is compiled after its 200th call (-XX:Tier3InvocationThreshold), some are not called at each. */
  static final int RESTARTS = 500;

  /** So that the records stay small: where they lie there may be little room. */
  private static final int ROUNDS = 20;

  private static final int OF_A_ROUND = RESTARTS / ROUNDS;
  private static final int MOST_TICKS = 10 * OF_A_ROUND;

  private static final String FILE =
      """
      programs:
        thought: { cmd: [nothing], autorestart: always, starttime: 0, backoff: { initial: 0 } }
      """;

  private Practice() {}

  /**
   * @param scratch a file that may be written and is removed
   * @param isOver whether to end sooner
   * @return how many times the program was started
   */
  static int run(Path scratch, BooleanSupplier isOver) throws IOException {
    Config config;
    try {
      config = ConfigFile.parse(Reading.ofKept(scratch, Map.of(scratch, FILE.getBytes(StandardCharsets.UTF_8))));
    } catch (ConfigRejected impossible) {
      throw new IOException(impossible);
    }
    int starts = 0;
    for (int round = 0; round < ROUNDS && !isOver.getAsBoolean(); round++) starts += restarts(config, scratch, isOver);
    return starts;
  }

  private static int restarts(Config config, Path scratch, BooleanSupplier isOver) throws IOException {
    Thought kernel = new Thought();
    RunRecords records = new RunRecords(scratch, "nowhere", Version.TEXT, RunRecords.Contents.NOTHING, new Untold(), why -> {});
    try {
      Loop loop = new Loop(kernel, records, new Deaf(), Recovery.Recovered.NOTHING, List.of());
      loop.submit((desired, observed) -> Reload.apply(desired, observed, config.programs(), false));
      for (int tick = 0; tick < MOST_TICKS && kernel.starts < OF_A_ROUND && !isOver.getAsBoolean(); tick++) loop.tick();
    } finally {
      records.remove();
    }
    return kernel.starts;
  }

  /** Where time passes only while somebody waits, and every process is killed then. */
  private static final class Thought implements Kernel {
    private static final Duration LIFE = Duration.ofMillis(200);

    private int starts;
    private MonoTime now = new MonoTime(0);
    private List<Event> next = List.of();

    @Override
    public MonoTime now() {
      return now;
    }

    @Override
    public List<Event> poll(MonoTime deadline) {
      MonoTime death = now.plus(LIFE);
      if (next.isEmpty() || deadline.nanos() < death.nanos()) {
        now = new MonoTime(Math.max(now.nanos(), deadline.nanos()));
        return List.of();
      }
      now = death;
      List<Event> events = next;
      next = List.of();
      return events;
    }

    @Override
    public Event spawn(Action.Spawn action) {
      starts++;
      next = List.of(new Event.Exited(action.id(), action.run(), new Exit.Killed(Signal.KILL, false)));
      return new Event.Spawned(action.id(), action.run(), starts, starts, now, action.spec(), action.series());
    }

    @Override
    public Event signal(Action.Signal action) {
      return new Event.Signalled(action);
    }

    @Override
    public Event reap(Action.Reap action) {
      return new Event.Gone(action.id(), action.run());
    }

    @Override
    public void probe(Action.Probe action) {}

    @Override
    public void stopCommand(Action.StopCommand action) {}

    @Override
    public void giveUp(Action.GiveUp action) {}

    @Override
    public boolean lives(Run run) {
      return false;
    }

    @Override
    public List<Sighting> sightings() {
      return List.of();
    }

    @Override
    public Event adopt(InstanceId id, Run run, boolean ended) {
      return new Event.Sighted(id, run.number(), 0);
    }

    @Override
    public void wake() {}
  }

  private record Untold() implements RunRecords.Alerts {
    @Override
    public boolean allTold() {
      return false;
    }

    @Override
    public long lastNumber() {
      return 0;
    }
  }

  private record Deaf() implements Loop.Listener {
    @Override
    public void acted(Action action) {}

    @Override
    public void happened(List<Transition> transitions) {}

    @Override
    public void published(Snapshot snapshot) {}

    @Override
    public void violated(String what) {}
  }
}
