package taskmaster.api;

import java.time.Duration;

/** Durations as the file and the command line write them, and as a table shows them. */
public final class Durations {
  private static final Duration LONGEST = Duration.ofDays(3650);

  private Durations() {}

  /**
   * Reads {@code 10}, {@code 1.5s}, {@code 200ms}, {@code 5m}, {@code 2h}, {@code 7d}; a bare number is seconds.
   *
   * @throws IllegalArgumentException with a sentence for the user
   */
  public static Duration parse(String text) {
    String stripped = text.strip();
    int end = endOfNumber(stripped);
    double unit = unit(stripped.substring(end));
    if (end == 0 || unit == 0) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a duration: write 10, 1.5s, 200ms, 5m, 2h or 7d");
    }
    double seconds = number(stripped.substring(0, end)) * unit;
    if (seconds > LONGEST.toSeconds()) {
      throw new IllegalArgumentException("'" + text + "' is longer than 3650 days");
    }
    return Duration.ofNanos(Math.round(seconds * 1e9));
  }

  /** Of digits, which a point may divide; 0 if there is none. A file of thousands of programs is full of them, and a regular expression slow. */
  private static int endOfNumber(String text) {
    int digits = endOfDigits(text, 0);
    if (digits == 0 || !text.startsWith(".", digits)) return digits;
    int end = endOfDigits(text, digits + 1);
    return end > digits + 1 ? end : 0;
  }

  private static int endOfDigits(String text, int from) {
    int i = from;
    while (i < text.length() && text.charAt(i) >= '0' && text.charAt(i) <= '9') i++;
    return i;
  }

  private static double number(String text) {
    boolean isShort = text.length() < 10 && text.indexOf('.') < 0;
    return isShort ? Integer.parseInt(text) : Double.parseDouble(text);
  }

  /** In seconds; 0 where it is none. */
  private static double unit(String text) {
    return switch (text) {
      case "", "s" -> 1;
      case "ms" -> 0.001;
      case "m" -> 60;
      case "h" -> 3600;
      case "d" -> 86400;
      default -> 0;
    };
  }

  /** Short, for people: {@code 0.4 s}, {@code 12 s}, {@code 3m05s}, {@code 2h11m}, {@code 4d03h}. */
  public static String show(Duration d) {
    long s = d.toSeconds();
    if (s < 10) {
      long tenths = Math.max(0, d.toMillis() / 100);
      return tenths % 10 == 0 ? tenths / 10 + " s" : tenths / 10 + "." + tenths % 10 + " s";
    }
    if (s < 60) return s + " s";
    if (s < 3600) return s / 60 + "m" + twoDigits(s % 60) + "s";
    if (s < 86400) return s / 3600 + "h" + twoDigits(s % 3600 / 60) + "m";
    return s / 86400 + "d" + twoDigits(s % 86400 / 3600) + "h";
  }

  /** As a file would have it: {@code 3690s}, {@code 250ms}. */
  public static String exact(Duration d) {
    if (d.toNanosPart() == 0) return d.toSeconds() + "s";
    if (d.toNanosPart() % 1_000_000 == 0) return d.toMillis() + "ms";
    return (d.toSeconds() + "." + String.format("%09d", d.toNanosPart())).replaceAll("0+$", "") + "s";
  }

  /** In a table of thousands of rows a format would take most of the time. */
  private static String twoDigits(long n) {
    return n < 10 ? "0" + n : Long.toString(n);
  }
}
