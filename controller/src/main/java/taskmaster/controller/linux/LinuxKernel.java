package taskmaster.controller.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.Shape;
import taskmaster.api.Signal;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.kernel.Kernel;

/** The kernel of this machine. Exits come from pidfds (pidfd_open(2)), never from SIGCHLD or the end of a pipe. */
public final class LinuxKernel implements Kernel {
  private static final long PIDFD_OPEN = 434;
  private static final int P_PID = 1;
  private static final int WNOHANG = 1;
  private static final int WEXITED = 4;
  private static final int WNOWAIT = 0x01000000;
  private static final int CLD_EXITED = 1;
  private static final int CLD_DUMPED = 3;
  private static final Duration SWEEP_EVERY = Duration.ofSeconds(1);

  private final Outputs outputs;
  private final String daemonId;
  private final Environment environment;
  private final Epoll epoll = new Epoll();
  private final Spawner spawner = new Spawner();
  private final FileLimit fileLimit = FileLimit.raise();
  private final Runs runs = new Runs();
  private final Map<Long, Runs.Watch> byToken = new HashMap<>();
  private final MemorySegment siginfo = Arena.ofAuto().allocate(128, 8);
  private long nextToken = 1;
  private MonoTime sweepAt = new MonoTime(0);
  private @Nullable List<Integer> orphans;

  /** @param daemonId tells this daemon's children from those of one that runs inside or around it */
  public LinuxKernel(Outputs outputs, String daemonId) {
    this.outputs = outputs;
    this.daemonId = daemonId;
    this.environment = Environment.inherited();
  }

  @Override
  public MonoTime now() {
    return new MonoTime(System.nanoTime());
  }

  @Override
  public List<Event> poll(MonoTime deadline) {
    long nanos = deadline.nanos() - now().nanos();
    int millis = nanos <= 0 ? 0 : (int) Math.min(Integer.MAX_VALUE, (nanos + 999_999) / 1_000_000);
    List<Event> events = new ArrayList<>();
    epoll.poll(millis, token -> ready(token, events));
    orphans = null;
    MonoTime now = now();
    if (now.reached(sweepAt)) {
      sweepAt = now.plus(SWEEP_EVERY);
      if (events.isEmpty()) runs.settle(reapOrphans());
    }
    return events;
  }

  @Override
  public void wake() {
    epoll.wake();
  }

  private void ready(long token, List<Event> events) {
    Runs.Watch watch = byToken.get(token);
    if (watch == null) return;
    Runs.Process process = watch.process();
    if (watch.pid() != process.pid) {
      unwatch(watch);
      events.add(new Event.Stirred(process.id, process.run));
      return;
    }
    Exit exit = exitOf(process.pid);
    if (exit == null) return;
    process.exit = exit;
    unwatch(watch);
    events.add(new Event.Exited(process.id, process.run, exit));
  }

  private boolean watch(Runs.Process process, int pid) {
    int fd = Libc.SYSCALL.call(PIDFD_OPEN, pid, 0);
    if (fd < 0) return false;
    Runs.Watch watch = new Runs.Watch(process, pid, fd, nextToken++);
    process.watched.put(pid, watch);
    byToken.put(watch.token(), watch);
    return epoll.add(fd, watch.token()) == 0;
  }

  private void unwatch(Runs.Watch watch) {
    byToken.remove(watch.token());
    watch.process().watched.remove(watch.pid());
    epoll.remove(watch.fd());
    Fd.close(watch.fd());
  }

  /** How a child of ours ended, leaving it unreaped; null if it has not. */
  private @Nullable Exit exitOf(int pid) {
    siginfo.fill((byte) 0);
    int result = Libc.WAITID.call(P_PID, pid, siginfo.address(), WEXITED | WNOWAIT | WNOHANG);
    if (result < 0) return new Exit.Unknown();
    if (Libc.getInt(siginfo, 12 + 4) == 0) return null;
    int code = Libc.getInt(siginfo, 8);
    int status = Libc.getInt(siginfo, 24);
    return code == CLD_EXITED ? new Exit.Code(status) : new Exit.Killed(Signal.of(status), code == CLD_DUMPED);
  }

  @Override
  public Event spawn(Action.Spawn action) {
    Shape shape = action.spec().shape();
    String mark = daemonId + "/" + action.run();
    Map<String, String> env = environment.of(action.id(), shape.env(), Runs.MARK, mark);
    Outputs.Streams streams;
    Optional<Path> program;
    try {
      program = Executable.find(shape, env);
    } catch (InvalidPathException e) {
      return refused(action, shape.cmd().getFirst() + ": no file name in the daemon's locale; start the daemon with LC_ALL=C.UTF-8");
    }
    if (program.isEmpty() || shape.umask() != null) {
      Optional<String> fault = Executable.fault(shape, program, env);
      if (fault.isPresent()) return refused(action, fault.get());
    }
    try {
      streams = outputs.open(action.id(), action.run(), shape);
    } catch (IOException e) {
      return refused(action, String.valueOf(e.getMessage()));
    }
    List<String> argv = shape.cmd();
    Path file = program.orElseThrow();
    if (shape.umask() != null) {
      argv = withUmask(shape.umask(), argv);
      file = Path.of("/bin/sh");
    }
    List<String> strings = new ArrayList<>(env.size());
    env.forEach((name, value) -> strings.add(name + "=" + value));
    int pid = spawner.spawn(file, argv, strings, shape.workingdir(), streams);
    if (pid < 0) {
      outputs.close(action.id(), action.run());
      return refused(action, Executable.fault(shape, program, env).orElse(file + ": " + Errno.text(pid)));
    }
    fileLimit.giveBack(pid);
    Runs.Process process = new Runs.Process(action.id(), action.run(), pid, mark);
    if (!watch(process, pid)) {
      abandon(process);
      outputs.close(action.id(), action.run());
      return refused(action, "cannot watch it: out of file descriptors or memory");
    }
    runs.add(process);
    return new Event.Spawned(action.id(), action.run(), pid, now(), action.spec(), action.series());
  }

  private static Event refused(Action.Spawn action, String why) {
    return new Event.SpawnRefused(action.id(), action.run(), why, action.series());
  }

  /** posix_spawn(3) cannot set a umask, and ours is the whole process's: a shell sets it and becomes the program. */
  private static List<String> withUmask(int umask, List<String> argv) {
    List<String> prefixed = new ArrayList<>();
    prefixed.add("sh");
    prefixed.add("-c");
    prefixed.add("umask 0" + Integer.toOctalString(umask) + "; exec \"$@\"");
    prefixed.add("sh");
    prefixed.addAll(argv);
    return prefixed;
  }

  private void abandon(Runs.Process process) {
    Libc.KILL.call(-process.pid, Signal.KILL.number());
    Libc.KILL.call(process.pid, Signal.KILL.number());
    Libc.WAITID.call(P_PID, process.pid, siginfo.address(), WEXITED);
    List.copyOf(process.watched.values()).forEach(this::unwatch);
  }

  @Override
  public Event signal(Action.Signal action) {
    Runs.Process process = runs.find(action.id(), action.run());
    if (process != null) {
      int signal = action.signal().number();
      switch (action.reach()) {
        case MAIN -> {
          if (action.purpose() != Action.Purpose.REQUESTED) runs.remember(process);
          signalMain(process, signal);
        }
        case GROUP -> {
          runs.remember(process);
          Libc.KILL.call(-process.pid, signal);
        }
        case TREE -> {
          Map<Integer, ProcFs.Stat> others = others(process);
          Libc.KILL.call(-process.pid, signal);
          signalEscaped(process, others, signal);
        }
        case ESCAPED -> signalEscaped(process, others(process), signal);
      }
    }
    return new Event.Signalled(action);
  }

  private Map<Integer, ProcFs.Stat> others(Runs.Process process) {
    if (process.exit == null) runs.remember(process);
    return runs.survivors(process, currentOrphans());
  }

  private static void signalMain(Runs.Process process, int signal) {
    if (process.exit == null) Libc.KILL.call(process.pid, signal);
  }

  private static void signalEscaped(Runs.Process process, Map<Integer, ProcFs.Stat> others, int signal) {
    others.forEach((pid, stat) -> {
      if (stat.pgrp() != process.pid) Libc.KILL.call(pid, signal);
    });
  }

  @Override
  public Event reap(Action.Reap action) {
    Runs.Process process = runs.find(action.id(), action.run());
    if (process == null) return new Event.Gone(action.id(), action.run());
    Map<Integer, ProcFs.Stat> left = runs.survivors(process, currentOrphans());
    if (!left.isEmpty()) {
      // one that cannot be watched has gone, or will be seen when the planner looks again
      for (int pid : left.keySet()) if (!process.watched.containsKey(pid)) watch(process, pid);
      return new Event.Remains(action.id(), action.run(), left.size());
    }
    Libc.WAITID.call(P_PID, process.pid, siginfo.address(), WEXITED | WNOHANG);
    forget(process);
    outputs.close(action.id(), action.run());
    return new Event.Gone(action.id(), action.run());
  }

  private void forget(Runs.Process process) {
    List.copyOf(process.watched.values()).forEach(this::unwatch);
    runs.remove(process);
  }

  /** Read once for all that ask in one tick. */
  private List<Integer> currentOrphans() {
    List<Integer> current = orphans;
    if (current == null) {
      current = reapOrphans();
      orphans = current;
    }
    return current;
  }

  /** Frees the orphans that have ended; the others. */
  private List<Integer> reapOrphans() {
    Map<Integer, Boolean> alive = new LinkedHashMap<>();
    for (int pid : runs.orphans()) {
      siginfo.fill((byte) 0);
      int result = Libc.WAITID.call(P_PID, pid, siginfo.address(), WEXITED | WNOHANG);
      boolean ended = result < 0 || Libc.getInt(siginfo, 16) != 0;
      if (ended) runs.reaped(pid);
      else alive.put(pid, true);
    }
    return List.copyOf(alive.keySet());
  }

  /** Lets go of the descriptors; what runs is left alone. */
  public void close() {
    for (Runs.Process process : List.copyOf(runs.all())) forget(process);
    epoll.close();
  }
}
