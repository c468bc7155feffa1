package taskmaster.controller.config;

import java.util.ArrayList;
import java.util.List;

/** Splits a command line into words as a POSIX shell does, and does nothing else that a shell does. */
final class ShellWords {
  private ShellWords() {}

  /** @throws IllegalArgumentException with a sentence for the user */
  static List<String> split(String line) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean inWord = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      switch (c) {
        case ' ', '\t', '\n', '\r' -> {
          if (inWord) words.add(word.toString());
          word.setLength(0);
          inWord = false;
        }
        case '\'' -> {
          int end = line.indexOf('\'', i + 1);
          if (end < 0) throw new IllegalArgumentException("a ' is not closed");
          word.append(line, i + 1, end);
          i = end;
          inWord = true;
        }
        case '"' -> {
          i = doubleQuoted(line, i + 1, word);
          inWord = true;
        }
        case '\\' -> {
          if (++i == line.length()) throw new IllegalArgumentException("it ends with a \\");
          if (line.charAt(i) != '\n') word.append(line.charAt(i));
          inWord = true;
        }
        default -> {
          word.append(c);
          inWord = true;
        }
      }
    }
    if (inWord) words.add(word.toString());
    return words;
  }

  /** Appends up to the closing quote, whose index it returns. */
  private static int doubleQuoted(String line, int from, StringBuilder word) {
    for (int i = from; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"') return i;
      if (c == '\\' && i + 1 < line.length() && "\"\\$`\n".indexOf(line.charAt(i + 1)) >= 0) {
        i++;
        if (line.charAt(i) != '\n') word.append(line.charAt(i));
      } else {
        word.append(c);
      }
    }
    throw new IllegalArgumentException("a \" is not closed");
  }
}
