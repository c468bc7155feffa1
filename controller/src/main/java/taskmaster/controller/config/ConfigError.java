package taskmaster.controller.config;

import java.nio.file.Path;

/**
 * One thing that is wrong with a file, and where.
 *
 * @param file of all that were read, the one to mend
 * @param line from 1; 0 where it is about the whole file
 * @param text the offending line
 */
public record ConfigError(Path file, int line, int column, String message, String text) {
  static ConfigError ofWhole(Path file, String message) {
    return new ConfigError(file, 0, 0, message, "");
  }

  /** {@code FILE:LINE:COLUMN: MESSAGE}. The line itself is for who wrote it, and so is a URL's password. */
  String place() {
    return where(message.replaceAll("://\\S*@", "://***@"));
  }

  private String where(String what) {
    return line == 0 ? file + ": " + what : file + ":" + line + ":" + column + ": " + what;
  }

  /** As a compiler would say it: the place, then the line and a mark under it. */
  public String show() {
    String where = where(message);
    if (line == 0) return where;
    String shown = text.length() > 160 ? text.substring(0, 160) + "…" : text;
    if (shown.isBlank() || column > shown.length() + 1) return where;
    String gutter = "    | ";
    return where + "\n" + gutter + shown + "\n" + gutter + " ".repeat(column - 1) + "^";
  }

  ConfigError of(String program) {
    return new ConfigError(file, line, column, message + " (in " + program + ")", text);
  }

  boolean isAt(ConfigError other) {
    return line == other.line && column == other.column && file.equals(other.file);
  }
}
