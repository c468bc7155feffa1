package taskmaster.api;

import java.time.Duration;

/**
 * How captured output is kept; always the current file's, for running processes too.
 *
 * @param maxBytes a file that would grow beyond this is rotated; 0: never
 * @param backups how many rotated files are kept
 * @param maxAge rotated files older than this are removed; zero: whatever their age
 */
public record LogPolicy(long maxBytes, int backups, Compress compress, Duration maxAge, Format format, Overflow overflow) {
  public static final LogPolicy DEFAULT =
      new LogPolicy(50L << 20, 10, Compress.NONE, Duration.ZERO, Format.RAW, Overflow.DROP);

  /** What rotated files become. */
  public enum Compress {
    NONE,
    GZIP
  }

  public enum Format {
    /** Byte for byte. */
    RAW,
    /** Each line after the time that its first byte came at. */
    TIMESTAMPED,
    /** Each line as one JSON object. */
    JSON
  }

  /** What becomes of output that the disk refuses. */
  public enum Overflow {
    /** It waits in the pipe; once that is full the program waits too. */
    BLOCK,
    /** It is dropped, and counted. */
    DROP
  }

  public LogPolicy {
    if (maxBytes < 0 || backups < 0 || maxAge.isNegative()) throw new IllegalArgumentException("a limit is not negative");
  }
}
