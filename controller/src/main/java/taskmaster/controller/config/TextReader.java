package taskmaster.controller.config;

import java.io.Reader;
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
  private int documentIndex;

  /** @param name that the marks bear */
  TextReader(String name, String text) {
    super(Reader.nullReader());
    this.name = name;
    this.text = codePoints(text);
    this.readable = readable(this.text);
  }

  private static int[] codePoints(String text) {
    int[] codePoints = new int[text.length()];
    int count = 0;
    for (int i = 0; i < text.length(); i += Character.charCount(codePoints[count++])) codePoints[count] = text.codePointAt(i);
    return count == codePoints.length ? codePoints : Arrays.copyOf(codePoints, count);
  }

  private static int readable(int[] text) {
    for (int i = 0; i < text.length; i++) if (!isPrintable(text[i])) return i;
    return text.length;
  }

  @Override
  public int peek() {
    return peek(0);
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
    documentIndex += length;
    column += length;
    return prefix;
  }

  @Override
  public void forward() {
    forward(1);
  }

  @Override
  public void forward(int length) {
    for (int i = 0; i < length && at < readable; i++) {
      int c = text[at++];
      documentIndex++;
      if (endsLine(c)) {
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
    return documentIndex;
  }

  @Override
  public void resetDocumentIndex() {
    documentIndex = 0;
  }
}
