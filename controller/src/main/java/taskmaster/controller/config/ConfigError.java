package taskmaster.controller.config;

import java.nio.file.Path;

/**
 * One thing that is wrong with a file, and where.
 *
 * @param line from 1; 0 where it is about the whole file
 * @param text the offending line
 */
public record ConfigError(int line, int column, String message, String text) implements Comparable<ConfigError> {

  /** As a compiler would say it: {@code FILE:LINE:COLUMN: MESSAGE}, then the line and a mark under the place. */
  public String show(Path file) {
    if (line == 0) return file + ": " + message;
    String where = file + ":" + line + ":" + column + ": " + message;
    String shown = text.length() > 160 ? text.substring(0, 160) + "…" : text;
    if (shown.isBlank() || column > shown.length() + 1) return where;
    String gutter = "    | ";
    return where + "\n" + gutter + shown + "\n" + gutter + " ".repeat(column - 1) + "^";
  }

  @Override
  public int compareTo(ConfigError other) {
    return line != other.line ? Integer.compare(line, other.line) : Integer.compare(column, other.column);
  }
}
