package taskmaster.api.logs;

import java.io.IOException;
import java.util.Arrays;

/** Cuts bytes into lines. What is longer than a megabyte comes in pieces: no line costs more memory than that. */
final class LineCutter {
  static final int LONGEST = 1 << 20;
  private static final int USUAL = 256;

  /** Hears of lines, with the newline that ends them. */
  interface Hearer {
    /** @param begins whether it is not the rest of the line before */
    void line(byte[] bytes, int from, int to, boolean begins) throws IOException;
  }

  private final Hearer hearer;
  private byte[] held = new byte[USUAL];
  private int length;
  private boolean begins = true;

  LineCutter(Hearer hearer) {
    this.hearer = hearer;
  }

  void accept(byte[] bytes, int count) throws IOException {
    int from = 0;
    for (int i = 0; i < count; i++) {
      if (bytes[i] != '\n') continue;
      if (length == 0) {
        tell(bytes, from, i + 1);
      } else {
        hold(bytes, from, i + 1);
        flush();
      }
      from = i + 1;
    }
    hold(bytes, from, count);
  }

  private void hold(byte[] bytes, int from, int to) throws IOException {
    int at = from;
    while (at < to) {
      if (length == LONGEST) flush();
      int now = Math.min(to - at, LONGEST - length);
      if (length + now > held.length) held = Arrays.copyOf(held, Math.min(LONGEST, Math.max(length + now, 2 * held.length)));
      System.arraycopy(bytes, at, held, length, now);
      length += now;
      at += now;
    }
  }

  /** What there is of a line that has not ended. */
  void flush() throws IOException {
    if (length == 0) return;
    int count = length;
    length = 0;
    tell(held, 0, count);
    if (held.length > 64 * 1024 && count < LONGEST) held = new byte[USUAL];
  }

  private void tell(byte[] bytes, int from, int to) throws IOException {
    boolean first = begins;
    begins = bytes[to - 1] == '\n';
    hearer.line(bytes, from, to, first);
  }
}
