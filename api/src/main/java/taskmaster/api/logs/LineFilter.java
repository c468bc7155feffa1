package taskmaster.api.logs;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;
import taskmaster.api.LogPolicy;

/** Whether a line is wanted. */
final class LineFilter {
  private final LogPolicy.Format format;
  private final @Nullable Instant since;
  private final @Nullable Matcher grep;
  private boolean inTime = true;

  LineFilter(LogPolicy.Format format, LogQuery query) {
    this.format = format;
    this.since = query.since();
    this.grep = query.grep() == null ? null : query.grep().matcher("");
  }

  boolean wants(byte[] bytes, int from, int to) {
    return isInTime(bytes, from, to) && isFound(bytes, from, to);
  }

  /** A line without a time belongs to the one before it. */
  private boolean isInTime(byte[] bytes, int from, int to) {
    if (since == null || format == LogPolicy.Format.RAW) return true;
    String time = LogTime.of(format, bytes, from, to);
    if (time != null) {
      try {
        inTime = !OffsetDateTime.parse(time).toInstant().isBefore(since);
      } catch (DateTimeException none) {
        return inTime;
      }
    }
    return inTime;
  }

  private boolean isFound(byte[] bytes, int from, int to) {
    if (grep == null) return true;
    int end = to > from && bytes[to - 1] == '\n' ? to - 1 : to;
    try {
      return grep.reset(new Sharing(new String(bytes, from, end - from, StandardCharsets.UTF_8))).find();
    } catch (StackOverflowError tooLong) {
      return true; // nobody knows: better shown
    }
  }

  /** A search may take its time; on a virtual thread others must get theirs. */
  private static final class Sharing implements CharSequence {
    private static final int TURN = 1 << 20;
    private final String text;
    private int asked;

    Sharing(String text) {
      this.text = text;
    }

    @Override
    public char charAt(int index) {
      if ((++asked & TURN - 1) == 0) {
        if (Thread.currentThread().isInterrupted()) throw new IllegalStateException("interrupted");
        Thread.yield();
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }
}
