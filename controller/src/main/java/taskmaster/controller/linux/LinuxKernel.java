package taskmaster.controller.linux;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import taskmaster.api.InstanceId;
import taskmaster.api.Shape;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Run;
import taskmaster.controller.kernel.Kernel;
import taskmaster.controller.kernel.Sighting;

/** The kernel of this machine. Exits come from pidfds (pidfd_open(2)), never from SIGCHLD or the end of a pipe. */
public final class LinuxKernel implements Kernel {
  /** What a run's stop command is begun for. */
  private static final String STOP = "stop";

  private static final Duration SWEEP_EVERY = Duration.ofSeconds(1);

  private final Outputs outputs;
  private final Watching watching = new Watching();
  private final Children children = new Children();
  private final Runs runs;
  private final Orders orders;
  private final RunCommands commands;
  private final Probing probing;
  private final Survivors survivors;
  private final Signals signals;
  private final Ends ends;
  private final Moves moves;
  private final Spawning spawning;
  private final Adopting adopting;
  private final List<Event> happened = new ArrayList<>();
  private MonoTime sweepAt = new MonoTime(0);

  /**
   * @param daemonId tells the children of this state folder's daemons from those of one that runs inside or around it
   * @param pipes where {@code outputs} has its pipes
   */
  public LinuxKernel(Outputs outputs, String daemonId, Path pipes) {
    this.outputs = outputs;
    this.runs = new Runs(daemonId, pipes);
    this.orders = new Orders(runs);
    this.commands = new RunCommands(orders, watching, children, runs.commands());
    this.probing = new Probing(outputs, pipes, daemonId, watching, commands, this::mainPid);
    this.survivors = new Survivors(runs, outputs, children, commands);
    this.signals = new Signals(survivors);
    this.ends = new Ends(watching, children, run -> probing.hear(run.run()), this::ended);
    this.moves = new Moves(runs, ends, outputs, happened::add);
    this.spawning = new Spawning(orders, outputs, probing, runs, ends, children, undone -> close(undone.id(), undone.run()));
    this.adopting = new Adopting(runs, survivors, ends, outputs, probing);
  }

  @Override
  public MonoTime now() {
    return new MonoTime(System.nanoTime());
  }

  @Override
  public List<Event> poll(MonoTime deadline) {
    commands.settle();
    watching.poll(happened.isEmpty() ? ends.atMost(millisUntil(deadline.earlierOf(probing.next(now())))) : 0);
    ends.askAgain(now());
    survivors.forget();
    outputs.tickBegins();
    probing.tell(now(), happened::add);
    List<Event> events = List.copyOf(happened);
    happened.clear();
    MonoTime now = now();
    if (now.reached(sweepAt)) {
      sweepAt = now.plus(SWEEP_EVERY);
      if (events.isEmpty()) survivors.settle();
    }
    return events;
  }

  private int millisUntil(MonoTime deadline) {
    long nanos = deadline.nanos() - now().nanos();
    return nanos <= 0 ? 0 : (int) Math.min(Integer.MAX_VALUE, (nanos + 999_999) / 1_000_000);
  }

  private void mainPid(InstanceId id, long run, String pid) {
    moves.said(id, run, pid);
  }

  private void ended(Event event) {
    if (event instanceof Event.Exited exited) probing.end(exited.run());
    happened.add(event);
  }

  @Override
  public void wake() {
    watching.wake();
  }

  @Override
  public Event spawn(Action.Spawn action) {
    List<Event> outcome = new ArrayList<>();
    spawning.spawnAll(List.of(action), outcome::add);
    return outcome.getFirst();
  }

  @Override
  public void spawnAll(List<Action.Spawn> actions, Consumer<Event> hearer) {
    spawning.spawnAll(actions, hearer);
  }

  /** What an instance is started with, or would be. From any thread. */
  public Invocation invocation(InstanceId id, long run, Shape shape) {
    return orders.invocation(id, run, shape);
  }

  @Override
  public Event signal(Action.Signal action) {
    LiveRun run = runs.find(action.id(), action.run());
    if (run != null) {
      if (action.purpose() != Action.Purpose.REQUESTED) {
        run.setEnding();
        // what the main process has left behind is told to end while the command goes on
        if (action.purpose() != Action.Purpose.STOP_REST) commands.end(action.run(), STOP);
        probing.end(action.run());
      }
      signals.send(run, action);
    }
    return new Event.Signalled(action);
  }

  @Override
  public void stopCommand(Action.StopCommand action) {
    LiveRun run = runs.find(action.id(), action.run());
    if (run == null || run.hasEnded()) return;
    run.setEnding();
    probing.end(action.run());
    survivors.remember(run);
    Shape shape = action.shape().with(action.cmd(), Map.of("TASKMASTER_PID", Integer.toString(run.pid())));
    commands.begin(action.id(), action.run(), STOP, shape, why -> {
      if (why != null) happened.add(new Event.StopCommandFailed(action.id(), action.run(), action.step(), why));
    });
  }

  @Override
  public void probe(Action.Probe action) {
    LiveRun run = runs.find(action.id(), action.run());
    if (run == null || run.hasEnded()) return;
    probing.giveUp(action.run(), action.kind()); // the file may ask otherwise now
    probing.begin(action, now());
  }

  @Override
  public void giveUp(Action.GiveUp action) {
    probing.giveUp(action.run(), action.kind());
  }

  @Override
  public Event reap(Action.Reap action) {
    try {
      return look(action);
    } catch (UncheckedIOException cannotLookNow) {
      return new Event.Remains(action.id(), action.run(), 1); // nothing is over that we have not seen to be over
    }
  }

  private Event look(Action.Reap action) {
    LiveRun run = runs.find(action.id(), action.run());
    if (run == null) return new Event.Gone(action.id(), action.run());
    Survivors.Left left = survivors.of(run);
    if (left.isOneHidden()) return new Event.Remains(action.id(), action.run(), 1);
    if (!left.seen().isEmpty()) {
      // one that cannot be watched has gone, or will be seen when the planner looks again
      for (int pid : left.seen().keySet()) if (!run.watched().containsKey(pid)) ends.watch(run, pid);
      return new Event.Remains(action.id(), action.run(), left.seen().size());
    }
    if (!run.isAdopted()) {
      children.reapIfEnded(run.pid());
      if (run.leader() != run.pid()) children.reapIfEnded(run.leader());
    }
    forget(run);
    close(action.id(), action.run());
    return new Event.Gone(action.id(), action.run());
  }

  @Override
  public void hearAll() {
    probing.hearAll();
  }

  @Override
  public List<Sighting> sightings() {
    return adopting.sightings(now());
  }

  @Override
  public boolean lives(Run run) {
    return adopting.lives(run);
  }

  @Override
  public Event adopt(InstanceId id, Run run, boolean ended) {
    return adopting.adopt(id, run, ended);
  }

  /** Removes what notify sockets the runs that are over have left. */
  public void sweep() {
    probing.sweep();
  }

  /** Nothing of the run is there, or comes to be. */
  private void close(InstanceId id, long run) {
    outputs.close(id, run);
    probing.gone(run);
    commands.end(run);
  }

  private void forget(LiveRun run) {
    ends.forget(run);
    runs.remove(run);
  }

  /** Lets go of the descriptors; what runs is left alone. */
  public void close() {
    commands.close();
    probing.close();
    orders.close();
    for (LiveRun run : List.copyOf(runs.all())) forget(run);
    watching.close();
  }
}
