package taskmaster.api.logs;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import taskmaster.api.LogPolicy;

/** The time that a line says it came at. */
final class LogTime {
  /** {@code 2026-11-23T10:00:00.123Z} */
  static final int LENGTH = 24;

  private static final byte[] PROGRAM = "{\"time\":\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] DAEMON = "{\"@timestamp\":\"".getBytes(StandardCharsets.US_ASCII);

  private LogTime() {}

  /** As it is written, or null where there is none. */
  static @Nullable String of(LogPolicy.Format format, byte[] bytes, int from, int to) {
    return switch (format) {
      case RAW -> null;
      case TIMESTAMPED -> to - from > LENGTH && bytes[from + LENGTH] == ' ' ? text(bytes, from, from + LENGTH) : null;
      case JSON -> startsWith(PROGRAM, bytes, from, to) ? quoted(bytes, from + PROGRAM.length, to)
          : startsWith(DAEMON, bytes, from, to) ? quoted(bytes, from + DAEMON.length, to) : null;
    };
  }

  private static @Nullable String quoted(byte[] bytes, int from, int to) {
    for (int i = from; i < to && i < from + 2 * LENGTH; i++) if (bytes[i] == '"') return text(bytes, from, i);
    return null;
  }

  private static @Nullable String text(byte[] bytes, int from, int to) {
    String text = new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    return text.length() > 10 && Character.isDigit(text.charAt(0)) && text.charAt(10) == 'T' ? text : null;
  }

  private static boolean startsWith(byte[] start, byte[] bytes, int from, int to) {
    return to - from > start.length && java.util.Arrays.equals(start, 0, start.length, bytes, from, from + start.length);
  }
}
