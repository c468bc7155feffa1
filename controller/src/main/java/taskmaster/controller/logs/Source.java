package taskmaster.controller.logs;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import taskmaster.controller.linux.Fd;
import taskmaster.controller.linux.NativeBuffer;

/** The reading end of one stream of one run. Used by the capture's thread alone, once it is made. */
final class Source {
  private static final byte NEWLINE = '\n';
  private static final int LONGEST_TAIL = 64 * 1024;

  final long token;
  final Path fifo;
  final int fd;
  final Sink sink;
  private final boolean wholeLines;
  private @Nullable NativeBuffer tail;
  private int tailLength;
  private long tailSince;

  /** @param wholeLines keep an unfinished line back for a while, since others write the same file */
  Source(long token, Path fifo, int fd, Sink sink, boolean wholeLines) {
    this.token = token;
    this.fifo = fifo;
    this.fd = fd;
    this.sink = sink;
    this.wholeLines = wholeLines;
  }

  /** Moves what is there, one buffer at most; how much that was, 0 if nobody can write any more, else negative. */
  long drain(NativeBuffer buffer, long nowNanos) {
    long n = Fd.read(fd, buffer);
    if (n <= 0) return n;
    if (!wholeLines) {
      sink.write(buffer, 0, n);
      return n;
    }
    long lineEnd = buffer.lastIndexOf(NEWLINE, 0, n) + 1;
    if (lineEnd > 0) {
      flush();
      sink.write(buffer, 0, lineEnd);
    }
    keep(buffer, lineEnd, n - lineEnd, nowNanos);
    return n;
  }

  private void keep(NativeBuffer buffer, long from, long count, long nowNanos) {
    if (count == 0) return;
    if (tailLength + count > LONGEST_TAIL) {
      flush();
      sink.write(buffer, from, count);
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
    if (kept != null && tailLength > 0) sink.write(kept, 0, tailLength);
    tailLength = 0;
  }
}
