package taskmaster.controller.logs;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;
import taskmaster.api.LogPolicy;
import taskmaster.controller.linux.NativeBuffer;

/** Lines as {@code log.format} wants them. Used by the capture's thread alone. */
final class LineFormat {
  private static final byte NEWLINE = '\n';

  /** JSON takes six bytes at most for one (RFC 8259, section 7), and a name or two. */
  private static final int BUFFER = 6 * Capture.BUFFER + 4096;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private @Nullable NativeBuffer out;
  private long length;
  private long shownMillis = -1;
  private byte[] shown = new byte[0];

  /** Writes the lines in a part of a buffer; how many bytes the disk made us drop. */
  long write(Source source, NativeBuffer in, long from, long count, long wallMillis) {
    NativeBuffer to = out;
    if (to == null) {
      to = new NativeBuffer(BUFFER);
      out = to;
    }
    length = 0;
    long dropped = 0;
    long end = from + count;
    for (long at = from; at < end; ) {
      long newline = in.indexOf(NEWLINE, at, end);
      long next = newline < 0 ? end : newline + 1;
      // the worst case of one line must fit behind what is there
      if (length + 6 * (next - at) + 1024 > to.size()) dropped += flush(source, to);
      if (source.sink.policy().format() == LogPolicy.Format.JSON) json(source, in, at, next, newline >= 0, to, wallMillis);
      else timestamped(source, in, at, next, newline >= 0, to, wallMillis);
      at = next;
    }
    return dropped + flush(source, to);
  }

  private long flush(Source source, NativeBuffer to) {
    long dropped = length == 0 ? 0 : source.sink.write(to, 0, length);
    length = 0;
    return dropped;
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
    String text = new String(in.bytes(from, ends ? to - 1 : to), StandardCharsets.UTF_8); // what is no UTF-8 becomes U+FFFD
    StringBuilder line = new StringBuilder(text.length() + 160);
    line.append("{\"time\":\"").append(new String(time(wallMillis), StandardCharsets.US_ASCII));
    line.append("\",\"program\":\"").append(source.id.program()).append("\",\"instance\":\"").append(source.id);
    line.append("\",\"pid\":").append(source.pid()).append(",\"stream\":\"").append(source.stream).append("\",\"message\":\"");
    escape(text, line);
    line.append(ends ? "\"}\n" : "\",\"partial\":true}\n");
    byte[] bytes = line.toString().getBytes(StandardCharsets.UTF_8);
    into.copyFrom(bytes, 0, length, bytes.length);
    length += bytes.length;
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
