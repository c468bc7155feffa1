package taskmaster.controller.linux;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Checks;
import taskmaster.api.Exit;
import taskmaster.api.Signal;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Event;

/** Commands that are run to learn how a run is. Each leads a session and a group of its own, which end with it. */
final class ExecProbes {
  /** In the environment of each, so that the next daemon can tell it from a program. */
  static final String MARK = "TASKMASTER_PROBE";

  private record Key(long run, Checks.Kind kind) {}

  /** One that is being made. The future is asked as late as possible, so that the loop seldom waits for it. */
  private record Beginning(Action.Probe probe, Future<Integer> pid, Consumer<Integer> refused) {}

  private static final class Child {
    final Action.Probe probe;
    final int pid;
    final int fd;
    boolean isGivenUp;

    Child(Action.Probe probe, int pid, int fd) {
      this.probe = probe;
      this.pid = pid;
      this.fd = fd;
    }
  }

  private final Watching watching;
  private final Set<Integer> pids;
  private final Consumer<Event> hearer;
  private final Map<Key, Beginning> beginning = new HashMap<>();
  private final Map<Key, Child> underWay = new HashMap<>();

  /** @param pids what is under way, also for those who look for processes that nobody started */
  ExecProbes(Watching watching, Set<Integer> pids, Consumer<Event> hearer) {
    this.watching = watching;
    this.pids = pids;
    this.hearer = hearer;
  }

  /** @param refused hears of the errno where it cannot be started */
  void begin(Action.Probe probe, Future<Integer> pid, Consumer<Integer> refused) {
    end(probe.run(), probe.kind());
    beginning.put(new Key(probe.run(), probe.kind()), new Beginning(probe, pid, refused));
  }

  /** From here on the pids of all that was begun are known. */
  void settle() {
    if (beginning.isEmpty()) return;
    List<Beginning> all = List.copyOf(beginning.values());
    beginning.clear();
    for (Beginning it : all) {
      try {
        begun(it);
      } catch (RuntimeException e) {
        it.refused().accept(-Errno.EIO); // the others were begun all the same
      }
    }
  }

  private void begun(Beginning it) {
    int pid = Launcher.pid(it.pid());
    if (pid < 0) {
      it.refused().accept(pid);
      return;
    }
    int fd = watching.openPidfd(pid);
    if (fd < 0) {
      kill(pid);
      watching.reap(pid);
      hearer.accept(answered(it.probe(), "cannot watch it: " + Errno.text(fd)));
      return;
    }
    Child child = new Child(it.probe(), pid, fd);
    pids.add(pid);
    underWay.put(new Key(it.probe().run(), it.probe().kind()), child);
    watching.watch(fd, () -> ended(child));
  }

  private void ended(Child child) {
    Exit exit = watching.exitOf(child.pid);
    if (exit == null) return;
    kill(child.pid); // its group's id is kept by its zombie until now
    watching.forget(child.fd);
    watching.reap(child.pid);
    pids.remove(child.pid);
    if (child.isGivenUp) return;
    underWay.remove(new Key(child.probe.run(), child.probe.kind()), child);
    hearer.accept(answered(child.probe, exit instanceof Exit.Code(int code) && code == 0 ? null : why(exit)));
  }

  private static String why(Exit exit) {
    return exit instanceof Exit.Code(int code) ? "exit code " + code : exit.toString();
  }

  static Event.Answered answered(Action.Probe p, @Nullable String why) {
    return new Event.Answered(p.id(), p.run(), p.kind(), p.number(), p.check(), why == null, why == null ? "" : why);
  }

  /** Ends what is under way for this check, with everything that descends from it; it is reaped as soon as it is dead. */
  void end(long run, Checks.Kind kind) {
    Key key = new Key(run, kind);
    if (beginning.containsKey(key)) settle();
    Child child = underWay.remove(key);
    if (child == null) return;
    child.isGivenUp = true;
    List<Integer> escaped = ProcFs.descendants(child.pid);
    kill(child.pid);
    for (int pid : escaped) Libc.KILL.call(pid, Signal.KILL.number());
  }

  private static void kill(int pid) {
    Libc.KILL.call(-pid, Signal.KILL.number());
    Libc.KILL.call(pid, Signal.KILL.number());
  }

  void close() {
    settle();
    for (Key key : new ArrayList<>(underWay.keySet())) end(key.run(), key.kind());
  }
}
