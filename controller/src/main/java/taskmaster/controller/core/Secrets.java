package taskmaster.controller.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import taskmaster.api.Stopping;

/**
 * Hides what looks like a secret: values by their names, wherever else the same value stands, and passwords in URLs.
 *
 * @param known values of variables that are secret by their names, longest first
 */
public record Secrets(List<String> known) {
  public static final String HIDDEN = "***";

  private static final List<String> TELLING =
      List.of("PASSWORD", "PASSWD", "PASSPHRASE", "PASS", "PWD", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "AUTH", "PRIVATE", "DSN", "COOKIE", "JWT", "BEARER", "WEBHOOK");

  /** Shorter ones would be found where they are none. */
  private static final int SHORTEST_KNOWN = 4;

  public static Secrets of(Map<String, String> env) {
    List<String> known = new ArrayList<>();
    env.forEach((name, value) -> {
      if (isSecret(name) && value.length() >= SHORTEST_KNOWN) known.add(value);
    });
    known.sort(Comparator.comparingInt(String::length).reversed());
    return new Secrets(known);
  }

  /** PWD and OLDPWD are folders. */
  public static boolean isSecret(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    if (upper.equals("PWD") || upper.equals("OLDPWD")) return false;
    return TELLING.stream().anyMatch(upper::contains);
  }

  public String value(String name, String value) {
    if (isSecret(name) && !value.isEmpty()) return HIDDEN;
    boolean hasOptions = value.startsWith("-") || value.contains(" -");
    return hasOptions ? String.join(" ", words(List.of(value.split(" ", -1)))) : text(value);
  }

  /** An argv: values of {@code --password=x}, {@code --password x} and {@code PASSWORD=x} too. */
  public List<String> words(List<String> argv) {
    List<String> shown = new ArrayList<>();
    boolean isValue = false;
    for (String word : argv) {
      int equals = word.indexOf('=');
      boolean isOption = word.startsWith("-");
      if (isValue && !isOption) {
        shown.add(HIDDEN);
      } else if (equals > 0 && isWord(word, equals)) {
        shown.add(word.substring(0, equals + 1) + value(word.substring(0, equals), word.substring(equals + 1)));
      } else {
        shown.add(text(word));
      }
      isValue = isOption && equals < 0 && isSecret(word);
    }
    return shown;
  }

  /** A step of a stop, as it may be shown. */
  String step(Stopping.Step step) {
    return (step instanceof Stopping.Exec(var cmd, var patience) ? new Stopping.Exec(words(cmd), patience) : step).show();
  }

  private static boolean isWord(String word, int end) {
    return word.substring(0, end).chars().allMatch(c -> c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.');
  }

  /** {@code scheme://user:password@host}, wherever it stands in the text. */
  private String text(String whole) {
    String text = whole;
    for (String secret : known) text = text.replace(secret, HIDDEN);
    if (text.indexOf("://") < 0) return text;
    StringBuilder out = new StringBuilder();
    int at = 0;
    for (int begin = text.indexOf("://"); begin >= 0; begin = text.indexOf("://", begin + 3)) {
      int from = begin + 3;
      int slash = end(text, from, "/?# \t\n\"'");
      int colon = text.indexOf(':', from);
      int host = text.lastIndexOf('@', slash - 1);
      // a / that the password holds unescaped; after a port it is the path's
      if (host < from && colon >= 0 && colon < slash && !isPort(text, colon + 1, slash)) host = text.lastIndexOf('@', end(text, slash, " \t\n\"'") - 1);
      if (host < from || colon < 0 || colon > host || colon < at) continue;
      out.append(text, at, colon + 1).append(HIDDEN);
      at = host;
    }
    return out.append(text, at, text.length()).toString();
  }

  private static int end(String text, int from, String at) {
    int end = from;
    while (end < text.length() && at.indexOf(text.charAt(end)) < 0) end++;
    return end;
  }

  private static boolean isPort(String text, int from, int to) {
    return text.substring(from, to).chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
