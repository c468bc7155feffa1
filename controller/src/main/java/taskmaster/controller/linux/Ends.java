package taskmaster.controller.linux;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Exit;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.MonoTime;

/** Notices how the processes of runs end. */
final class Ends {
  /** How long the parent of an adopted process may take to reap it before we give up learning its status. */
  private static final Duration REAPED_WITHIN = Duration.ofSeconds(1);

  private static final int ASK_AGAIN_MILLIS = 5;

  private final Watching watching;
  private final Children children;
  private final Consumer<LiveRun> lastWords;
  private final Consumer<Event> hearer;
  private final Map<LiveRun, MonoTime> unreaped = new LinkedHashMap<>();

  /** @param lastWords lets a run whose main process has ended say that another is that, before its end is told */
  Ends(Watching watching, Children children, Consumer<LiveRun> lastWords, Consumer<Event> hearer) {
    this.watching = watching;
    this.children = children;
    this.lastWords = lastWords;
    this.hearer = hearer;
  }

  /** 0, or the negative errno: ESRCH where there is no such process. */
  int watch(LiveRun run, int pid) {
    int fd = Pidfd.open(pid);
    if (fd < 0) return fd;
    run.watched().put(pid, fd);
    return watching.watch(fd, () -> ready(run, pid, fd));
  }

  void forget(LiveRun run) {
    for (int pid : List.copyOf(run.watched().keySet())) unwatch(run, pid);
  }

  void unwatch(LiveRun run, int pid) {
    if (pid == run.pid()) unreaped.remove(run);
    Integer fd = run.watched().remove(pid);
    if (fd != null) watching.forget(fd);
  }

  /** The run is about to have another main process, which is watched already. */
  void noLongerMain(LiveRun run) {
    unwatch(run, run.pid());
  }

  private void ready(LiveRun run, int pid, int fd) {
    if (pid == run.pid()) lastWords.accept(run);
    if (pid != run.pid()) {
      unwatch(run, pid);
      hearer.accept(new Event.Stirred(run.id(), run.run()));
      return;
    }
    Exit exit = exit(run, fd);
    if (exit != null) {
      ended(run, exit);
    } else if (!children.isOurs(pid)) {
      watching.mute(fd);
      unreaped.put(run, new MonoTime(System.nanoTime()).plus(REAPED_WITHIN));
    }
  }

  /** Null: not known yet. */
  private @Nullable Exit exit(LiveRun run, int fd) {
    boolean ours = !run.isAdopted() && (!run.hasMoved() || children.isOurs(run.pid()));
    return ours ? children.exit(run.pid()) : exitOfStranger(run, fd);
  }

  private void ended(LiveRun run, Exit exit) {
    run.ended(exit);
    unwatch(run, run.pid());
    hearer.accept(new Event.Exited(run.id(), run.run(), exit));
  }

  /** How a process that is not our child ended: its zombie tells who may look, or, once it is reaped, its pidfd. */
  private static @Nullable Exit exitOfStranger(LiveRun run, int fd) {
    ProcFs.Stat zombie;
    try {
      zombie = ProcFs.stat(run.pid()).filter(run::is).orElse(null);
    } catch (CallFailed cannotLookNow) {
      return null;
    }
    if (zombie != null) return zombie.exitStatus() != 0 || isSeen(zombie.pid()) ? Children.exitOf(zombie.exitStatus()) : null;
    Exit told = Pidfd.exit(fd);
    return told != null ? told : new Exit.Unknown();
  }

  /** Whether the kernel tells us its exit status, and does not put 0 in its place (ptrace(2), access mode checking). */
  private static boolean isSeen(int pid) {
    if (Host.seesAll()) return true;
    FileStatus owner = FileStatus.of(Path.of("/proc/" + pid));
    return owner != null && owner.uid() == Host.uid() && owner.gid() == Host.gid();
  }

  /** How long to sleep at the most: no descriptor tells that a stranger's zombie is reaped. */
  int atMost(int millis) {
    return unreaped.isEmpty() ? millis : Math.min(millis, ASK_AGAIN_MILLIS);
  }

  void askAgain(MonoTime now) {
    List.copyOf(unreaped.entrySet()).forEach(waiting -> {
      LiveRun run = waiting.getKey();
      Integer fd = run.watched().get(run.pid());
      Exit exit = fd == null ? new Exit.Unknown() : exit(run, fd);
      if (exit == null && now.reached(waiting.getValue())) exit = new Exit.Unknown();
      if (exit != null) ended(run, exit);
    });
  }
}
