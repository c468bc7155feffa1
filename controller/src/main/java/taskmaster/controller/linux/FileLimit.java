package taskmaster.controller.linux;

import org.jspecify.annotations.Nullable;
import taskmaster.api.Limits;

/**
 * RLIMIT_NOFILE (prlimit(2)): the daemon needs about three descriptors for each process and takes all it may have; its
 * children get back what the daemon was started with.
 */
final class FileLimit {
  private static final int RLIMIT_NOFILE = 7;
  private static final int STRUCT_SIZE = 16;

  /** What is left to read /proc, logs and files with, and a fourth of all for those who ask something. */
  private static final int RESERVE = 32;

  private static final long MOST_CONNECTIONS = 1024;
  private static volatile long limit = 1024;

  private static @Nullable FileLimit first;

  private final NativeBuffer original;
  private final boolean raised;

  private FileLimit(NativeBuffer original, boolean raised) {
    this.original = original;
    this.raised = raised;
  }

  /**
   * Whether so few descriptors are left that nothing new is to be begun: the system gives the lowest number that is free.
   *
   * @param fd the one that was got just now
   */
  static boolean isScarce(int fd) {
    return fd >= limit - RESERVE - connections();
  }

  /** How many clients may be connected at once. */
  static long connections() {
    return Math.min(MOST_CONNECTIONS, limit / 4);
  }

  /** Raises the soft limit to the hard one; what it was before the first time is what children get. */
  static synchronized FileLimit raise() {
    FileLimit known = first;
    if (known == null) {
      known = raiseFirst();
      first = known;
    }
    return known;
  }

  private static FileLimit raiseFirst() {
    NativeBuffer original = new NativeBuffer(STRUCT_SIZE);
    if (Libc.PRLIMIT.call(0, RLIMIT_NOFILE, 0, original.address()) < 0) return new FileLimit(original, false);
    long hard = original.getLong(8);
    limit = hard < 0 ? Long.MAX_VALUE : hard; // RLIM_INFINITY is -1
    if (original.getLong(0) == hard) return new FileLimit(original, false);
    Scratch scratch = Scratch.of(0);
    int all = scratch.struct(STRUCT_SIZE);
    scratch.putLong(all, hard);
    scratch.putLong(all + 8, hard);
    return new FileLimit(original, Libc.PRLIMIT.call(0, RLIMIT_NOFILE, scratch.address(all), 0) == 0);
  }

  /** What children get. */
  Limits.Limit ofChildren() {
    return new Limits.Limit(original.getLong(0), original.getLong(8));
  }

  /** posix_spawn cannot set a limit, so it is given back right after. */
  void giveBack(int pid) {
    if (raised) Libc.PRLIMIT.call(pid, RLIMIT_NOFILE, original.address(), 0);
  }
}
