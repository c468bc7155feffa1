package taskmaster.controller.logs;

import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Checks;
import taskmaster.controller.linux.NativeBuffer;

/** Looks at the lines of one stream while a {@link Search} is on. Used by the capture's thread alone. */
final class LineScanner {
  private static final byte NEWLINE = '\n';

  /** Of a longer line only this much is looked at. */
  private static final int LONGEST = 4096;

  /** How many characters a pattern may look at in one line, over and over: one that needs more is not found. */
  private static final int MOST_LOOKS = 200_000;

  private final Search search;
  private final Consumer<Checks.Kind> found;
  private final byte[] line = new byte[LONGEST];
  private int length;

  LineScanner(Search search, Consumer<Checks.Kind> found) {
    this.search = search;
    this.found = found;
  }

  void take(NativeBuffer buffer, long count) {
    long from = 0;
    while (from < count && search.isOn()) {
      long newline = buffer.indexOf(NEWLINE, from, count);
      long to = newline < 0 ? count : newline;
      keep(buffer, from, to);
      if (newline < 0) return;
      look();
      from = newline + 1;
    }
    if (from < count) length = 0;
  }

  private void keep(NativeBuffer buffer, long from, long to) {
    int kept = (int) Math.min(to - from, LONGEST - length);
    for (int i = 0; i < kept; i++) line[length + i] = buffer.get(from + i);
    length += kept;
  }

  private void look() {
    String text = new String(line, 0, length, StandardCharsets.UTF_8);
    length = 0;
    for (Checks.Kind kind : Checks.Kind.values()) {
      Pattern pattern = search.pattern(kind);
      if (pattern != null && isIn(text, pattern) && search.found(kind, pattern)) found.accept(kind);
    }
  }

  private static boolean isIn(String text, Pattern pattern) {
    try {
      return pattern.matcher(new Bounded(text, 0, text.length(), new int[] {MOST_LOOKS})).find();
    } catch (TooMuch | StackOverflowError tooExpensive) {
      return false;
    }
  }

  private static final class TooMuch extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooMuch() {
      super("too many looks", null, false, false);
    }
  }

  /** A text that can be looked at only so often: backtracking has no other bound. */
  private record Bounded(String text, int from, int to, int[] looksLeft) implements CharSequence {
    @Override
    public int length() {
      return to - from;
    }

    @Override
    public char charAt(int index) {
      if (--looksLeft[0] < 0) throw new TooMuch();
      return text.charAt(from + index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new Bounded(text, from + start, from + end, looksLeft);
    }

    @Override
    public String toString() {
      return text.substring(from, to);
    }
  }
}
