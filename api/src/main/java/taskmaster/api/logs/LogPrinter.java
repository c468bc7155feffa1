package taskmaster.api.logs;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** Where the lines of several files meet: each stays whole. */
final class LogPrinter {
  private final OutputStream out;
  private @Nullable Voice unfinished;

  LogPrinter(OutputStream out) {
    this.out = new BufferedOutputStream(out, 32 * 1024);
  }

  void flush() throws IOException {
    out.flush();
  }

  Voice voice(LogSource source, LogShape shape, byte[] prefix) {
    return new Voice(source, shape, prefix);
  }

  /** One file's lines. */
  final class Voice {
    private final LogSource source;
    private final LogShape shape;
    private final byte[] prefix;

    private Voice(LogSource source, LogShape shape, byte[] prefix) {
      this.source = source;
      this.shape = shape;
      this.prefix = prefix;
    }

    /** A line or a piece of one, with its newline if that has come. */
    void say(byte[] bytes, int from, int to) throws IOException {
      boolean ends = bytes[to - 1] == '\n';
      byte[] shaped = shape.of(source, bytes, from, ends ? to - 1 : to);
      if (unfinished != null && unfinished != this) {
        out.write('\n');
        unfinished = null;
      }
      if (unfinished == null) out.write(prefix);
      if (shaped == null) {
        out.write(bytes, from, to - from);
        unfinished = ends ? null : this;
      } else {
        out.write(shaped);
        out.write('\n');
        unfinished = null;
      }
    }
  }
}
