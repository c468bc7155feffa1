package taskmaster.controller.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The text of a file in pieces: one for each entry of {@code programs:}, and what stands before and after them.
 * A piece says the same wherever it stands, so files with anchors, tabs, document marks or bytes that are no text are
 * not taken apart.
 */
record Pieces(String before, List<String> programs, String after) {
  private static final String BEFORE_ANCHORS = " \n\r[{,:";
  private static final Pattern PROGRAMS = Pattern.compile("^programs: *(#.*)?\\r?\\n", Pattern.MULTILINE);

  /** Empty where it cannot be told without a parser what belongs to what. */
  static Optional<Pieces> of(String text) {
    var programs = PROGRAMS.matcher(text);
    if (!programs.find() || dependsOnOthers(text)) return Optional.empty();
    int begin = programs.end();
    if (programs.find()) return Optional.empty();
    List<String> pieces = new ArrayList<>();
    int indent = 0;
    int piece = -1;
    int at = begin;
    while (at < text.length()) {
      int next = text.indexOf('\n', at) < 0 ? text.length() : text.indexOf('\n', at) + 1;
      int column = column(text, at, next);
      if (column >= 0) {
        if (column == 0) break;
        if (indent == 0) indent = column;
        if (column < indent) return Optional.empty();
        if (column == indent) {
          if (piece >= 0) pieces.add(text.substring(piece, at));
          piece = at;
        }
      }
      at = next;
    }
    if (piece < 0) return Optional.empty();
    pieces.add(text.substring(piece, at));
    int first = at - pieces.stream().mapToInt(String::length).sum();
    return Optional.of(new Pieces(text.substring(0, first), pieces, text.substring(at)));
  }

  /** Whether there may be anchors, aliases, tabs, document marks or what was no text; rather once too often. */
  private static boolean dependsOnOthers(String text) {
    char before = '\n';
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean found =
          switch (c) {
            case '&', '*' -> BEFORE_ANCHORS.indexOf(before) >= 0;
            case '%' -> before == '\n';
            case '-', '.' -> before == '\n' && text.startsWith(c == '-' ? "---" : "...", i);
            // YAML ends lines at these too
            case '\u0085', '\u2028', '\u2029' -> true;
            case '\r' -> !text.startsWith("\n", i + 1);
            case '\t', '\uFFFD' -> true;
            default -> false;
          };
      if (found) return true;
      before = c;
    }
    return false;
  }

  /** Where the first character of a line stands; -1 of a line that says nothing. */
  private static int column(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c == ' ') continue;
      return c == '#' || c == '\n' || c == '\r' ? -1 : i - from;
    }
    return -1;
  }

  /** Whether a piece begins with this key. */
  static boolean isOf(String piece, String name) {
    String entry = piece.stripLeading();
    return entry.startsWith(name) && entry.startsWith(":", name.length());
  }
}
