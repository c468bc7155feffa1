package taskmaster.api.logs;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import taskmaster.api.LogPolicy;

/** What a line is shown as. */
public enum LogShape {
  /** Byte for byte. */
  RAW,
  /** One JSON object. */
  JSON,
  /** The daemon's own lines, as its console shows them, with the day: they may be old. */
  CONSOLE;

  private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

  /** Of a line without its newline; null: it is shown as it is. */
  byte @org.jspecify.annotations.Nullable [] of(LogSource source, byte[] bytes, int from, int to) {
    return switch (this) {
      case RAW -> null;
      case JSON -> source.format() == LogPolicy.Format.JSON && isObject(bytes, from, to) ? null : utf8(object(source, bytes, from, to));
      case CONSOLE -> isObject(bytes, from, to) ? utf8(console(text(bytes, from, to))) : null;
    };
  }

  private static boolean isObject(byte[] bytes, int from, int to) {
    return to - from >= 2 && bytes[from] == '{' && bytes[to - 1] == '}';
  }

  private static String object(LogSource source, byte[] bytes, int from, int to) {
    StringBuilder out = new StringBuilder("{");
    String time = source.format() == LogPolicy.Format.TIMESTAMPED ? LogTime.of(source.format(), bytes, from, to) : null;
    if (time != null) out.append("\"time\":").append(Json.quote(time)).append(',');
    member(out, "program", source.program());
    member(out, "instance", source.instance());
    member(out, "stream", source.stream());
    int message = time == null ? from : from + LogTime.LENGTH + 1;
    return out.append("\"message\":").append(Json.quote(text(bytes, message, to))).append('}').toString();
  }

  private static void member(StringBuilder out, String name, String value) {
    if (!value.isEmpty()) out.append('"').append(name).append("\":").append(Json.quote(value)).append(',');
  }

  private static String console(String line) {
    Map<String, String> event = Json.strings(line);
    String trace = event.getOrDefault("stack_trace", "").stripTrailing();
    return clock(event.getOrDefault("@timestamp", "")) + ' ' + String.format("%-5s", event.getOrDefault("level", ""))
        + ' ' + event.getOrDefault("message", "") + (trace.isEmpty() ? "" : "\n" + trace);
  }

  private static String clock(String time) {
    try {
      return CLOCK.format(OffsetDateTime.parse(time).atZoneSameInstant(ZoneId.systemDefault()));
    } catch (DateTimeException unknown) {
      return time;
    }
  }

  private static String text(byte[] bytes, int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
