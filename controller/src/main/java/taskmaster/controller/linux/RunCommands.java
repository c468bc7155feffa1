package taskmaster.controller.linux;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.Shape;
import taskmaster.api.Signal;

/**
 * Commands that are run on behalf of a run and are none of it: to learn how it is, to help it end. Each leads a session
 * and a group of its own, which end with it.
 */
final class RunCommands {
  private static final System.Logger LOG = System.getLogger(RunCommands.class.getName());

  /** In the environment of each, so that the next daemon can tell it from a program. */
  static final String MARK = "TASKMASTER_PROBE";

  private static final Outputs.Streams NOWHERE = new Outputs.Streams(new Outputs.Stream.DevNull(), new Outputs.Stream.DevNull());

  /** Hears how a command ended, on the loop's thread; one that was ended before is not told of. */
  interface Hearer {
    /** @param why it failed; null: it did not */
    void ended(@Nullable String why);
  }

  private record Key(long run, String purpose) {}

  /** One that is being made. The future is asked as late as possible, so that the loop seldom waits for it. */
  private record Beginning(Orders.Made made, Future<Integer> pid, Hearer hearer) {}

  private static final class Child {
    final Key key;
    final int pid;
    final int fd;
    final Hearer hearer;
    boolean isGivenUp;

    Child(Key key, int pid, int fd, Hearer hearer) {
      this.key = key;
      this.pid = pid;
      this.fd = fd;
      this.hearer = hearer;
    }
  }

  private final Orders orders;
  private final Watching watching;
  private final Children children;
  private final Set<Integer> pids;
  private final Map<Key, Beginning> beginning = new HashMap<>();
  private final Map<Key, Child> underWay = new HashMap<>();

  /** @param pids what is under way, also for those who look for processes that nobody started */
  RunCommands(Orders orders, Watching watching, Children children, Set<Integer> pids) {
    this.orders = orders;
    this.watching = watching;
    this.children = children;
    this.pids = pids;
  }

  /**
   * Begins a command; one that is under way for the same run and purpose is ended.
   *
   * @param shape of the run's processes, with the command in place of theirs
   */
  void begin(InstanceId id, long run, String purpose, Shape shape, Hearer hearer) {
    end(run, purpose);
    try {
      Orders.Made made = orders.make(id, run, shape.with(shape.cmd(), Map.of(MARK, "1")), () -> NOWHERE);
      beginning.put(new Key(run, purpose), new Beginning(made, orders.begin(made), hearer));
    } catch (IOException e) {
      hearer.ended("cannot start: " + e.getMessage());
    } catch (RuntimeException e) {
      hearer.ended("internal error: " + e);
    }
  }

  /** From here on the pids of all that was begun are known: to be called before anybody looks for processes that nobody knows. */
  void settle() {
    if (beginning.isEmpty()) return;
    Map<Key, Beginning> all = Map.copyOf(beginning);
    beginning.clear();
    all.forEach((key, it) -> {
      try {
        begun(key, it);
      } catch (RuntimeException e) {
        it.hearer().ended("internal error: " + e); // the others were begun all the same
      }
    });
  }

  private void begun(Key key, Beginning it) {
    int pid = Launcher.pid(it.pid());
    if (pid < 0) {
      it.hearer().ended(it.made().whyNot(pid));
      return;
    }
    int fd = Pidfd.open(pid);
    if (fd < 0) {
      children.abandon(pid);
      it.hearer().ended("cannot watch it: " + Errno.text(fd));
      return;
    }
    Child child = new Child(key, pid, fd, it.hearer());
    pids.add(pid);
    underWay.put(key, child);
    watching.watch(fd, () -> ended(child));
  }

  private void ended(Child child) {
    Exit exit = children.exit(child.pid);
    if (exit == null) return;
    Children.kill(child.pid); // its group's id is kept by its zombie until now
    watching.forget(child.fd);
    children.reap(child.pid);
    pids.remove(child.pid);
    if (child.isGivenUp) return;
    underWay.remove(child.key, child);
    child.hearer.ended(exit instanceof Exit.Code(int code) && code == 0 ? null : why(exit));
  }

  private static String why(Exit exit) {
    return exit instanceof Exit.Code(int code) ? "exit code " + code : exit.toString();
  }

  /** Ends what is under way for this, with everything that descends from it; it is reaped as soon as it is dead. */
  void end(long run, String purpose) {
    end(new Key(run, purpose));
  }

  /** The same for every purpose. */
  void end(long run) {
    if (beginning.keySet().stream().anyMatch(key -> key.run() == run)) settle();
    for (Key key : List.copyOf(underWay.keySet())) if (key.run() == run) end(key);
  }

  private void end(Key key) {
    if (beginning.containsKey(key)) settle();
    Child child = underWay.remove(key);
    if (child == null) return;
    child.isGivenUp = true;
    List<Integer> escaped = List.of();
    try {
      escaped = ProcFs.descendants(child.pid); // while it lives: later they are nobody's
    } catch (CallFailed cannotLookNow) {
      LOG.log(System.Logger.Level.WARNING, "what a command of run {0,number,#} started may live on: {1}", child.key.run(), cannotLookNow.getMessage());
    }
    Children.kill(child.pid);
    for (int pid : escaped) Libc.KILL.call(pid, Signal.KILL.number());
  }

  void close() {
    settle();
    List.copyOf(underWay.keySet()).forEach(this::end);
  }
}
