package taskmaster.controller.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * RLIMIT_NOFILE (prlimit(2)): the daemon needs about three descriptors for each process and takes all it may have; its
 * children get back what the daemon was started with.
 */
final class FileLimit {
  private static final int RLIMIT_NOFILE = 7;
  private static final long STRUCT_SIZE = 16;

  private final MemorySegment original;
  private final boolean raised;

  private FileLimit(MemorySegment original, boolean raised) {
    this.original = original;
    this.raised = raised;
  }

  /** Raises the soft limit to the hard one. */
  static FileLimit raise() {
    MemorySegment original = Arena.ofAuto().allocate(STRUCT_SIZE, 8);
    if (Libc.PRLIMIT.call(0, RLIMIT_NOFILE, 0, original.address()) < 0) return new FileLimit(original, false);
    long hard = original.get(JAVA_LONG, 8);
    if (original.get(JAVA_LONG, 0) == hard) return new FileLimit(original, false);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment all = arena.allocate(STRUCT_SIZE, 8);
      all.set(JAVA_LONG, 0, hard);
      all.set(JAVA_LONG, 8, hard);
      return new FileLimit(original, Libc.PRLIMIT.call(0, RLIMIT_NOFILE, all.address(), 0) == 0);
    }
  }

  /** posix_spawn cannot set a limit, so it is given back right after. */
  void giveBack(int pid) {
    if (raised) Libc.PRLIMIT.call(pid, RLIMIT_NOFILE, original.address(), 0);
  }
}
