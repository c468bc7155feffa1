package taskmaster.controller.logs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import taskmaster.api.LogPaths;
import taskmaster.api.Checks;
import taskmaster.api.Identity;
import taskmaster.api.InstanceId;
import taskmaster.api.LogPolicy;
import taskmaster.api.Output;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Shape;
import taskmaster.controller.linux.Epoll;
import taskmaster.controller.linux.CallFailed;
import taskmaster.controller.linux.Errno;
import taskmaster.controller.linux.Fd;
import taskmaster.controller.linux.Host;
import taskmaster.controller.linux.NativeBuffer;
import taskmaster.controller.linux.Outputs;
import taskmaster.controller.linux.PipeName;
import taskmaster.controller.linux.Scheduling;

/** All output of all programs, moved by one thread of its own: a write to a disk may block, and must not stop the loop. */
public final class Capture implements Outputs, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Capture.class);
  static final int BUFFER = 128 * 1024;
  private static final FileAttribute<?> OWN =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  /** A pipe that gave this much is likely to have more: it is not let wait. */
  private static final int FULL = 32 * 1024;

  private static final long PAUSE_NANOS = 10_000_000;

  /** After a full pipe more is on its way: waiting as long as usual would let the program wait too. */
  private static final long FLOOD_NANOS = 20_000_000;

  private static final long FLOOD_PAUSE_NANOS = 50_000;
  private static final long TAIL_WAITS_NANOS = 200_000_000;
  private static final int LAST_READS = 256;
  private static final int RETRY_MILLIS = 200;
  private static final int LOOK_MILLIS = 5_000;

  /** Hears of disks that refuse; called on the capture's thread, so it must not block. */
  public interface Listener {
    void degraded(Path log, List<InstanceId> instances, String why);

    void recovered(Path log, List<InstanceId> instances, long dropped);
  }

  private final Path fifoFolder;
  private final Listener listener;
  private final LogKeeper keeper;
  private final LineFormat lines = new LineFormat();
  private final Epoll epoll = new Epoll();
  private final Sources sources = new Sources();
  private final Map<Path, Sink> sinks = new HashMap<>();
  private final Map<Path, Sink> sinksByLog = new HashMap<>();

  /** Of this tick; used by the thread alone that makes runs ready. */
  private final Map<Path, LogFolder> folders = new HashMap<>();

  private final Map<Long, List<Source>> byRun = new HashMap<>();
  private final Map<Long, Search> searches = new HashMap<>();
  private final Queue<Source> closing = new ConcurrentLinkedQueue<>();
  private final Set<Source> withTail = new LinkedHashSet<>();
  private final Set<Source> paused = new LinkedHashSet<>();
  private final Set<Sink> degraded = ConcurrentHashMap.newKeySet();
  private final Set<Path> degradedBefore = new HashSet<>();
  private final Map<InstanceId, Long> dropped = new ConcurrentHashMap<>();
  private final NativeBuffer buffer = new NativeBuffer(BUFFER);
  private final Thread thread;
  private volatile @Nullable Finder finder;
  private volatile boolean ending;
  private volatile boolean reopenAsked;
  private boolean sawFullPipe;
  private long fullAt = System.nanoTime() - FLOOD_NANOS;
  private long lookedAt = System.nanoTime();

  /** @param fifoFolder a folder of the daemon's own, for the pipes */
  public Capture(Path fifoFolder, Listener listener) {
    this.fifoFolder = fifoFolder;
    this.listener = listener;
    this.keeper = new LogKeeper(this::allSinks);
    this.thread = Thread.ofPlatform().name("output").daemon().unstarted(this::run);
  }

  public void start() {
    thread.start();
    keeper.start();
  }

  /** The current file's, for what runs already. */
  public void policies(Map<String, ProgramSpec> specs) {
    for (Source source : sources.all()) {
      ProgramSpec spec = specs.get(source.id.program());
      if (spec != null) source.sink.policy(spec.policy().log());
    }
  }

  /** Of these an earlier daemon told that a disk refuses them: the end of that is to be told too. */
  public void degradedBefore(Set<Path> logs) {
    degradedBefore.addAll(logs);
  }

  /** Opens all files again: somebody has moved them away. */
  public void reopenFiles() {
    reopenAsked = true;
    epoll.wake();
  }

  /** How many bytes of its output were dropped because the disk refused them, since this daemon began. */
  public long dropped(InstanceId id) {
    return dropped.getOrDefault(id, 0L);
  }

  @Override
  public Streams open(InstanceId id, long run, ProgramSpec spec) throws IOException {
    Shape shape = spec.shape();
    LogPolicy policy = spec.policy().log();
    try {
      Outputs.Stream out = stream(id, run, shape.stdout(), "stdout", LogPaths.stdout(id, shape).orElse(null), policy);
      Outputs.Stream err = stream(id, run, shape.stderr(), "stderr", LogPaths.stderr(id, shape).orElse(null), policy);
      Identity identity = shape.attributes().identity();
      if (identity != null) give(identity.uid(), out, err);
      Search search = Search.of(spec.policy().checks());
      if (search != null) search(run, search);
      return new Streams(out, err);
    } catch (IOException e) {
      close(id, run);
      throw e;
    }
  }

  /** Whom they belong to may open /dev/stdout anew, as many programs do. */
  private static void give(long uid, Outputs.Stream... streams) throws IOException {
    if (uid == Host.uid()) return;
    for (Outputs.Stream stream : streams) {
      if (stream instanceof Outputs.Stream.Fifo(Path fifo)) check(fifo, Fd.giveTo(fifo, uid));
    }
  }

  private void search(long run, Search search) {
    searches.put(run, search);
    byRun.getOrDefault(run, List.of()).forEach(source -> source.scanner(new LineScanner(search, kind -> found(run, kind))));
  }

  private void found(long run, Checks.Kind kind) {
    Finder hears = finder;
    if (hears != null) hears.found(run, kind);
  }

  @Override
  public void find(long run, Checks.Kind kind, String pattern) {
    Search search = searches.get(run);
    if (search == null) {
      // it runs longer than the file says so, or than this daemon
      search = new Search();
      search(run, search);
    }
    if (search.begin(kind, pattern)) found(run, kind);
  }

  @Override
  public void onFound(Finder hears) {
    finder = hears;
  }

  private Outputs.Stream stream(
      InstanceId id, long run, Output output, String name, @Nullable Path log, LogPolicy policy) throws IOException {
    return switch (output) {
      case Output.Discard() -> new Outputs.Stream.DevNull();
      case Output.Inherit() -> new Outputs.Stream.Inherited();
      case Output.WithStdout() -> new Outputs.Stream.SameAsStdout();
      case Output.PerInstance p -> captured(id, run, name, Objects.requireNonNull(log), policy, false);
      case Output.ToFile f -> captured(id, run, name, Objects.requireNonNull(log), policy, true);
    };
  }

  private Outputs.Stream captured(InstanceId id, long run, String name, Path log, LogPolicy policy, boolean isShared)
      throws IOException {
    PipeName pipe = new PipeName(id, run, name);
    listen(pipe, log, policy, isShared, true);
    return new Outputs.Stream.Fifo(fifoFolder.resolve(pipe.toString()));
  }

  private void listen(PipeName pipe, Path log, LogPolicy policy, boolean isShared, boolean isNew) throws IOException {
    Path fifo = fifoFolder.resolve(pipe.toString());
    // what runs already is watched whatever may have become of its log
    Sink sink = acquire(log, policy, !isNew);
    int fd = -1;
    try {
      if (isNew) check(fifo, makeFifo(fifo));
      // for reading alone: where nobody writes any more, that shows
      fd = check(fifo, Fd.open(fifo, Fd.O_RDONLY | Fd.O_NONBLOCK | Fd.O_NOATIME, 0));
      if (isNew && Fd.isScarce(fd, logsToCome())) throw new IOException("out of file descriptors (raise ulimit -n)");
      Source source = new Source(pipe.id(), pipe.stream(), fifo, fd, sink, isShared, lines);
      if (!isNew) source.pid(0); // told as soon as it is known
      sources.add(source);
      check(fifo, epoll.add(fd, fd));
      byRun.computeIfAbsent(pipe.run(), r -> new ArrayList<>()).add(source);
    } catch (IOException e) {
      sources.remove(fd);
      Fd.close(fd);
      if (isNew) Files.deleteIfExists(fifo);
      release(sink);
      throw e;
    }
  }

  /** Those that get their file with the first line that is written. */
  private int logsToCome() {
    synchronized (sinks) {
      return Math.max(0, sinks.size() - LogFile.open());
    }
  }

  private static int check(Path fifo, int result) throws IOException {
    if (result < 0) throw new IOException("pipe " + fifo + ": " + Errno.text(result));
    return result;
  }

  @Override
  public void started(long run, int pid) {
    byRun.getOrDefault(run, List.of()).forEach(source -> source.pid(pid));
  }

  @Override
  public void reopen(InstanceId id, long run, ProgramSpec spec) {
    Shape shape = spec.shape();
    LogPolicy policy = spec.policy().log();
    reopen(new PipeName(id, run, "stdout"), shape.stdout(), LogPaths.stdout(id, shape).orElse(null), policy);
    if (shape.stderr() instanceof Output.WithStdout) return;
    reopen(new PipeName(id, run, "stderr"), shape.stderr(), LogPaths.stderr(id, shape).orElse(null), policy);
  }

  private void reopen(PipeName pipe, Output output, @Nullable Path log, LogPolicy policy) {
    Path fifo = fifoFolder.resolve(pipe.toString());
    if (log == null) return;
    // held while we open the other end: only who has once seen a writer is told when there is none any more
    int writer = asWriter(fifo);
    if (writer < 0) return;
    try {
      listen(pipe, log, policy, output instanceof Output.ToFile, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    } finally {
      Fd.close(writer);
    }
  }

  @Override
  public boolean isHeld(InstanceId id, long run) {
    for (Source source : byRun.getOrDefault(run, List.of())) if (Fd.hasWriter(source.fd)) return true;
    return false;
  }

  @Override
  public List<PipeName> heldBefore() {
    List<PipeName> held = new ArrayList<>();
    for (Path fifo : pipes()) {
      int writer = asWriter(fifo);
      Fd.close(writer);
      if (writer >= 0) PipeName.parse(fifo.getFileName().toString()).ifPresent(held::add);
    }
    return held;
  }

  /** Fails with ENXIO where nobody reads it: each process of the run holds it for reading too (fifo(7)). */
  private static int asWriter(Path fifo) {
    int fd = Fd.open(fifo, Fd.O_WRONLY | Fd.O_NONBLOCK, 0);
    boolean cannotLook = fd == -Errno.EMFILE || fd == -Errno.ENFILE;
    if (cannotLook) throw new CallFailed(fifo.toString(), fd);
    return fd;
  }

  /** Removes the pipes of runs that are over. */
  public void sweep() {
    Set<Path> used = new HashSet<>();
    sources.all().forEach(source -> used.add(source.fifo));
    for (Path fifo : pipes()) {
      if (used.contains(fifo) || PipeName.parse(fifo.getFileName().toString()).isEmpty()) continue;
      try {
        Files.deleteIfExists(fifo);
      } catch (IOException e) {
        LOG.warn("cannot remove {}: {}", fifo, e.toString());
      }
    }
  }

  private List<Path> pipes() {
    try (var files = Files.list(fifoFolder)) {
      return files.toList();
    } catch (NoSuchFileException none) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private static int makeFifo(Path fifo) throws IOException {
    int made = Fd.mkfifo(fifo, 0600);
    if (made == -Errno.EEXIST) {
      Files.delete(fifo);
      return Fd.mkfifo(fifo, 0600);
    } else if (made == -Errno.ENOENT) {
      // /run/user/UID goes with the user's last session, and a daemon may stay
      Files.createDirectories(fifo.getParent(), OWN);
      return Fd.mkfifo(fifo, 0600);
    }
    return made;
  }

  private List<Sink> allSinks() {
    synchronized (sinks) {
      return List.copyOf(sinks.values());
    }
  }

  private Sink acquire(Path log, LogPolicy policy, boolean patient) throws IOException {
    synchronized (sinks) {
      Sink sink = sinksByLog.get(log); // of the run before, as a rule
      if (sink == null || sink.hasMoved()) sink = sinkOf(log, policy, patient);
      sink.users++;
      return sink;
    }
  }

  private Sink sinkOf(Path log, LogPolicy policy, boolean patient) throws IOException {
    LogFolder.Place place = placeOf(log);
    Sink sink = sinks.get(place.target());
    if (sink != null) return sink;
    sink = new Sink(place, policy, patient, new Telling());
    sinks.put(place.target(), sink);
    sinksByLog.put(log, sink);
    if (degradedBefore.remove(log)) {
      sink.degradedBefore();
      degraded.add(sink);
    }
    return sink;
  }

  private LogFolder.Place placeOf(Path log) {
    Path folder = log.toAbsolutePath().getParent();
    return folder == null ? new LogFolder.Place(log, log, false) : folders.computeIfAbsent(folder, LogFolder::of).place(log);
  }

  @Override
  public void tickBegins() {
    folders.clear();
  }

  private void release(Sink sink) {
    synchronized (sinks) {
      if (--sink.users == 0 && !degraded.contains(sink)) forget(sink);
    }
  }

  private void forget(Sink sink) {
    synchronized (sinks) {
      sinks.values().remove(sink);
      sinksByLog.remove(sink.path, sink);
      sink.close();
    }
  }

  @Override
  public void close(InstanceId id, long run) {
    searches.remove(run);
    List<Source> ended = byRun.remove(run);
    if (ended == null) return;
    closing.addAll(ended);
    epoll.wake();
  }

  /** What a file's trouble means for those that are written to it. */
  private final class Telling implements Sink.Listener {
    @Override
    public void degraded(Sink sink, String why) {
      degraded.add(sink);
      listener.degraded(sink.path, instances(sink), why);
    }

    @Override
    public void recovered(Sink sink, long lost) {
      synchronized (sinks) {
        degraded.remove(sink);
        if (sink.users == 0) forget(sink);
      }
      listener.recovered(sink.path, instances(sink), lost);
    }

    @Override
    public void dropped(InstanceId of, long bytes) {
      dropped.merge(of, bytes, Long::sum);
    }

    @Override
    public void rotated(Sink sink) {
      keeper.rotated(sink);
    }

    private List<InstanceId> instances(Sink sink) {
      return sources.all().stream().filter(s -> s.sink == sink).map(s -> s.id).distinct().sorted().toList();
    }
  }

  private void run() {
    Scheduling.giveWay();
    while (!ending || !closing.isEmpty()) {
      try {
        round();
      } catch (RuntimeException | Error e) {
        // without this thread no program's output would be kept any more
        LOG.error("internal error: capturing", e);
        LockSupport.parkNanos(RETRY_MILLIS * 1_000_000L);
      }
    }
    sources.all().forEach(source -> {
      source.last();
      source.sink.giveUp();
    });
  }

  private void round() {
    sawFullPipe = false;
    epoll.poll(timeout());
    long now = System.nanoTime();
    epoll.forEachReady(token -> drain(token, now));
    if (!degraded.isEmpty() || !paused.isEmpty()) retry();
    for (Source ended = closing.poll(); ended != null; ended = closing.poll()) finish(ended);
    flushTails();
    lookAtFiles();
    if (!ending) pause(now);
  }

  /** So that many lines are read at once where each comes at its own moment. */
  private void pause(long now) {
    if (sawFullPipe) fullAt = now;
    else LockSupport.parkNanos(now - fullAt < FLOOD_NANOS ? FLOOD_PAUSE_NANOS : PAUSE_NANOS);
  }

  private int timeout() {
    if (!closing.isEmpty()) return 0;
    if (!withTail.isEmpty()) return 50;
    return degraded.isEmpty() && paused.isEmpty() ? LOOK_MILLIS : RETRY_MILLIS;
  }

  private void drain(long token, long now) {
    Source source = sources.get((int) token);
    if (source == null) return;
    if (source.isToWait()) return;
    if (source.sink.isBlocked()) {
      pause(source);
      return;
    }
    try {
      long n = source.drain(buffer, now);
      if (n == 0) epoll.remove(source.fd); // nobody writes it any more; it would be readable for ever
      sawFullPipe |= n >= FULL;
      if (source.hasTail()) withTail.add(source);
      if (source.hasRest()) pause(source);
    } catch (RuntimeException | Error e) {
      LOG.error("internal error: capturing {}", source.fifo, e);
    }
  }

  /** Until its file takes more: then what waits goes first. */
  private void pause(Source source) {
    epoll.remove(source.fd);
    paused.add(source);
  }

  /** The disk may have room again: then what waits goes first. */
  private void retry() {
    for (Sink sink : degraded) sink.retry();
    paused.removeIf(source -> {
      if (!source.sink.isBlocked()) source.resume();
      if (source.sink.isBlocked() || source.hasRest()) return false;
      epoll.add(source.fd, source.fd);
      return true;
    });
  }

  /** Files that were moved or deleted, also where nothing is written just now: their space is to be free. */
  private void lookAtFiles() {
    if (reopenAsked) {
      reopenAsked = false;
      allSinks().forEach(Sink::reopen);
    }
    long now = System.nanoTime();
    if (now - lookedAt < LOOK_MILLIS * 1_000_000L) return;
    lookedAt = now;
    allSinks().forEach(Sink::look);
  }

  private void flushTails() {
    if (withTail.isEmpty()) return;
    long now = System.nanoTime();
    withTail.removeIf(source -> {
      if (source.sink.isBlocked() || source.hasTail() && now - source.tailSince() < TAIL_WAITS_NANOS) return false;
      source.flush();
      return true;
    });
  }

  private void finish(Source source) {
    // what nobody of the run holds any more comes to an end; the bound is for one who slipped away and writes on
    for (int i = 0; i < LAST_READS && source.drain(buffer, System.nanoTime()) > 0; i++) continue;
    source.last();
    if (ending) source.sink.giveUp();
    withTail.remove(source);
    paused.remove(source);
    sources.remove(source.fd);
    epoll.remove(source.fd);
    Fd.close(source.fd);
    try {
      Files.deleteIfExists(source.fifo);
    } catch (IOException e) {
      LOG.warn("cannot remove {}: {}", source.fifo, e.toString());
    }
    release(source.sink);
  }

  /** Ends the thread once everything closed so far is on disk. */
  @Override
  public void close() {
    ending = true;
    epoll.wake();
    LockSupport.unpark(thread);
    try {
      thread.join(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    keeper.close();
    epoll.close();
  }
}
