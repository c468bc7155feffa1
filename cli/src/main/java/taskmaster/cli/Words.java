package taskmaster.cli;

import java.util.ArrayList;
import java.util.List;

/** A typed line cut into words as a shell would: blanks part them, quotes and backslashes keep what they are about. */
final class Words {
  private final List<String> all = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();
  private boolean isInWord;

  private Words() {}

  /**
   * None where the line is empty or begins with {@code #}.
   *
   * @throws IllegalArgumentException where a quote is not closed
   */
  static List<String> of(String line) {
    String stripped = line.strip();
    if (stripped.startsWith("#")) return List.of();
    Words words = new Words();
    words.cut(stripped);
    return words.all;
  }

  private void cut(String line) {
    int at = 0;
    while (at < line.length()) {
      char c = line.charAt(at++);
      switch (c) {
        case ' ', '\t' -> end();
        case '\'' -> at = quoted(line, at, c);
        case '"' -> at = quoted(line, at, c);
        case '\\' -> add(at < line.length() ? line.charAt(at++) : c);
        default -> add(c);
      }
    }
    end();
  }

  /** Between single quotes all stands for itself; between double ones a backslash may keep a quote or a backslash. */
  private int quoted(String line, int from, char quote) {
    isInWord = true;
    for (int at = from; at < line.length(); at++) {
      char c = line.charAt(at);
      if (c == quote) return at + 1;
      char next = at + 1 < line.length() ? line.charAt(at + 1) : ' ';
      if (quote == '"' && c == '\\' && (next == '"' || next == '\\')) add(line.charAt(++at));
      else add(c);
    }
    throw new IllegalArgumentException("a " + quote + " is not closed");
  }

  private void add(char c) {
    isInWord = true;
    word.append(c);
  }

  private void end() {
    if (isInWord) all.add(word.toString());
    word.setLength(0);
    isInWord = false;
  }
}
