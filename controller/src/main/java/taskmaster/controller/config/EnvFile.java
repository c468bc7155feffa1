package taskmaster.controller.config;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import taskmaster.api.Placeholders;

/** A file of variables, NAME=value a line; what of it a shell and Docker Compose read alike. Values are never part of an error. */
final class EnvFile {
  private static final int MOST_BYTES = 1 << 20;

  private final Path file;
  private final String text;
  private final Map<String, String> variables = new LinkedHashMap<>();
  private int at;
  private int line = 1;

  private EnvFile(Path file, String text) {
    this.file = file;
    this.text = text;
  }

  /** @throws IllegalArgumentException with a sentence for the user, which names the file and the line */
  static Map<String, String> parse(Path file, byte[] bytes) {
    return new EnvFile(file, text(file, bytes)).parsed();
  }

  private static String text(Path file, byte[] bytes) {
    if (bytes.length > MOST_BYTES) throw new IllegalArgumentException("cannot read " + file + ": it is larger than 1 MiB");
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (text.indexOf('\0') >= 0) throw new IllegalArgumentException("cannot read " + file + ": it holds a NUL, so it is no text");
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("cannot read " + file + ": it is not UTF-8", e);
    }
  }

  private Map<String, String> parsed() {
    while (at < text.length()) {
      skipBlanks();
      if (!isAtEnd() && peek() != '#') assignment();
      skipLine();
    }
    return variables;
  }

  private void assignment() {
    int begin = at;
    while (!isAtEnd() && peek() != '=') at++;
    if (isAtEnd()) throw wrong("it is not of the form NAME=value");
    String name = text.substring(begin, at);
    if (name.startsWith("export ") || name.startsWith("export\t")) name = name.substring(7).stripLeading();
    if (!Substitution.isName(name)) throw wrong("what stands before the = is no name of a variable (letters, digits, _)");
    at++;
    skipBlanks();
    int firstLine = line;
    String value =
        switch (isAtEnd() ? '\n' : peek()) {
          case '\'' -> singleQuoted(firstLine);
          case '"' -> doubleQuoted(firstLine);
          default -> plain();
        };
    if (Placeholders.isIn(value)) throw wrong(name + " holds U+FDD0 or U+FDD1, which Unicode keeps for internal use");
    variables.put(name, value);
  }

  /** To the end of the line, or to a comment after a blank. */
  private String plain() {
    int begin = at;
    while (!isAtEnd() && !(peek() == '#' && (at == begin || isBlank(text.charAt(at - 1))))) at++;
    return text.substring(begin, at).strip();
  }

  private String singleQuoted(int firstLine) {
    int close = text.indexOf('\'', at + 1);
    if (close < 0) throw wrong(firstLine, "a ' is not closed");
    String value = text.substring(at + 1, close);
    for (int i = 0; i < value.length(); i++) if (value.charAt(i) == '\n') line++;
    at = close + 1;
    nothingMore();
    return value;
  }

  private String doubleQuoted(int firstLine) {
    StringBuilder value = new StringBuilder();
    for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
      char c = text.charAt(at);
      if (c == '\n') line++;
      boolean escapes = c == '\\' && at + 1 < text.length() && "\"\\$n".indexOf(text.charAt(at + 1)) >= 0;
      if (escapes) c = text.charAt(++at) == 'n' ? '\n' : text.charAt(at);
      value.append(c);
    }
    if (at == text.length()) throw wrong(firstLine, "a \" is not closed");
    at++;
    nothingMore();
    return value.toString();
  }

  private void nothingMore() {
    skipBlanks();
    if (!isAtEnd() && peek() != '#') throw wrong("more stands after the closing quote");
  }

  private void skipBlanks() {
    while (!isAtEnd() && isBlank(peek())) at++;
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
  }

  private void skipLine() {
    while (!isAtEnd()) at++;
    at++;
    line++;
  }

  private boolean isAtEnd() {
    return at >= text.length() || text.charAt(at) == '\n';
  }

  private char peek() {
    return text.charAt(at);
  }

  private IllegalArgumentException wrong(String why) {
    return wrong(line, why);
  }

  private IllegalArgumentException wrong(int inLine, String why) {
    return new IllegalArgumentException(file + ":" + inLine + ": " + why);
  }
}
