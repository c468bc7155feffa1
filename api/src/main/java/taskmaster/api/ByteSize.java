package taskmaster.api;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers of bytes as the file writes them and a table shows them; a kilobyte is 1024 bytes. */
public final class ByteSize {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,15})\\s*([KMGT]?)(I?B)?");
  private static final String UNITS = "KMGT";

  private ByteSize() {}

  /**
   * Reads {@code 1048576}, {@code 50MB}, {@code 50M}, {@code 1GiB}.
   *
   * @throws IllegalArgumentException with a sentence for the user
   */
  public static long parse(String text) {
    Matcher m = FORM.matcher(text.strip().toUpperCase(Locale.ROOT));
    if (!m.matches()) throw new IllegalArgumentException("'" + text + "' is not a size: write 1048576, 500KB, 50MB or 1GB");
    long number = Long.parseLong(m.group(1));
    int shift = m.group(2).isEmpty() ? 0 : 10 * (UNITS.indexOf(m.group(2)) + 1);
    if (number > Long.MAX_VALUE >> shift) throw new IllegalArgumentException("'" + text + "' is too large");
    return number << shift;
  }

  /** Exact in the largest unit that it is a multiple of: {@code 50MB}. */
  public static String show(long bytes) {
    int unit = 0;
    long number = bytes;
    while (unit < UNITS.length() && number != 0 && number % 1024 == 0) {
      number /= 1024;
      unit++;
    }
    return number + (unit == 0 ? "" : UNITS.charAt(unit - 1) + "B");
  }
}
