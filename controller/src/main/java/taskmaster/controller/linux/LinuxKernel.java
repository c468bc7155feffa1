package taskmaster.controller.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.Probe;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Shape;
import taskmaster.api.Signal;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Run;
import taskmaster.controller.kernel.Kernel;
import taskmaster.controller.kernel.Sighting;

/** The kernel of this machine. Exits come from pidfds (pidfd_open(2)), never from SIGCHLD or the end of a pipe. */
public final class LinuxKernel implements Kernel {
  private static final System.Logger LOG = System.getLogger(LinuxKernel.class.getName());
  private static final long PIDFD_SEND_SIGNAL = 424;
  private static final long PIDFD_OPEN = 434;

  /** _IOWR(0xFF, 11, struct pidfd_info), its first 64 bytes (linux/pidfd.h, since Linux 6.13; the exit since 6.15). */
  private static final long PIDFD_GET_INFO = 0xC040FF0BL;

  private static final long PIDFD_INFO_EXIT = 8;
  private static final int PIDFD_INFO_EXIT_CODE = 60;
  private static final int P_PID = 1;
  private static final int WNOHANG = 1;
  private static final int WEXITED = 4;
  private static final int WNOWAIT = 0x01000000;
  private static final int CLD_EXITED = 1;
  private static final int CLD_DUMPED = 3;
  private static final Duration SWEEP_EVERY = Duration.ofSeconds(1);

  /** How long the parent of an adopted process may take to reap it before we give up learning its status. */
  private static final Duration REAPED_WITHIN = Duration.ofSeconds(1);

  private static final int ASK_AGAIN_MILLIS = 5;

  private final Outputs outputs;
  private final Environment environment;
  private final Epoll epoll = new Epoll();
  private final Launcher launcher = new Launcher(FileLimit.raise());
  private final Runs runs;
  private final Path pipes;
  private final String daemonId;
  private final Map<Long, Runnable> hearers = new HashMap<>();
  private final Map<Integer, Long> tokens = new HashMap<>();
  private final Map<Long, Runs.Watch> byToken = new HashMap<>();
  private final MemorySegment siginfo = Arena.ofAuto().allocate(128, 8);
  private long nextToken = 1;
  private MonoTime sweepAt = new MonoTime(0);
  private final Map<Runs.Watch, MonoTime> unreaped = new LinkedHashMap<>();
  private @Nullable Probing probing;
  private @Nullable List<Integer> orphans;
  private @Nullable List<ProcFs.Stat> everything;

  /**
   * @param daemonId tells the children of this state folder's daemons from those of one that runs inside or around it
   * @param pipes where {@code outputs} has its pipes
   */
  public LinuxKernel(Outputs outputs, String daemonId, Path pipes) {
    this.outputs = outputs;
    this.pipes = pipes;
    this.daemonId = daemonId;
    this.runs = new Runs(daemonId, pipes);
    this.environment = Environment.inherited();
  }

  @Override
  public MonoTime now() {
    return new MonoTime(System.nanoTime());
  }

  @Override
  public List<Event> poll(MonoTime deadline) {
    int millis = millisUntil(deadline);
    if (!unreaped.isEmpty()) millis = Math.min(millis, ASK_AGAIN_MILLIS);
    Probing asked = probing;
    if (asked != null) {
      asked.settle();
      millis = Math.min(millis, millisUntil(asked.next(now())));
    }
    List<Event> events = new ArrayList<>();
    epoll.poll(millis, token -> {
      try {
        ready(token, events);
      } catch (UncheckedIOException cannotLookNow) {
        LOG.log(System.Logger.Level.DEBUG, "put off: {0}", cannotLookNow.toString()); // it stays readable
      }
    });
    List.copyOf(unreaped.entrySet()).forEach(e -> ended(e.getKey(), now().reached(e.getValue()), events));
    orphans = null;
    everything = null;
    runs.forgetClaims();
    if (asked != null) asked.tell(now(), events::add);
    MonoTime now = now();
    if (now.reached(sweepAt)) {
      sweepAt = now.plus(SWEEP_EVERY);
      if (events.isEmpty()) settle();
    }
    return events;
  }

  private int millisUntil(MonoTime deadline) {
    long nanos = deadline.nanos() - now().nanos();
    return nanos <= 0 ? 0 : (int) Math.min(Integer.MAX_VALUE, (nanos + 999_999) / 1_000_000);
  }

  private void settle() {
    try {
      runs.settle(reapOrphans());
    } catch (UncheckedIOException cannotLookNow) {
      LOG.log(System.Logger.Level.DEBUG, "put off: {0}", cannotLookNow.toString());
    }
  }

  @Override
  public void wake() {
    epoll.wake();
  }

  private void ready(long token, List<Event> events) {
    Runs.Watch watch = byToken.get(token);
    if (watch == null) {
      Runnable other = hearers.get(token);
      if (other != null) other.run();
      return;
    }
    Runs.Process process = watch.process();
    if (watch.pid() != process.pid) {
      unwatch(watch);
      events.add(new Event.Stirred(process.id, process.run));
      return;
    }
    if (!process.adopted) {
      Exit exit = exitOf(process.pid);
      if (exit != null) ended(watch, exit, events);
    } else if (!ended(watch, false, events)) {
      epoll.remove(watch.fd());
      unreaped.put(watch, now().plus(REAPED_WITHIN));
    }
  }

  private boolean ended(Runs.Watch watch, boolean lastChance, List<Event> events) {
    Exit exit = exitOfStranger(watch.process(), watch.fd());
    if (exit == null && !lastChance) return false;
    ended(watch, exit == null ? new Exit.Unknown() : exit, events);
    return true;
  }

  private void ended(Runs.Watch watch, Exit exit, List<Event> events) {
    Runs.Process process = watch.process();
    process.exit = exit;
    unwatch(watch);
    endProbes(process.run);
    events.add(new Event.Exited(process.id, process.run, exit));
  }

  /** 0, or the negative errno: ESRCH where there is no such process. */
  private int watch(Runs.Process process, int pid) {
    int fd = Libc.SYSCALL.call(PIDFD_OPEN, pid, 0);
    if (fd < 0) return fd;
    Runs.Watch watch = new Runs.Watch(process, pid, fd, nextToken++);
    process.watched.put(pid, watch);
    byToken.put(watch.token(), watch);
    return epoll.add(fd, watch.token());
  }

  private void unwatch(Runs.Watch watch) {
    unreaped.remove(watch);
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

  /** How a process that is not our child ended: its zombie tells root, or, once it is reaped, its pidfd. */
  private @Nullable Exit exitOfStranger(Runs.Process process, int pidfd) {
    ProcFs.Stat zombie = ProcFs.stat(process.pid).filter(process::is).orElse(null);
    if (zombie != null) return zombie.exitStatus() != 0 || Host.uid() == 0 ? exitOfStatus(zombie.exitStatus()) : null;
    siginfo.fill((byte) 0);
    siginfo.set(JAVA_LONG, 0, PIDFD_INFO_EXIT);
    int result = Libc.IOCTL.call(pidfd, PIDFD_GET_INFO, siginfo.address());
    boolean told = result >= 0 && (siginfo.get(JAVA_LONG, 0) & PIDFD_INFO_EXIT) != 0;
    return told ? exitOfStatus(Libc.getInt(siginfo, PIDFD_INFO_EXIT_CODE)) : new Exit.Unknown();
  }

  /** Decodes what wait(2) calls a status. */
  private static Exit exitOfStatus(int status) {
    int signal = status & 0x7f;
    return signal == 0 ? new Exit.Code(status >> 8 & 0xff) : new Exit.Killed(Signal.of(signal), (status & 0x80) != 0);
  }

  @Override
  public Event spawn(Action.Spawn action) {
    return switch (prepared(action)) {
      case Refused(String why) -> refused(action, why);
      case Prepared it -> begun(it, launcher.begin(it.made().order()));
    };
  }

  @Override
  public void spawnAll(List<Action.Spawn> actions, Consumer<Event> hearer) {
    Prepared last = null;
    Future<Integer> beginning = null;
    for (Action.Spawn action : actions) {
      Ready next = prepared(action);
      if (last != null && beginning != null) hearer.accept(begun(last, beginning));
      last = null;
      switch (next) {
        case Refused(String why) -> hearer.accept(refused(action, why));
        case Prepared it -> {
          last = it;
          beginning = launcher.begin(it.made().order());
        }
      }
    }
    if (last != null && beginning != null) hearer.accept(begun(last, beginning));
  }

  private sealed interface Ready {}

  private record Refused(String why) implements Ready {}

  private record Prepared(Action.Spawn action, Made made) implements Ready {}

  /** What should be impossible costs the one program that it happens to. */
  private Ready prepared(Action.Spawn action) {
    try {
      return prepare(action);
    } catch (RuntimeException e) {
      close(action.id(), action.run());
      return new Refused("internal error: " + e);
    }
  }

  private Event begun(Prepared it, Future<Integer> beginning) {
    int pid = 0;
    try {
      pid = Launcher.pid(beginning);
      return begun(it, pid);
    } catch (RuntimeException e) {
      if (pid > 0) abandon(pid);
      close(it.action().id(), it.action().run());
      return refused(it.action(), "internal error: " + e);
    }
  }

  /** What an instance is started with, or would be. From any thread. */
  public Invocation invocation(InstanceId id, long run, Shape shape) {
    return new Invocation(id, shape, environment, Runs.MARK, runs.mark(id, run));
  }

  private Ready prepare(Action.Spawn action) {
    try {
      return new Prepared(action, make(action.id(), action.run(), shapeOf(action), () -> outputs.open(action.id(), action.run(), action.spec())));
    } catch (IOException e) {
      close(action.id(), action.run());
      return new Refused(String.valueOf(e.getMessage()));
    }
  }

  /** With what it needs to tell us how it is. */
  private Shape shapeOf(Action.Spawn action) throws IOException {
    ProgramSpec spec = action.spec();
    if (!Probing.isNeededBy(spec)) return spec.shape();
    return spec.shape().with(spec.shape().cmd(), probing().openSocket(action.id(), action.run(), spec));
  }

  private interface Opening {
    Outputs.Streams open() throws IOException;
  }

  /** @param program that the file means, where a tool has to set something first */
  private record Made(Invocation invocation, Optional<Path> program, Launcher.Order order) {
    String whyNot(int errno) {
      return Executable.fault(invocation, program).orElse(order.program() + ": " + Errno.text(errno));
    }
  }

  /** @throws IOException why it cannot be started, as a sentence's end */
  private Made make(InstanceId id, long run, Shape shape, Opening streams) throws IOException {
    Invocation it = invocation(id, run, shape);
    Optional<Path> program;
    try {
      program = Executable.find(it);
    } catch (InvalidPathException e) {
      throw new IOException(it.argv().getFirst() + ": no file name in the daemon's locale; start the daemon with LC_ALL=C.UTF-8", e);
    }
    List<String> prefix = it.prefix();
    // behind a prefix the kernel's word would come too late
    if (program.isEmpty() || !prefix.isEmpty()) {
      Optional<String> fault = Executable.fault(it, program);
      if (fault.isPresent()) throw new IOException(fault.get());
    }
    Outputs.Streams opened = streams.open();
    Path first = prefix.isEmpty() ? program.orElseThrow() : Path.of(prefix.getFirst());
    List<String> argv = prefix.isEmpty() ? it.argv() : Stream.concat(prefix.stream(), it.argv().stream()).toList();
    return new Made(it, program, new Launcher.Order(first, argv, it.env(), it.workingdir(), opened, it.setsFileLimit()));
  }

  private Event begun(Prepared it, int pid) {
    Action.Spawn action = it.action();
    if (pid < 0) {
      close(action.id(), action.run());
      return refused(action, it.made().whyNot(pid));
    }
    Runs.Process process;
    try {
      long born = ProcFs.stat(pid).map(ProcFs.Stat::startTime).orElse(0L); // not reaped yet, so it is there
      process = new Runs.Process(action.id(), action.run(), pid, born, false);
      int watched = watch(process, pid);
      if (watched < 0) throw new UncheckedIOException(new IOException(Errno.text(watched)));
    } catch (UncheckedIOException e) {
      abandon(pid);
      close(action.id(), action.run());
      return refused(action, "cannot watch it: " + e.getMessage());
    }
    runs.add(process);
    outputs.started(action.run(), pid);
    return new Event.Spawned(action.id(), action.run(), pid, process.born, now(), action.spec(), action.series());
  }

  private static Event refused(Action.Spawn action, String why) {
    return new Event.SpawnRefused(action.id(), action.run(), why, action.series());
  }

  private void abandon(int pid) {
    Libc.KILL.call(-pid, Signal.KILL.number());
    Libc.KILL.call(pid, Signal.KILL.number());
    Libc.WAITID.call(P_PID, pid, siginfo.address(), WEXITED);
    byToken.values().stream().filter(w -> w.pid() == pid).toList().forEach(this::unwatch);
  }

  @Override
  public Event signal(Action.Signal action) {
    Runs.Process process = runs.find(action.id(), action.run());
    if (process != null) {
      int signal = action.signal().number();
      if (action.purpose() != Action.Purpose.REQUESTED) endProbes(action.run());
      switch (action.reach()) {
        case MAIN -> {
          if (action.purpose() != Action.Purpose.REQUESTED) remember(process);
          signalMain(process, signal);
        }
        case GROUP -> {
          remember(process);
          signalGroup(process, signal);
        }
        case TREE -> {
          Map<Integer, ProcFs.Stat> others = others(process);
          if (signalGroup(process, signal)) signalEscaped(process, others, signal);
          else others.keySet().forEach(pid -> Libc.KILL.call(pid, signal));
        }
        case ESCAPED -> signalEscaped(process, others(process), signal);
      }
    }
    return new Event.Signalled(action);
  }

  private Map<Integer, ProcFs.Stat> others(Runs.Process process) {
    remember(process);
    try {
      return survivors(process);
    } catch (UncheckedIOException cannotLookNow) {
      return Map.of(); // those that we know by their group get it; the rest when we look again
    }
  }

  private void remember(Runs.Process process) {
    if (process.exit != null) return;
    try {
      runs.remember(process);
    } catch (UncheckedIOException cannotLookNow) {
      LOG.log(System.Logger.Level.DEBUG, "not remembered: {0}", cannotLookNow.toString());
    }
  }

  private Map<Integer, ProcFs.Stat> survivors(Runs.Process process) {
    Map<Integer, ProcFs.Stat> known = runs.survivors(process, currentOrphans(), this::everything);
    boolean hidden = known.isEmpty() && process.exit != null && outputs.isHeld(process.id, process.run);
    return hidden ? runs.claimants(process, everything()) : known;
  }

  private static void signalMain(Runs.Process process, int signal) {
    if (process.exit != null) return;
    Runs.Watch watch = process.watched.get(process.pid);
    if (process.adopted && watch != null) Libc.SYSCALL.call(PIDFD_SEND_SIGNAL, watch.fd(), signal, 0);
    else Libc.KILL.call(process.pid, signal);
  }

  /** False where the group's id may be another's by now: a process that is not our child leaves no zombie to keep it. */
  private static boolean signalGroup(Runs.Process process, int signal) {
    if (process.adopted && (process.pid == 0 || process.exit != null || ProcFs.stat(process.pid).filter(process::is).isEmpty())) {
      return false;
    }
    Libc.KILL.call(-process.pid, signal);
    return true;
  }

  private static void signalEscaped(Runs.Process process, Map<Integer, ProcFs.Stat> others, int signal) {
    others.forEach((pid, stat) -> {
      if (stat.pgrp() != process.pid) Libc.KILL.call(pid, signal);
    });
  }

  @Override
  public void probe(Action.Probe action) {
    Runs.Process process = runs.find(action.id(), action.run());
    if (process == null || process.exit != null) return;
    probing().giveUp(action.run(), action.kind()); // the file may ask otherwise now
    probing().begin(action, now());
  }

  @Override
  public void giveUp(Action.GiveUp action) {
    if (probing != null) probing.giveUp(action.run(), action.kind());
  }

  private void endProbes(long run) {
    if (probing != null) probing.end(run);
  }

  private Probing probing() {
    Probing made = probing;
    if (made == null) {
      made = new Probing(outputs, pipes, daemonId, new OtherDescriptors(), runs.probes(), epoll::wake, this::startProbe);
      outputs.onFound(made::found);
      probing = made;
    }
    return made;
  }

  private void startProbe(Action.Probe probe, Probe.Exec exec, ExecProbes execs, Consumer<String> refused) {
    Shape shape = probe.shape().with(exec.cmd(), Map.of(ExecProbes.MARK, "1"));
    Outputs.Streams nowhere = new Outputs.Streams(new Outputs.Stream.DevNull(), new Outputs.Stream.DevNull());
    try {
      Made made = make(probe.id(), probe.run(), shape, () -> nowhere);
      execs.begin(probe, launcher.begin(made.order()), errno -> refused.accept(made.whyNot(errno)));
    } catch (IOException e) {
      refused.accept("cannot start: " + e.getMessage());
    } catch (RuntimeException e) {
      refused.accept("internal error: " + e);
    }
  }

  /** For descriptors that belong to no run's processes. */
  private final class OtherDescriptors implements Watching {
    @Override
    public int openPidfd(int pid) {
      return Libc.SYSCALL.call(PIDFD_OPEN, pid, 0);
    }

    @Override
    public void watch(int fd, Runnable ready) {
      long token = nextToken++;
      hearers.put(token, ready);
      tokens.put(fd, token);
      epoll.add(fd, token);
    }

    @Override
    public void forget(int fd) {
      Long token = tokens.remove(fd);
      if (token != null) hearers.remove(token);
      epoll.remove(fd);
      Fd.close(fd);
    }

    @Override
    public @Nullable Exit exitOf(int pid) {
      return LinuxKernel.this.exitOf(pid);
    }

    @Override
    public void reap(int pid) {
      Libc.WAITID.call(P_PID, pid, siginfo.address(), WEXITED);
    }
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
    Runs.Process process = runs.find(action.id(), action.run());
    if (process == null) return new Event.Gone(action.id(), action.run());
    Map<Integer, ProcFs.Stat> left = survivors(process);
    if (left.isEmpty() && outputs.isHeld(action.id(), action.run())) {
      return new Event.Remains(action.id(), action.run(), 1); // one that we may not look at
    }
    if (!left.isEmpty()) {
      // one that cannot be watched has gone, or will be seen when the planner looks again
      for (int pid : left.keySet()) if (!process.watched.containsKey(pid)) watch(process, pid);
      return new Event.Remains(action.id(), action.run(), left.size());
    }
    if (!process.adopted) Libc.WAITID.call(P_PID, process.pid, siginfo.address(), WEXITED | WNOHANG);
    forget(process);
    close(action.id(), action.run());
    return new Event.Gone(action.id(), action.run());
  }

  @Override
  public List<Sighting> sightings() {
    Map<PipeName, List<ProcFs.Stat>> claims = new LinkedHashMap<>();
    for (PipeName held : outputs.heldBefore()) claims.put(asRun(held), new ArrayList<>());
    List<ProcFs.Stat> all = everything();
    for (ProcFs.Stat stat : all) {
      if (!stat.isAlive() || isOldProbe(stat)) continue;
      runs.claimOf(stat.pid()).ifPresent(claim -> claims.computeIfAbsent(asRun(claim), c -> new ArrayList<>()).add(stat));
    }
    long ticksNow = ProcFs.ticksSinceBoot();
    List<Sighting> sightings = new ArrayList<>();
    claims.forEach((claim, members) -> {
      ProcFs.Stat main =
          members.stream()
              .filter(stat -> stat.session() == stat.pid())
              .min(Comparator.comparingLong(ProcFs.Stat::startTime))
              .orElse(null);
      Duration age = Duration.ofMillis(main == null ? 0 : Math.max(0, ticksNow - main.startTime()) * 1000 / ProcFs.TICKS_PER_SECOND);
      MonoTime startedAt = new MonoTime(now().nanos() - age.toNanos());
      sightings.add(
          new Sighting(claim.id(), claim.run(), main == null ? 0 : main.pid(), main == null ? 0 : main.startTime(), startedAt));
    });
    return sightings;
  }

  /** Whether it was asked by a daemon that is not there any more: it is ended. */
  private boolean isOldProbe(ProcFs.Stat stat) {
    if (runs.claimOf(stat.pid()).isEmpty() || ProcFs.variable(stat.pid(), ExecProbes.MARK).isEmpty()) return false;
    Libc.KILL.call(stat.pid(), Signal.KILL.number());
    return true;
  }

  private static PipeName asRun(PipeName pipe) {
    return new PipeName(pipe.id(), pipe.run(), "stdout");
  }

  @Override
  public Event adopt(InstanceId id, Run run, boolean ended) {
    Runs.Process process = new Runs.Process(id, run.number(), run.pid(), run.born(), true);
    long born = 0;
    if (!ended && run.pid() != 0) {
      int watched = watch(process, run.pid());
      if (watched < 0 && watched != -Errno.ESRCH) throw new UncheckedIOException(new IOException(id + ": " + Errno.text(watched)));
      // looked at after the pidfd is open: from then on the pid and the descriptor mean the same process
      if (watched == 0) born = ProcFs.stat(run.pid()).map(ProcFs.Stat::startTime).orElse(0L);
      if (born != run.born()) List.copyOf(process.watched.values()).forEach(this::unwatch);
    }
    if (born == 0 || born != run.born()) process.exit = new Exit.Unknown();
    runs.add(process);
    outputs.reopen(id, run.number(), run.spec());
    outputs.started(run.number(), run.pid());
    if (Probing.isNeededBy(run.spec())) listenAgain(id, run);
    return new Event.Sighted(id, run.number(), born);
  }

  private void listenAgain(InstanceId id, Run run) {
    try {
      probing().openSocket(id, run.number(), run.spec());
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "cannot hear {0}: {1}", id, e.getMessage());
    }
  }

  /** Removes what notify sockets the runs that are over have left. */
  public void sweep() {
    NotifySockets.sweep(pipes, daemonId, probing == null ? null : probing.sockets());
  }

  /** Nothing of the run is there, or comes to be. */
  private void close(InstanceId id, long run) {
    outputs.close(id, run);
    if (probing != null) probing.gone(run);
  }

  private void forget(Runs.Process process) {
    List.copyOf(process.watched.values()).forEach(this::unwatch);
    runs.remove(process);
  }

  /** Read once for all that ask in one tick. */
  private List<ProcFs.Stat> everything() {
    List<ProcFs.Stat> current = everything;
    if (current == null) {
      current = ProcFs.all();
      everything = current;
    }
    return current;
  }

  private List<Integer> currentOrphans() {
    List<Integer> current = orphans;
    if (current == null) {
      if (probing != null) probing.settle();
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
    if (probing != null) probing.close();
    launcher.close();
    for (Runs.Process process : List.copyOf(runs.all())) forget(process);
    epoll.close();
  }
}
