package taskmaster.controller.logs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import taskmaster.api.InstanceId;
import taskmaster.api.LogPolicy;
import taskmaster.controller.linux.Errno;
import taskmaster.controller.linux.FileStatus;
import taskmaster.controller.linux.NativeBuffer;

/**
 * One log file, for all streams that lead to it; rotated by size, at the end of a line where there is one. What the disk
 * refuses is dropped and counted, or waits here and in the pipes. Written by the capture's thread alone.
 */
final class Sink {
  private static final Logger LOG = LoggerFactory.getLogger(Sink.class);
  private static final byte NEWLINE = '\n';

  /** A disk that has room again for a moment is not yet well. */
  private static final long WELL_NANOS = 2_000_000_000L;

  /** What runs that have ended leave here while the disk refuses; more than this is dropped. */
  private static final long MOST_WAITING = 1 << 20;

  /** Hears of what is lost, and of a disk that refuses and the end of that. */
  interface Listener {
    void dropped(InstanceId of, long bytes);

    void degraded(Sink sink, String why);

    void recovered(Sink sink, long dropped);

    void rotated(Sink sink);
  }

  /** What the disk refused of an instance's output. */
  private static final class Waiting {
    final InstanceId of;
    final NativeBuffer bytes;
    long from;

    Waiting(InstanceId of, NativeBuffer source, long from, long to) {
      this.of = of;
      this.bytes = new NativeBuffer((int) (to - from));
      bytes.copyFrom(source, from, 0, to - from);
    }
  }

  final Path path;
  private final Listener listener;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private volatile LogPolicy policy;
  private volatile Backups backups;
  private volatile Path target;
  private volatile boolean moved;
  private @Nullable LogFile file;
  private boolean midLine;
  private boolean refuses;
  private boolean degraded;
  private long waitingBytes;
  private long refusedAt;
  private long dropped;
  private long droppedBefore;
  private long grownPast;

  /** How many streams lead here; changed under the capture's lock. */
  volatile int users;

  /**
   * @param patient where the file cannot be opened now, try again with each write
   * @throws IOException where the file can never be written: "log /x: Permission denied"
   */
  Sink(LogFolder.Place place, LogPolicy policy, boolean patient, Listener listener) throws IOException {
    this.path = place.log();
    this.policy = policy;
    this.listener = listener;
    this.target = place.target();
    this.backups = new Backups(target);
    if (place.isFree()) return;
    try {
      // most programs write to one of their streams only: the other has no file, and nothing to look after
      file = LogFile.openIfThere(path);
    } catch (LogFile.CannotOpen e) {
      if (!e.passing && !patient) throw e;
    }
  }

  private LogFile open() throws LogFile.CannotOpen {
    LogFile opened = LogFile.open(path);
    Path now = opened.target();
    if (!now.equals(target)) {
      target = now;
      moved = true;
      backups = new Backups(now);
    }
    file = opened;
    grownPast = 0;
    midLine = false;
    return opened;
  }

  /** Whether the path leads to another file than it did at first: that one may have a sink already. */
  boolean hasMoved() {
    return moved;
  }

  /** The file itself, by whatever links the path leads to it. From any thread. */
  Path target() {
    return target;
  }

  LogPolicy policy() {
    return policy;
  }

  /** From any thread. */
  void policy(LogPolicy next) {
    policy = next;
  }

  /** From any thread. */
  Backups backups() {
    return backups;
  }

  /** Whether nothing more is to be read for it until {@link #retry} has helped. */
  boolean isBlocked() {
    return !waiting.isEmpty();
  }

  private boolean blocks() {
    return policy.overflow() == LogPolicy.Overflow.BLOCK;
  }

  /** Writes them, or keeps what must wait, or drops what the disk refuses. */
  void write(InstanceId of, NativeBuffer bytes, long from, long count) {
    if (count == 0) return;
    if (isBlocked()) keep(of, bytes, from, from + count);
    else put(of, bytes, from, from + count, blocks());
  }

  private void put(InstanceId of, NativeBuffer bytes, long from, long to, boolean keeps) {
    long reached = put(of, bytes, from, to, keeps, policy.format());
    if (reached < to) keep(of, bytes, reached, to);
  }

  /** How far it came: to the end, or to where the rest must wait. */
  private long put(InstanceId of, NativeBuffer bytes, long from, long to, boolean keeps, LogPolicy.Format format) {
    if (format == LogPolicy.Format.JSON && midLine && append(newline(), 0, 1) == 1) midLine = false;
    long at = from;
    while (at < to) {
      long now = share(bytes, at, to);
      if (now == 0 && rotate()) continue;
      if (now == 0) now = to - at;
      long written = Math.max(0, append(bytes, at, now));
      if (written > 0) midLine = bytes.get(at + written - 1) != NEWLINE;
      if (written == now) {
        at += now;
        continue;
      }
      if (keeps) return at + written;
      if (format != LogPolicy.Format.RAW) written -= takeBackTornLine(bytes, at, written);
      drop(of, now - written);
      at += now;
    }
    return to;
  }

  private static NativeBuffer newline() {
    NativeBuffer newline = new NativeBuffer(1);
    newline.put(0, NEWLINE);
    return newline;
  }

  /** Half an object is of no use to anybody, and spoils the next one. */
  private long takeBackTornLine(NativeBuffer bytes, long from, long written) {
    LogFile open = file;
    long torn = from + written - (bytes.lastIndexOf(NEWLINE, from, from + written) + 1);
    torn = Math.min(torn, written);
    if (open == null || torn == 0 || !open.takeBack(torn)) return 0;
    midLine = false;
    return torn;
  }

  private void drop(InstanceId of, long bytes) {
    dropped += bytes;
    listener.dropped(of, bytes);
  }

  /** How much of the rest goes into the current file: whole lines, or all that fits where no line ends; 0: it is full. */
  private long share(NativeBuffer bytes, long from, long end) {
    long most = policy.maxBytes() == 0 ? Long.MAX_VALUE : policy.maxBytes();
    long size = (file == null ? 0 : file.size()) - grownPast;
    long fits = most - size;
    if (end - from <= fits) return end - from;
    long lineEnd = fits <= 0 ? 0 : bytes.lastIndexOf(NEWLINE, from, from + fits) + 1;
    if (lineEnd > from) return lineEnd - from;
    if (midLine) {
      // a line that has begun here ends here, if it is no longer than the buffer
      long longest = Math.min(end, from + Math.max(0, fits + Capture.BUFFER));
      long first = bytes.indexOf(NEWLINE, from, longest);
      if (first >= 0) return first + 1 - from;
      if (longest == end) return end - from;
    }
    return size <= 0 ? Math.min(most, end - from) : 0;
  }

  private long append(NativeBuffer bytes, long from, long count) {
    String why = "";
    long written = 0;
    try {
      LogFile open = file;
      if (open == null) open = open();
      written = open.append(bytes, from, count);
      if (written < count) why = Errno.text(written < 0 ? written : Errno.ENOSPC);
    } catch (IOException e) {
      why = String.valueOf(e.getMessage());
    }
    if (written == count) accepted();
    else refused(why);
    return written;
  }

  private void refused(String why) {
    refuses = true;
    refusedAt = System.nanoTime();
    if (degraded) return;
    degraded = true;
    droppedBefore = dropped;
    LOG.error("cannot write {}: {}; {} until that is over", path, why, blocks() ? "its programs' output waits" : "dropping output");
    listener.degraded(this, why);
  }

  private void accepted() {
    refuses = false;
    if (degraded && System.nanoTime() - refusedAt > WELL_NANOS) recover();
  }

  private void recover() {
    degraded = false;
    long lost = dropped - droppedBefore;
    LOG.warn("writing {} again; {} bytes were dropped", path, lost);
    listener.recovered(this, lost);
  }

  /** As if it had refused just now: told already, and over once it has taken what comes for a while. */
  void degradedBefore() {
    degraded = true;
    refusedAt = System.nanoTime();
  }

  /** Whether the disk has refused, or does, and it is not yet told that this is over. */
  boolean isDegraded() {
    return degraded;
  }

  private void keep(InstanceId of, NativeBuffer bytes, long from, long to) {
    if (waitingBytes + to - from > MOST_WAITING) {
      drop(of, to - from);
      return;
    }
    try {
      waiting.add(new Waiting(of, bytes, from, to));
      waitingBytes += to - from;
    } catch (OutOfMemoryError full) {
      drop(of, to - from);
    }
  }

  /** Tries again what waits; where nothing does and nobody writes, whether the disk has room. */
  void retry() {
    write(blocks());
    if (!isBlocked() && degraded && refuses && users == 0 && LogFile.hasRoom(target)) refuses = false;
    if (!isBlocked() && degraded && !refuses && System.nanoTime() - refusedAt > WELL_NANOS) recover();
  }

  /** Nothing waits any longer: what the disk refuses now is lost. */
  void giveUp() {
    write(false);
  }

  private void write(boolean keeps) {
    while (!waiting.isEmpty()) {
      Waiting first = waiting.getFirst();
      // it was formatted when it came
      first.from = put(first.of, first.bytes, first.from, first.bytes.size(), keeps, LogPolicy.Format.RAW);
      if (first.from < first.bytes.size()) return;
      waitingBytes -= first.bytes.size();
      waiting.removeFirst();
    }
  }

  /** A file that was renamed or deleted is left to whoever did that. */
  void look() {
    LogFile open = file;
    if (open != null && open.isReplaced()) reopen();
  }

  /** Begins again with what has the name now; a file that was deleted is made again at once. */
  void reopen() {
    LogFile old = file;
    if (old == null) return; // made anew with the next write
    try {
      open();
      old.close();
    } catch (LogFile.CannotOpen e) {
      LOG.warn("cannot reopen {}; writing on to the old one", e.getMessage()); // better one without a name than none
    }
  }

  /** Begins a new file; false where there is nothing that could be renamed. */
  private boolean rotate() {
    FileStatus.Identity open = file == null ? null : file.identity();
    if (open == null || !LogFile.canBeRotated(target)) return false;
    try {
      backups.add(policy.backups(), open);
    } catch (IOException e) {
      LOG.error("cannot rotate {}: {}; it grows on, next attempt after another {} bytes", path, e.toString(), policy.maxBytes());
      grownPast = file == null ? 0 : file.size();
      return true;
    }
    close();
    grownPast = 0;
    midLine = false;
    listener.rotated(this);
    return true;
  }

  void close() {
    LogFile open = file;
    if (open != null) open.close();
    file = null;
  }
}
