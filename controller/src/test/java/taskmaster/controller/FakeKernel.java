package taskmaster.controller;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.Signal;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Run;
import taskmaster.controller.kernel.Kernel;
import taskmaster.controller.kernel.Sighting;

/** A kernel in memory and in virtual time. It throws on what the loop must never ask. */
public final class FakeKernel implements Kernel {
  public static final class Process {
    final InstanceId id;
    final long run;
    public final int pid;
    public final MonoTime startedAt;
    public boolean ended;
    int leftBehind;

    Process(InstanceId id, long run, int pid, MonoTime startedAt) {
      this.startedAt = startedAt;
      this.id = id;
      this.run = run;
      this.pid = pid;
    }
  }

  public static final String THROWS = "throws";
  public final Set<String> immortal = new HashSet<>();
  public final Map<String, String> refusals = new HashMap<>();
  public final Set<String> ignoreTerm = new HashSet<>();
  public final Map<String, Integer> leaveBehind = new HashMap<>();
  public final List<Action> actions = new ArrayList<>();
  public final Map<InstanceId, Exit> lastExits = new HashMap<>();
  /** Sees each action before it is carried out. */
  public Consumer<Action> witness = action -> {};
  private final Map<InstanceId, Process> processes = new LinkedHashMap<>();
  private final List<Event> pending = new ArrayList<>();
  private MonoTime now = new MonoTime(Duration.ofSeconds(1000).toNanos());
  private MonoTime limit = now;
  private int nextPid = 100;

  @Override
  public MonoTime now() {
    return now;
  }

  /** Time may pass up to there; a poll without events passes it. */
  void allowUntil(MonoTime time) {
    limit = time;
  }

  boolean hasPending() {
    return !pending.isEmpty();
  }

  @Override
  public List<Event> poll(MonoTime deadline) {
    if (pending.isEmpty()) now = later(now, deadline.earlierOf(limit));
    List<Event> events = List.copyOf(pending);
    pending.clear();
    return events;
  }

  private static MonoTime later(MonoTime a, MonoTime b) {
    return a.reached(b) ? a : b;
  }

  @Override
  public Event spawn(Action.Spawn action) {
    witness.accept(action);
    actions.add(action);
    if (processes.containsKey(action.id())) throw new AssertionError("a second process for " + action.id());
    String why = refusals.get(action.id().program());
    if (why != null && why.equals(THROWS)) throw new IllegalStateException("as the test wants it");
    if (why != null) return new Event.SpawnRefused(action.id(), action.run(), why, action.series());
    Process process = new Process(action.id(), action.run(), nextPid++, now);
    process.leftBehind = leaveBehind.getOrDefault(action.id().program(), 0);
    processes.put(action.id(), process);
    return new Event.Spawned(action.id(), action.run(), process.pid, process.pid, now, action.spec(), action.series());
  }

  @Override
  public Event signal(Action.Signal action) {
    witness.accept(action);
    actions.add(action);
    Process process = process(action.id(), action.run());
    boolean deadly = action.signal().equals(Signal.KILL) || action.signal().equals(Signal.TERM) && !ignoreTerm.contains(action.id().program());
    deadly &= !immortal.contains(action.id().program());
    if (deadly && !process.ended) end(process, new Exit.Killed(action.signal(), false));
    boolean reachesRest = action.reach() == Action.Reach.TREE || action.reach() == Action.Reach.ESCAPED;
    if (reachesRest && deadly) process.leftBehind = 0;
    return new Event.Signalled(action);
  }

  @Override
  public void stopCommand(Action.StopCommand action) {
    actions.add(action);
    process(action.id(), action.run());
  }

  @Override
  public Event reap(Action.Reap action) {
    actions.add(action);
    Process process = process(action.id(), action.run());
    if (!process.ended) throw new AssertionError("reaping " + action.id() + " while its main process lives");
    if (process.leftBehind > 0) return new Event.Remains(action.id(), action.run(), process.leftBehind);
    processes.remove(action.id());
    return new Event.Gone(action.id(), action.run());
  }

  /** Probes under way, by what they are about: "web:0 READY". */
  public final Map<String, Action.Probe> probes = new LinkedHashMap<>();

  @Override
  public void probe(Action.Probe action) {
    process(action.id(), action.run());
    Action.Probe before = probes.put(action.id() + " " + action.kind(), action);
    if (before != null && before.check().probe().equals(action.check().probe())) throw new AssertionError("a second probe: " + action);
    actions.add(action);
  }

  @Override
  public void giveUp(Action.GiveUp action) {
    actions.add(action);
    Action.Probe probe = probes.remove(action.id() + " " + action.kind());
    if (probe == null || probe.number() != action.number()) throw new AssertionError("no such probe: " + action);
  }

  public void answer(String about, boolean good, String detail) {
    Action.Probe p = probes.remove(about);
    if (p == null) throw new AssertionError("nobody asks " + about);
    pending.add(new Event.Answered(p.id(), p.run(), p.kind(), p.number(), p.check(), good, detail));
  }

  private Process process(InstanceId id, long run) {
    Process process = processes.get(id);
    if (process == null || process.run != run) throw new AssertionError("no run " + run + " of " + id);
    return process;
  }

  public void exit(InstanceId id, Exit exit) {
    Process process = processes.get(id);
    if (process == null || process.ended) throw new AssertionError(id + " is not alive");
    end(process, exit);
  }

  private void end(Process process, Exit exit) {
    process.ended = true;
    lastExits.put(process.id, exit);
    probes.values().removeIf(p -> p.run() == process.run);
    pending.add(new Event.Exited(process.id, process.run, exit));
  }

  void deliver(Event event) {
    pending.add(event);
  }

  /** The process of an instance that is not reaped yet, or null. */
  public @Nullable Process processOf(InstanceId id) {
    return processes.get(id);
  }

  public List<InstanceId> alive() {
    return processes.values().stream().filter(p -> !p.ended).map(p -> p.id).toList();
  }

  public boolean isEmpty() {
    return processes.isEmpty();
  }

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
