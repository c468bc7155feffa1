package taskmaster.controller.linux;

import org.jspecify.annotations.Nullable;
import taskmaster.api.Exit;

/** A descriptor that means one process, whoever gets its pid later (pidfd_open(2)); readable once that has ended. */
final class Pidfd {
  private static final long SEND_SIGNAL = 424;
  private static final long OPEN = 434;

  /** _IOWR(0xFF, 11, struct pidfd_info), its first 64 bytes (linux/pidfd.h, since Linux 6.13; the exit since 6.15). */
  private static final long GET_INFO = 0xC040FF0BL;

  private static final long INFO_EXIT = 8;
  private static final int INFO_EXIT_CODE = 60;

  private Pidfd() {}

  /** The descriptor, or the negative errno: ESRCH where there is no such process. */
  static int open(int pid) {
    return Libc.SYSCALL.call(OPEN, pid, 0);
  }

  /** Whether there is somebody to take it; 0 only asks that (kill(2)). */
  static boolean signal(int fd, int signal) {
    return Libc.SYSCALL.call(SEND_SIGNAL, fd, signal, 0) == 0;
  }

  /** How a process that is reaped, by whomever, ended; null where the kernel does not tell. */
  static @Nullable Exit exit(int fd) {
    Scratch scratch = Scratch.of(0);
    int info = scratch.struct(64);
    scratch.putLong(info, INFO_EXIT);
    int result = Libc.IOCTL.call(fd, GET_INFO, scratch.address(info));
    boolean told = result >= 0 && (scratch.getLong(info) & INFO_EXIT) != 0;
    return told ? Children.exitOf(scratch.getInt(info + INFO_EXIT_CODE)) : null;
  }
}
