package taskmaster.api.logs;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
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
    boolean isMoment = text.indexOf('T') >= 0 || text.indexOf(':') >= 0 || text.indexOf('-') >= 0;
    if (!isMoment) {
      try {
        return now.minus(Durations.parse(text));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("since " + e.getMessage() + ", or a time, 2026-11-23T10:00:00Z", e);
      }
    }
    try {
      return moment(text.strip().replaceFirst("(?<=[0-9]) +(?=[0-9])", "T"), now);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("since '" + text + "' is not a time: write 2026-11-23T10:00:00Z, '2026-11-23 10:00' or 10:00 of here, or a duration, 10m", e);
    }
  }

  /** Without an offset as the clock here has it; a time alone is the last that was. */
  private static Instant moment(String text, Instant now) {
    ZoneId here = ZoneId.systemDefault();
    if (text.matches("[0-9:.]+")) {
      LocalTime time = LocalTime.parse(text);
      ZonedDateTime today = now.atZone(here).with(time);
      return (today.toInstant().isAfter(now) ? today.minusDays(1) : today).toInstant();
    }
    if (text.indexOf('T') < 0) return LocalDate.parse(text).atStartOfDay(here).toInstant();
    boolean hasOffset = text.matches(".*T.*(Z|[+-][0-9:]+)");
    return hasOffset ? OffsetDateTime.parse(text).toInstant() : LocalDateTime.parse(text).atZone(here).toInstant();
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
