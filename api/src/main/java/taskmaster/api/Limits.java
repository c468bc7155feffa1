package taskmaster.api;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** Resource limits (getrlimit(2)) that the file sets; the others are the daemon's own. */
public record Limits(Map<Resource, Limit> of) {
  public static final Limits NONE = new Limits(Map.of());

  /** As prlimit(1) calls them. */
  public enum Resource {
    NOFILE,
    NPROC,
    CORE,
    MEMLOCK,
    AS,
    CPU;

    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** In the resource's own unit: a count, bytes, or seconds. */
  public record Limit(long soft, long hard) {
    public static final long UNLIMITED = -1;

    public Limit {
      if (isMore(soft, hard)) throw new IllegalArgumentException("the soft limit is above the hard one");
    }

    /** Whether {@code a} allows more than {@code b}. */
    public static boolean isMore(long a, long b) {
      return Long.compareUnsigned(a, b) > 0; // unlimited is the largest number, as the kernel has it
    }

    private static String show(long value) {
      return value == UNLIMITED ? "unlimited" : Long.toString(value);
    }

    /** As prlimit(1) reads it. */
    public String both() {
      return show(soft) + ":" + show(hard);
    }

    @Override
    public String toString() {
      return soft == hard ? show(soft) : both();
    }
  }

  public Limits {
    of = of.isEmpty() ? Map.of() : Collections.unmodifiableMap(new EnumMap<>(of));
  }

  public boolean isEmpty() {
    return of.isEmpty();
  }
}
