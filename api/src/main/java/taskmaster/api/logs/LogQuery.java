package taskmaster.api.logs;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Durations;

/**
 * Which lines are wanted.
 *
 * @param last so many of each file, or {@link #ALL}
 */
public record LogQuery(long last, @Nullable Instant since, @Nullable Pattern grep, boolean follow) {
  public static final long ALL = Long.MAX_VALUE;
  public static final int DEFAULT_LAST = 20;

  /**
   * Reads it as a user writes it. With a time and no number all since then are meant.
   *
   * @throws IllegalArgumentException with a sentence for the user
   */
  public static LogQuery parse(
      Optional<String> last, Optional<String> since, Optional<String> grep, boolean follow, Instant now) {
    return new LogQuery(
        last.map(LogQuery::number).orElse(since.isPresent() ? ALL : (long) DEFAULT_LAST),
        since.map(text -> time(text, now)).orElse(null),
        grep.map(LogQuery::pattern).orElse(null),
        follow);
  }

  private static long number(String text) {
    if (!text.matches("[0-9]{1,9}")) throw new IllegalArgumentException("-n takes a number of lines, not '" + text + "'");
    return Long.parseLong(text);
  }

  private static Instant time(String text, Instant now) {
    if (text.indexOf('T') < 0) {
      try {
        return now.minus(Durations.parse(text));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("since " + e.getMessage() + ", or a time, 2026-11-23T10:00:00Z", e);
      }
    }
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("since '" + text + "' is not a time: write 2026-11-23T10:00:00Z, or a duration, 10m", e);
    }
  }

  private static Pattern pattern(String text) {
    try {
      return Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      String at = e.getIndex() < 0 ? "" : " at character " + (e.getIndex() + 1);
      throw new IllegalArgumentException("'" + text + "' is not a regular expression: " + e.getDescription() + at, e);
    }
  }

  boolean isFiltered() {
    return since != null || grep != null;
  }
}
