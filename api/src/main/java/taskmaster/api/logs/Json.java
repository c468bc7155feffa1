package taskmaster.api.logs;

import java.util.LinkedHashMap;
import java.util.Map;

/** As much of JSON (RFC 8259) as log lines need: a library would take longer to load than most logs to read. */
final class Json {
  private Json() {}

  static String quote(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < 0x20) out.append(String.format("\\u%04x", (int) c));
          else out.append(c);
        }
      }
    }
    return out.append('"').toString();
  }

  /** The members of an object that are strings; what comes after something that is no JSON is left out. */
  static Map<String, String> strings(String object) {
    Map<String, String> members = new LinkedHashMap<>();
    int depth = 0;
    String key = "";
    boolean isKey = true;
    for (int i = 0; i < object.length(); i++) {
      switch (object.charAt(i)) {
        case '{', '[' -> depth++;
        case '}', ']' -> depth--;
        case ':' -> isKey &= depth != 1;
        case ',' -> isKey |= depth == 1;
        case '"' -> {
          int end = endOf(object, i + 1);
          if (end < 0) return members;
          if (depth == 1) {
            String text = unescape(object.substring(i + 1, end));
            if (isKey) key = text;
            else members.put(key, text);
          }
          i = end;
        }
        default -> {}
      }
    }
    return members;
  }

  private static int endOf(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      if (text.charAt(i) == '\\') i++;
      else if (text.charAt(i) == '"') return i;
    }
    return -1;
  }

  private static String unescape(String text) {
    if (text.indexOf('\\') < 0) return text;
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\' || i + 1 >= text.length()) {
        out.append(c);
        continue;
      }
      char escaped = text.charAt(++i);
      switch (escaped) {
        case 'n' -> out.append('\n');
        case 't' -> out.append('\t');
        case 'r' -> out.append('\r');
        case 'b' -> out.append('\b');
        case 'f' -> out.append('\f');
        case 'u' -> {
          boolean four = i + 4 < text.length() && text.substring(i + 1, i + 5).matches("[0-9a-fA-F]{4}");
          if (four) {
            out.append((char) Integer.parseInt(text.substring(i + 1, i + 5), 16));
            i += 4;
          }
        }
        default -> out.append(escaped);
      }
    }
    return out.toString();
  }
}
