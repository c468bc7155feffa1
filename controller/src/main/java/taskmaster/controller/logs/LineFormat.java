package taskmaster.controller.logs;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import taskmaster.api.LogPolicy;
import taskmaster.controller.linux.NativeBuffer;

/** Lines as {@code log.format} wants them. Used by the capture's thread alone. */
final class LineFormat {
  private static final byte NEWLINE = '\n';

  /** JSON takes six bytes at most for one (RFC 8259, section 7), and a name or two. */
  private static final int BUFFER = 6 * Capture.BUFFER + 4096;

  /** Written at once: as much as moves raw output fast, and little enough to wait. */
  private static final int ENOUGH = 128 * 1024;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private @Nullable NativeBuffer out;
  private long length;
  private long shownMillis = -1;
  private byte[] shown = new byte[0];

  /**
   * Writes the lines in a part of a buffer.
   *
   * @param stops where the file takes no more: short lines become many times as long, and are better kept as they came
   * @return how far it came
   */
  long write(Source source, NativeBuffer in, long from, long count, long wallMillis, boolean stops) {
    NativeBuffer to = out;
    if (to == null) {
      to = new NativeBuffer(BUFFER);
      out = to;
    }
    length = 0;
    boolean isJson = source.sink.policy().format() == LogPolicy.Format.JSON; // a reload may change it meanwhile
    long end = from + count;
    for (long at = from; at < end; ) {
      long newline = in.indexOf(NEWLINE, at, end);
      long next = newline < 0 ? end : newline + 1;
      // the worst case of one line must fit behind what is there
      if (length > ENOUGH || length + 6 * (next - at) + 1024 > to.size()) flush(source, to);
      if (stops && length == 0 && source.sink.isBlocked()) return at;
      if (isJson) json(source, in, at, next, newline >= 0, to, wallMillis);
      else timestamped(source, in, at, next, newline >= 0, to, wallMillis);
      at = next;
    }
    flush(source, to);
    return end;
  }

  private void flush(Source source, NativeBuffer to) {
    source.sink.write(source.id, to, 0, length);
    length = 0;
  }

  private void timestamped(Source source, NativeBuffer in, long from, long to, boolean ends, NativeBuffer into, long wallMillis) {
    if (!source.isMidLine()) {
      byte[] time = time(wallMillis);
      into.copyFrom(time, 0, length, time.length);
      length += time.length;
      into.put(length++, (byte) ' ');
    }
    into.copyFrom(in, from, length, to - from);
    length += to - from;
    source.midLine(!ends);
  }

  private void json(Source source, NativeBuffer in, long from, long to, boolean ends, NativeBuffer into, long wallMillis) {
    byte[] bytes = source.withCarried(in.bytes(from, ends ? to - 1 : to));
    int whole = ends ? bytes.length : withoutBegunCharacter(bytes);
    if (!ends) source.carry(Arrays.copyOfRange(bytes, whole, bytes.length));
    String text = new String(bytes, 0, whole, StandardCharsets.UTF_8); // what is no UTF-8 becomes U+FFFD
    StringBuilder line = new StringBuilder(text.length() + 160);
    line.append("{\"time\":\"").append(new String(time(wallMillis), StandardCharsets.US_ASCII));
    line.append("\",\"program\":\"").append(source.id.program()).append("\",\"instance\":\"").append(source.id);
    line.append("\",\"pid\":").append(source.pid()).append(",\"stream\":\"").append(source.stream).append("\",\"message\":\"");
    escape(text, line);
    line.append(ends ? "\"}\n" : "\",\"partial\":true}\n");
    byte[] shaped = line.toString().getBytes(StandardCharsets.UTF_8);
    into.copyFrom(shaped, 0, length, shaped.length);
    length += shaped.length;
  }

  /** How many bytes there are before a character of which only the beginning is there (RFC 3629, section 3). */
  private static int withoutBegunCharacter(byte[] bytes) {
    for (int back = 1; back <= Math.min(3, bytes.length); back++) {
      int b = bytes[bytes.length - back] & 0xff;
      if (b < 0x80) return bytes.length;
      int needed = b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : b >= 0xc0 ? 2 : 0;
      if (needed > 0) return needed > back ? bytes.length - back : bytes.length;
    }
    return bytes.length;
  }

  private static void escape(String text, StringBuilder line) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> line.append('\\').append(c);
        case '\t' -> line.append("\\t");
        case '\r' -> line.append("\\r");
        default -> {
          if (c < 0x20) line.append("\\u00").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
          else line.append(c);
        }
      }
    }
  }

  private byte[] time(long wallMillis) {
    if (wallMillis != shownMillis) {
      shownMillis = wallMillis;
      shown = TIME.format(Instant.ofEpochMilli(wallMillis)).getBytes(StandardCharsets.US_ASCII);
    }
    return shown;
  }
}
