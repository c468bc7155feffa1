package taskmaster.controller.kernel;

import java.util.List;
import java.util.function.Consumer;
import taskmaster.api.InstanceId;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Run;

/**
 * What the loop needs of an operating system. Every method but {@link #wake} is the loop's thread's alone; none
 * throws for what a process or a file may do: failures are events.
 */
public interface Kernel {
  MonoTime now();

  /** Waits for something to happen until {@code deadline} at the latest; what did happen, nothing twice. */
  List<Event> poll(MonoTime deadline);

  /** {@link Event.Spawned} or {@link Event.SpawnRefused}. */
  Event spawn(Action.Spawn action);

  /** The same for several, in their order; each outcome is told as soon as it is there. */
  default void spawnAll(List<Action.Spawn> actions, Consumer<Event> hearer) {
    for (Action.Spawn action : actions) hearer.accept(spawn(action));
  }

  /** {@link Event.Signalled}, also where nobody was left to reach. */
  Event signal(Action.Signal action);

  /** {@link Event.Gone} or {@link Event.Remains}. */
  Event reap(Action.Reap action);

  /**
   * Begins a probe of a run and returns; the answer is an {@link Event.Answered} that a later {@link #poll} returns.
   * Whatever is still under way for a run when it ends is ended too.
   */
  void probe(Action.Probe action);

  /**
   * Begins a command that is to make a run end, and returns; that it failed is an {@link Event.StopCommandFailed} that a
   * later {@link #poll} returns. It is ended by the next signal to the run, and when nothing of the run is left.
   */
  void stopCommand(Action.StopCommand action);

  /** Ends a probe whose answer is not waited for any more; one that is not under way is no error. */
  void giveUp(Action.GiveUp action);

  /** Makes the next {@link #poll} return all that runs have said by now; it may have been put off. */
  default void hearAll() {}

  /** Every run that an earlier daemon of this state folder left alive. */
  List<Sighting> sightings();

  /** Whether the main process of a run, which an earlier daemon may have started, is there and the one it was. */
  boolean lives(Run run);

  /**
   * Looks for the main process of a run that an earlier daemon started; from then on it is like one of our own.
   *
   * @param ended its main process is known to be over, and only what it left behind is to be found
   * @return {@link Event.Sighted}
   */
  Event adopt(InstanceId id, Run run, boolean ended);

  /** Ends a {@link #poll} now, from any thread; kept until the next one if none is under way. */
  void wake();
}
