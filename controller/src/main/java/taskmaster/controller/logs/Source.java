package taskmaster.controller.logs;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import taskmaster.api.InstanceId;
import taskmaster.api.LogPolicy;
import taskmaster.controller.linux.Fd;
import taskmaster.controller.linux.NativeBuffer;

/** The reading end of one stream of one run. Used by the capture's thread alone, once it is made. */
final class Source {
  private static final byte NEWLINE = '\n';
  private static final int LONGEST_TAIL = 64 * 1024;

  /** What a pipe holds unless it is told otherwise (pipe(7)). */
  private static final int USUAL_PIPE = 64 * 1024;

  private static final int LARGE_PIPE = 512 * 1024;

  final InstanceId id;
  final String stream;
  final Path fifo;
  final int fd;
  final Sink sink;
  private final boolean isShared;
  private final LineFormat lines;
  private volatile int pid;
  private volatile boolean isPidKnown;
  private volatile @Nullable LineScanner scanner;
  private @Nullable NativeBuffer tail;
  private int tailLength;
  private long tailSince;
  private boolean midLine;
  private boolean isLarge;
  private byte[] carried = {};
  private final Deque<NativeBuffer> rest = new ArrayDeque<>();
  private boolean isLast;

  /** @param isShared keep an unfinished line back for a while, since others write the same file */
  Source(InstanceId id, String stream, Path fifo, int fd, Sink sink, boolean isShared, LineFormat lines) {
    this.id = id;
    this.stream = stream;
    this.fifo = fifo;
    this.fd = fd;
    this.sink = sink;
    this.isShared = isShared;
    this.lines = lines;
  }

  /** Of the main process; known once it is there. */
  void pid(int pid) {
    this.pid = pid;
    isPidKnown = true;
  }

  /** Whether what is there is not to be read yet: it may come sooner than the pid that its lines are to tell. */
  boolean isToWait() {
    return !isPidKnown && !isRaw();
  }

  /** Looks at its lines too. */
  void scanner(LineScanner given) {
    scanner = given;
  }

  int pid() {
    return pid;
  }

  /** Moves what is there, one buffer at most; how much that was, 0 if nobody can write any more, else negative. */
  long drain(NativeBuffer buffer, long nowNanos) {
    long n = Fd.read(fd, buffer);
    if (n <= 0) return n;
    LineScanner looks = scanner;
    if (looks != null) looks.take(buffer, n);
    if (n >= USUAL_PIPE && !isLarge) {
      isLarge = true;
      Fd.growPipe(fd, LARGE_PIPE);
    }
    if (!isShared && sink.users == 1 && isRaw() && tailLength == 0) {
      sink.write(id, buffer, 0, n);
      return n;
    }
    long lineEnd = buffer.lastIndexOf(NEWLINE, 0, n) + 1;
    if (lineEnd > 0) {
      flush();
      write(buffer, 0, lineEnd);
    }
    keep(buffer, lineEnd, n - lineEnd, nowNanos);
    return n;
  }

  private boolean isRaw() {
    return sink.policy().format() == LogPolicy.Format.RAW;
  }

  private void write(NativeBuffer bytes, long from, long count) {
    if (isRaw()) sink.write(id, bytes, from, count);
    else if (hasRest()) keepRest(bytes, from, count);
    else format(bytes, from, count);
  }

  private void format(NativeBuffer bytes, long from, long count) {
    long reached = lines.write(this, bytes, from, count, System.currentTimeMillis(), !isLast);
    if (reached < from + count) keepRest(bytes, reached, from + count - reached);
  }

  private void keepRest(NativeBuffer bytes, long from, long count) {
    NativeBuffer kept = new NativeBuffer((int) count);
    kept.copyFrom(bytes, from, 0, count);
    rest.addLast(kept);
  }

  /** Whether lines wait that were read and not formatted yet. */
  boolean hasRest() {
    return !rest.isEmpty();
  }

  /** Formats what waits, as far as the file takes it. */
  void resume() {
    for (int left = rest.size(); left > 0 && (isLast || !sink.isBlocked()); left--) {
      NativeBuffer next = rest.removeFirst();
      List<NativeBuffer> later = List.copyOf(rest);
      rest.clear();
      format(next, 0, next.size()); // what is kept of it is again the first
      rest.addAll(later);
    }
  }

  /** Nothing comes after what waits here: it goes to the file's own queue. */
  void last() {
    isLast = true;
    resume();
    flush();
  }

  private void keep(NativeBuffer buffer, long from, long count, long nowNanos) {
    if (count == 0) return;
    if (tailLength + count > LONGEST_TAIL) {
      flush();
      write(buffer, from, count);
      return;
    }
    NativeBuffer kept = tail;
    if (kept == null) {
      kept = new NativeBuffer(LONGEST_TAIL);
      tail = kept;
    }
    if (tailLength == 0) tailSince = nowNanos;
    kept.copyFrom(buffer, from, tailLength, count);
    tailLength += (int) count;
  }

  /** When the kept tail began to wait; only where {@link #hasTail}. */
  long tailSince() {
    return tailSince;
  }

  boolean hasTail() {
    return tailLength > 0;
  }

  void flush() {
    NativeBuffer kept = tail;
    int length = tailLength;
    tailLength = 0;
    if (kept != null && length > 0) write(kept, 0, length);
  }

  /** Whether the last line that was written has no end yet. */
  boolean isMidLine() {
    return midLine;
  }

  void midLine(boolean is) {
    midLine = is;
  }

  /** The beginning of a character whose rest has not come yet, for the next piece of its line. */
  void carry(byte[] begun) {
    carried = begun;
  }

  byte[] withCarried(byte[] bytes) {
    if (carried.length == 0) return bytes;
    byte[] all = Arrays.copyOf(carried, carried.length + bytes.length);
    System.arraycopy(bytes, 0, all, carried.length, bytes.length);
    carried = new byte[0];
    return all;
  }
}
