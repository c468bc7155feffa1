package taskmaster.controller.config;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.Mark;

/** The text of one file, and what is shown of it where something in it is wrong. */
final class Document {
  private final Path file;
  private final String text;
  private final @Nullable ConfigError notText;
  private int @Nullable [] lineStarts;

  private Document(Path file, String text, @Nullable ConfigError notText) {
    this.file = file;
    this.text = text;
    this.notText = notText;
  }

  static Document of(Path file, byte[] bytes) {
    CharBuffer chars = CharBuffer.allocate(bytes.length);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, chars, true);
    chars.flip();
    String text = chars.toString();
    ConfigError notText = null;
    if (result.isError()) {
      int line = (int) text.chars().filter(c -> c == '\n').count() + 1;
      notText = ConfigError.ofWhole(file, "line " + line + " is not UTF-8 (byte " + in.position() + ")");
    }
    return new Document(file, text.startsWith("\uFEFF") ? text.substring(1) : text, notText);
  }

  Path file() {
    return file;
  }

  /** Why it is none; it has no reader then. */
  Optional<ConfigError> notText() {
    return Optional.ofNullable(notText);
  }

  /** Its marks, and so its nodes, say which file they are of. */
  TextReader reader() {
    return new TextReader(file.toString(), text);
  }

  ConfigError error(Mark at, String message) {
    return new ConfigError(file, at.getLine() + 1, at.getColumn() + 1, message, line(at.getLine()));
  }

  private String line(int number) {
    int[] starts = lineStarts();
    if (number >= starts.length) return "";
    int next = number + 1 < starts.length ? starts[number + 1] : text.length();
    return text.substring(starts[number], next).stripTrailing();
  }

  private int[] lineStarts() {
    int[] starts = lineStarts;
    if (starts == null) {
      starts = new int[1 + (int) text.chars().filter(c -> c == '\n').count()];
      for (int line = 1; line < starts.length; line++) starts[line] = text.indexOf('\n', starts[line - 1]) + 1;
      lineStarts = starts;
    }
    return starts;
  }
}
