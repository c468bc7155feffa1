package taskmaster.controller.linux;

import taskmaster.api.Limits;

/**
 * RLIMIT_NOFILE (prlimit(2)). The daemon needs about three descriptors for each process, and takes all it may have once
 * it comes near to what it was started with; its children have the latter. Whoever has few programs never takes more, so
 * that none of them can see it.
 */
final class FileLimit {
  private static final int RLIMIT_NOFILE = 7;
  private static final int STRUCT_SIZE = 16;

  /** What is left to read /proc, logs and files with, and a fourth of all for those who ask something. */
  private static final int RESERVE = 32;

  private static final long MOST_CONNECTIONS = 1024;

  /** Of libc's rlim_t; RLIM_INFINITY is -1. */
  private static final NativeBuffer ORIGINAL = original();

  /** What the daemon may have. */
  private static final long LIMIT = ORIGINAL.getLong(8) < 0 ? Long.MAX_VALUE : ORIGINAL.getLong(8);

  /** What the Java runtime and a few clients take by themselves. */
  private static final long FEW = 512;

  /** The number of a descriptor from which on there are many; what is beyond is for what gets its own without us. */
  private static volatile long many = many();

  private static volatile boolean raised;

  private FileLimit() {}

  private static NativeBuffer original() {
    NativeBuffer original = new NativeBuffer(STRUCT_SIZE);
    if (Libc.PRLIMIT.call(0, RLIMIT_NOFILE, 0, original.address()) < 0) {
      original.putLong(0, MOST_CONNECTIONS);
      original.putLong(8, MOST_CONNECTIONS);
    }
    return original;
  }

  private static long many() {
    if (!isRaisable()) return Long.MAX_VALUE;
    return ORIGINAL.getLong(0) < FEW ? 0 : ORIGINAL.getLong(0) / 4 * 3;
  }

  private static boolean isRaisable() {
    return ORIGINAL.getLong(0) != ORIGINAL.getLong(8);
  }

  /**
   * Whether so few descriptors are left that nothing new is to be begun: the system gives the lowest number that is free.
   *
   * @param used the one that was got just now, and those that are to come
   */
  static boolean isScarce(long used) {
    return used >= LIMIT - RESERVE - connections();
  }

  /** How many clients may be connected at once. */
  static long connections() {
    return Math.min(MOST_CONNECTIONS, LIMIT / 4);
  }

  /**
   * To be told of what open(2) gave or refused.
   *
   * @return whether what was refused may be had now
   */
  static boolean heard(int fd) {
    return (fd >= many || fd == -Errno.EMFILE) && raise();
  }

  private static synchronized boolean raise() {
    if (raised || !isRaisable()) return false;
    Scratch scratch = Scratch.of(0);
    int all = scratch.struct(STRUCT_SIZE);
    scratch.putLong(all, ORIGINAL.getLong(8));
    scratch.putLong(all + 8, ORIGINAL.getLong(8));
    many = Long.MAX_VALUE;
    raised = true; // before it is so: who begins a child meanwhile gives back what it may have
    return Libc.PRLIMIT.call(0, RLIMIT_NOFILE, scratch.address(all), 0) == 0;
  }

  /** What children get. */
  static Limits.Limit ofChildren() {
    return new Limits.Limit(ORIGINAL.getLong(0), ORIGINAL.getLong(8));
  }

  /** posix_spawn cannot set a limit, so it is given back right after. */
  static void giveBack(int pid) {
    if (raised) Libc.PRLIMIT.call(pid, RLIMIT_NOFILE, ORIGINAL.address(), 0);
  }
}
