package taskmaster.controller.config;

import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.scanner.ScannerException;

/**
 * For the scanner, of a text that is there as a whole. The library's own reader copies its window anew for each 1024
 * characters of a word: of a word of 5 MB, a minute long.
 */
final class TextReader extends StreamReader {
  private static final int BYTE_ORDER_MARK = 0xFEFF;
  private static final char END = '\0';

  private final String name;
  private final int[] text;

  /** How much of it is text that YAML allows; what reads on after that is told. */
  private final int readable;

  private int at;
  private int line;
  private int column;
  private int documentBegin;

  /** @param name that the marks bear */
  TextReader(String name, String text) {
    super(Reader.nullReader());
    this.name = name;
    this.text = codePoints(text);
    this.readable = readable(this.text);
  }

  /** A start waits for this, and nothing is compiled then. */
  private static int[] codePoints(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] codePoints = new int[text.length()];
    if (bytes.length == codePoints.length) {
      for (int i = 0; i < bytes.length; i++) codePoints[i] = bytes[i];
      return codePoints;
    }
    int count = 0;
    for (int i = 0; i < text.length(); i += Character.charCount(codePoints[count++])) codePoints[count] = text.codePointAt(i);
    return count == codePoints.length ? codePoints : Arrays.copyOf(codePoints, count);
  }

  private static int readable(int[] text) {
    for (int i = 0; i < text.length; i++) {
      int c = text[i];
      if ((c < ' ' || c > '~') && !isPrintable(c)) return i;
    }
    return text.length;
  }

  @Override
  public int peek() {
    return at < readable ? text[at] : end();
  }

  @Override
  public int peek(int ahead) {
    int i = at + ahead;
    return i < readable ? text[i] : end();
  }

  private int end() {
    if (readable == text.length) return END;
    int unreadable = text[readable];
    forward(readable - at);
    throw new ScannerException(null, null, "U+%04X is a character that YAML does not allow".formatted(unreadable), getMark());
  }

  @Override
  public String prefix(int length) {
    return new String(text, at, Math.min(length, readable - at));
  }

  /** As the library has it, without a look for line ends. */
  @Override
  public String prefixForward(int length) {
    String prefix = prefix(length);
    at += length;
    column += length;
    return prefix;
  }

  @Override
  public void forward() {
    forward(1);
  }

  @Override
  public void forward(int length) {
    int end = Math.min(at + length, readable);
    while (at < end) {
      int c = text[at++];
      if (c >= ' ' && c <= '~') {
        column++;
      } else if (endsLine(c)) {
        line++;
        column = 0;
      } else if (c != BYTE_ORDER_MARK) {
        column++;
      }
    }
  }

  /** The character just read. */
  private boolean endsLine(int c) {
    return switch (c) {
      case '\n', '\u0085', '\u2028', '\u2029' -> true;
      case '\r' -> at < readable && text[at] != '\n';
      default -> false;
    };
  }

  @Override
  public Mark getMark() {
    return new Mark(name, at, line, column, text, at);
  }

  @Override
  public int getIndex() {
    return at;
  }

  @Override
  public int getLine() {
    return line;
  }

  @Override
  public int getColumn() {
    return column;
  }

  @Override
  public int getDocumentIndex() {
    return at - documentBegin;
  }

  @Override
  public void resetDocumentIndex() {
    documentBegin = at;
  }
}
