package taskmaster.controller.logs;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import taskmaster.api.LogPolicy;
import taskmaster.controller.linux.Errno;
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

  /** Hears of a disk that refuses, and of the end of that. */
  interface Listener {
    void degraded(Sink sink, String why);

    void recovered(Sink sink, long dropped);

    void rotated(Sink sink);
  }

  final Path path;
  final Backups backups;
  private final Path target;
  private final Listener listener;
  private volatile LogPolicy policy;
  private @Nullable LogFile file;
  private @Nullable NativeBuffer waiting;
  private boolean refuses;
  private boolean degraded;
  private long refusedAt;
  private long dropped;
  private long droppedBefore;
  private long grownPast;

  /** How many streams lead here; changed under the capture's lock. */
  int users;

  /** @throws IOException where the file can never be written: "log /x: Permission denied" */
  Sink(Path path, LogPolicy policy, Listener listener) throws IOException {
    this.path = path;
    this.policy = policy;
    this.listener = listener;
    try {
      file = LogFile.open(path);
    } catch (LogFile.CannotOpen e) {
      if (!e.passing) throw e;
    }
    this.target = LogFile.target(path);
    this.backups = new Backups(target);
  }

  LogPolicy policy() {
    return policy;
  }

  /** From any thread. */
  void policy(LogPolicy next) {
    policy = next;
  }

  /** Whether nothing more is to be given to it until {@link #retry} says so. */
  boolean isBlocked() {
    return waiting != null;
  }

  /** Writes them, or keeps what must wait; how many were dropped. */
  long write(NativeBuffer bytes, long from, long count) {
    long before = dropped;
    if (isBlocked()) keep(bytes, from, from + count);
    else put(bytes, from, from + count, policy.overflow() == LogPolicy.Overflow.BLOCK);
    return dropped - before;
  }

  private void put(NativeBuffer bytes, long from, long to, boolean blocks) {
    long at = from;
    while (at < to) {
      long now = share(bytes, at, to);
      if (now == 0) {
        if (!rotate()) now = to - at;
        else continue;
      }
      long written = append(bytes, at, now);
      at += Math.max(0, written);
      if (written == now) continue;
      if (blocks) {
        keep(bytes, at, to);
        return;
      }
      long lost = now - Math.max(0, written);
      dropped += lost;
      at += lost;
    }
  }

  /** How much of the rest goes into the current file: whole lines, or all that fits where no line ends; 0: it is full. */
  private long share(NativeBuffer bytes, long from, long end) {
    long most = policy.maxBytes() == 0 ? Long.MAX_VALUE : policy.maxBytes();
    long size = (file == null ? 0 : file.size()) - grownPast;
    long fits = most - size;
    if (end - from <= fits) return end - from;
    long lineEnd = fits <= 0 ? 0 : bytes.lastIndexOf(NEWLINE, from, from + fits) + 1;
    if (lineEnd > from) return lineEnd - from;
    return size <= 0 ? most : 0;
  }

  private long append(NativeBuffer bytes, long from, long count) {
    String why = "";
    long written = 0;
    try {
      LogFile open = file;
      if (open == null) {
        open = LogFile.open(path);
        file = open;
      }
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
    boolean waits = policy.overflow() == LogPolicy.Overflow.BLOCK;
    LOG.error("cannot write {}: {}; {} until that is over", path, why, waits ? "its programs' output waits" : "dropping output");
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

  /** What the disk refused and must not be lost, behind what waits already. */
  private void keep(NativeBuffer bytes, long from, long to) {
    NativeBuffer before = waiting;
    long length = before == null ? 0 : before.size();
    NativeBuffer kept = new NativeBuffer((int) (length + to - from));
    if (before != null) kept.copyFrom(before, 0, 0, length);
    kept.copyFrom(bytes, from, length, to - from);
    waiting = kept;
  }

  /** Tries again what waits. */
  void retry() {
    NativeBuffer kept = waiting;
    if (kept != null) {
      waiting = null;
      put(kept, 0, kept.size(), policy.overflow() == LogPolicy.Overflow.BLOCK);
    } else if (degraded && !refuses && System.nanoTime() - refusedAt > WELL_NANOS) {
      recover();
    }
  }

  /** Nothing waits any longer: what the disk refuses now is lost; how much that is. */
  long giveUp() {
    NativeBuffer kept = waiting;
    if (kept == null) return 0;
    long before = dropped;
    waiting = null;
    put(kept, 0, kept.size(), false);
    return dropped - before;
  }

  /** A file that was renamed or deleted is left to whoever did that. */
  void look() {
    LogFile open = file;
    if (open != null && open.isReplaced()) reopen();
  }

  /** Begins again with what has the name now; a file that was deleted is made again at once. */
  void reopen() {
    LogFile old = file;
    try {
      file = LogFile.open(path);
      if (old != null) old.close();
      grownPast = 0;
    } catch (LogFile.CannotOpen e) {
      file = old; // better a file without a name than nowhere
      LOG.warn("cannot reopen {}; writing on to the old one", e.getMessage());
    }
  }

  /** Begins a new file; false where there is nothing that could be renamed. */
  private boolean rotate() {
    if (!LogFile.canBeRotated(target)) return false;
    try {
      backups.add(policy.backups());
    } catch (IOException e) {
      LOG.error("cannot rotate {}: {}; it grows on, next attempt after another {} bytes", path, e.toString(), policy.maxBytes());
      grownPast = file == null ? 0 : file.size();
      return true;
    }
    LogFile old = file;
    if (old != null) old.close();
    file = null;
    grownPast = 0;
    listener.rotated(this);
    return true;
  }

  void close() {
    LogFile open = file;
    if (open != null) open.close();
    file = null;
  }
}
