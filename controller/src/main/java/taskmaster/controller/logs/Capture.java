package taskmaster.controller.logs;

import java.io.IOException;
import java.nio.file.Files;
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
import taskmaster.api.InstanceId;
import taskmaster.api.Output;
import taskmaster.api.Shape;
import taskmaster.controller.linux.Epoll;
import taskmaster.controller.linux.Errno;
import taskmaster.controller.linux.Fd;
import taskmaster.controller.linux.NativeBuffer;
import taskmaster.controller.linux.Outputs;
import taskmaster.controller.linux.PipeName;

/** All output of all programs, moved by one thread of its own: a write to a disk may block, and must not stop the loop. */
public final class Capture implements Outputs, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Capture.class);
  public static final long MAX_BYTES = 50L << 20;
  public static final int BACKUPS = 10;
  private static final int BUFFER = 128 * 1024;
  private static final FileAttribute<?> OWN =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  /** A pipe that gave this much is likely to have more: it is not let wait. */
  private static final int FULL = 32 * 1024;

  private static final long PAUSE_NANOS = 10_000_000;
  private static final long TAIL_WAITS_NANOS = 200_000_000;
  private static final int LAST_READS = 256;

  private final Path fifoFolder;
  private final long maxBytes;
  private final int backups;
  private final Epoll epoll = new Epoll();
  private final Map<Long, Source> sources = new ConcurrentHashMap<>();
  private final Map<Path, Sink> sinks = new HashMap<>();
  private final Map<Long, List<Source>> byRun = new HashMap<>();
  private final Queue<Source> closing = new ConcurrentLinkedQueue<>();
  private final Set<Source> withTail = new LinkedHashSet<>();
  private final NativeBuffer buffer = new NativeBuffer(BUFFER);
  private final Thread thread;
  private long nextToken = 1;
  private volatile boolean ending;
  private boolean sawFullPipe;

  /** @param fifoFolder a folder of the daemon's own, for the pipes */
  public Capture(Path fifoFolder) {
    this(fifoFolder, MAX_BYTES, BACKUPS);
  }

  Capture(Path fifoFolder, long maxBytes, int backups) {
    this.fifoFolder = fifoFolder;
    this.maxBytes = maxBytes;
    this.backups = backups;
    this.thread = Thread.ofPlatform().name("output").daemon().unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  @Override
  public Streams open(InstanceId id, long run, Shape shape) throws IOException {
    try {
      Outputs.Stream out = stream(id, run, shape.stdout(), "stdout", LogPaths.stdout(id, shape).orElse(null));
      Outputs.Stream err = stream(id, run, shape.stderr(), "stderr", LogPaths.stderr(id, shape).orElse(null));
      return new Streams(out, err);
    } catch (IOException e) {
      close(id, run);
      throw e;
    }
  }

  private Outputs.Stream stream(InstanceId id, long run, Output output, String name, @Nullable Path log)
      throws IOException {
    return switch (output) {
      case Output.Discard() -> new Outputs.Stream.DevNull();
      case Output.Inherit() -> new Outputs.Stream.Inherited();
      case Output.WithStdout() -> new Outputs.Stream.SameAsStdout();
      case Output.PerInstance p -> captured(id, run, name, Objects.requireNonNull(log), false);
      case Output.ToFile(Path path) -> captured(id, run, name, path, true);
    };
  }

  private Outputs.Stream captured(InstanceId id, long run, String name, Path log, boolean wholeLines) throws IOException {
    Path fifo = fifoFolder.resolve(new PipeName(id, run, name).toString());
    listen(run, fifo, log, wholeLines, true);
    return new Outputs.Stream.Fifo(fifo);
  }

  private void listen(long run, Path fifo, Path log, boolean wholeLines, boolean isNew) throws IOException {
    Sink sink = acquire(log);
    int fd = -1;
    try {
      if (isNew) check(fifo, makeFifo(fifo));
      // for reading alone: where nobody writes any more, that shows
      fd = check(fifo, Fd.open(fifo, Fd.O_RDONLY | Fd.O_NONBLOCK, 0));
      if (isNew && Fd.isScarce(fd)) throw new IOException("out of file descriptors (raise ulimit -n)");
      long token = nextToken++;
      check(fifo, epoll.add(fd, token));
      Source source = new Source(token, fifo, fd, sink, wholeLines);
      sources.put(token, source);
      byRun.computeIfAbsent(run, r -> new ArrayList<>()).add(source);
    } catch (IOException e) {
      Fd.close(fd);
      if (isNew) Files.deleteIfExists(fifo);
      release(sink);
      throw e;
    }
  }

  private static int check(Path fifo, int result) throws IOException {
    if (result < 0) throw new IOException("pipe " + fifo + ": " + Errno.text(result));
    return result;
  }

  @Override
  public void reopen(InstanceId id, long run, Shape shape) {
    reopen(id, run, "stdout", shape.stdout(), LogPaths.stdout(id, shape).orElse(null));
    if (shape.stderr() instanceof Output.WithStdout) return;
    reopen(id, run, "stderr", shape.stderr(), LogPaths.stderr(id, shape).orElse(null));
  }

  private void reopen(InstanceId id, long run, String name, Output output, @Nullable Path log) {
    Path fifo = fifoFolder.resolve(new PipeName(id, run, name).toString());
    if (log == null) return;
    // held while we open the other end: only who has once seen a writer is told when there is none any more
    int writer = asWriter(fifo);
    if (writer < 0) return;
    try {
      listen(run, fifo, log, output instanceof Output.ToFile, false);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
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
    return Fd.open(fifo, Fd.O_WRONLY | Fd.O_NONBLOCK, 0);
  }

  /** Removes the pipes of runs that are over. */
  public void sweep() {
    Set<Path> used = new HashSet<>();
    sources.values().forEach(source -> used.add(source.fifo));
    for (Path fifo : pipes()) {
      if (used.contains(fifo)) continue;
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
    } catch (IOException none) {
      return List.of();
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

  private Sink acquire(Path log) throws IOException {
    synchronized (sinks) {
      Sink sink = sinks.get(log);
      if (sink == null) {
        sink = new Sink(log, maxBytes, backups);
        sinks.put(log, sink);
      }
      sink.users++;
      return sink;
    }
  }

  private void release(Sink sink) {
    synchronized (sinks) {
      if (--sink.users > 0) return;
      sinks.remove(sink.path);
      sink.close();
    }
  }

  @Override
  public void close(InstanceId id, long run) {
    List<Source> ended = byRun.remove(run);
    if (ended == null) return;
    closing.addAll(ended);
    epoll.wake();
  }

  private void run() {
    while (!ending || !closing.isEmpty()) {
      sawFullPipe = false;
      epoll.poll(timeout(), this::drain);
      for (Source ended = closing.poll(); ended != null; ended = closing.poll()) finish(ended);
      flushTails();
      if (!sawFullPipe && !ending) LockSupport.parkNanos(PAUSE_NANOS);
    }
    sources.values().forEach(Source::flush);
  }

  private int timeout() {
    return withTail.isEmpty() ? -1 : 50;
  }

  private void drain(long token) {
    Source source = sources.get(token);
    if (source == null) return;
    try {
      long n = source.drain(buffer, System.nanoTime());
      if (n == 0) epoll.remove(source.fd); // nobody writes it any more; it would be readable for ever
      sawFullPipe |= n >= FULL;
      if (source.hasTail()) withTail.add(source);
    } catch (RuntimeException e) {
      LOG.error("internal error: capturing {}", source.fifo, e);
    }
  }

  private void flushTails() {
    if (withTail.isEmpty()) return;
    long now = System.nanoTime();
    withTail.removeIf(source -> {
      if (source.hasTail() && now - source.tailSince() < TAIL_WAITS_NANOS) return false;
      source.flush();
      return true;
    });
  }

  private void finish(Source source) {
    // what nobody of the run holds any more comes to an end; the bound is for one who slipped away and writes on
    for (int i = 0; i < LAST_READS && source.drain(buffer, System.nanoTime()) > 0; i++) continue;
    source.flush();
    withTail.remove(source);
    sources.remove(source.token);
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
    epoll.close();
  }
}
