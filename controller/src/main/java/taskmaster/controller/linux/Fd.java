package taskmaster.controller.linux;

import java.nio.file.Path;

/** File descriptors: open(2), read(2), write(2), mkfifo(3), close(2). Negative results are errnos. */
public final class Fd {
  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_CREAT = 0100;
  public static final int O_EXCL = 0200;
  public static final int O_APPEND = 02000;
  public static final int O_NONBLOCK = 04000;

  /** One of the flags that differ between machines (open(2)). */
  public static final int O_NOFOLLOW = System.getProperty("os.arch").equals("aarch64") ? 0100000 : 0400000;

  public static final int O_CLOEXEC = 02000000;

  /** Names a file without opening it. */
  public static final int O_PATH = 010000000;

  /** Reading is not noted in the inode; for files of one's own (open(2)). */
  public static final int O_NOATIME = 01000000;

  private static final int AT_FDCWD = -100;
  /** openat2(2): one number on all machines that we run on. */
  private static final int OPENAT2 = 437;

  private static final int OPEN_HOW_SIZE = 24;
  private static final int RESOLVE_NO_SYMLINKS = 4;
  private static final int F_SETPIPE_SZ = 1031;
  private static final short POLLIN = 1;
  private static final short POLLHUP = 16;

  private Fd() {}

  public static int open(Path path, int flags, int mode) {
    return open(path.toString(), flags, mode);
  }

  static int open(String path, int flags, int mode) {
    long name = Scratch.of(path).stringAt(path);
    int fd;
    do {
      fd = Libc.OPEN.call(name, flags | O_CLOEXEC, mode);
    } while (fd == -Errno.EINTR);
    return FileLimit.heard(fd) && fd < 0 ? open(path, flags, mode) : fd;
  }

  /** The same, but ELOOP where there is a symbolic link anywhere on the path; ENOSYS where the kernel has no openat2(2). */
  static int openWithoutLinks(String path, int flags, int mode) {
    Scratch scratch = Scratch.of(path);
    long name = scratch.stringAt(path);
    int how = scratch.struct(OPEN_HOW_SIZE);
    scratch.putLong(how, flags | O_CLOEXEC);
    scratch.putLong(how + 8, (flags & O_CREAT) != 0 ? mode : 0);
    scratch.putLong(how + 16, RESOLVE_NO_SYMLINKS);
    int fd;
    do {
      fd = Libc.SYSCALL.call(OPENAT2, AT_FDCWD, name, scratch.address(how), OPEN_HOW_SIZE, 0);
    } while (fd == -Errno.EINTR);
    return FileLimit.heard(fd) && fd < 0 ? openWithoutLinks(path, flags, mode) : fd;
  }

  public static int mkfifo(Path path, int mode) {
    String name = path.toString();
    return Libc.MKFIFO.call(Scratch.of(name).stringAt(name), mode);
  }

  /** Gives a file, not what a link leads to, to another user; its group stays. */
  public static int giveTo(Path path, long uid) {
    String name = path.toString();
    return Libc.LCHOWN.call(Scratch.of(name).stringAt(name), uid, -1);
  }

  /** Lets a pipe hold more before its writer waits; where the user's quota does not allow that (pipe(7)), it stays as it is. */
  public static void growPipe(int fd, int bytes) {
    Libc.FCNTL.call(fd, F_SETPIPE_SZ, bytes);
  }

  public static int chmod(int fd, int mode) {
    return Libc.FCHMOD.call(fd, mode);
  }

  public static long read(int fd, NativeBuffer into) {
    long n;
    do {
      n = Libc.READ.count(into.callState, fd, into.address(), into.size());
    } while (n == -Errno.EINTR);
    return n;
  }

  /** Some of a folder's entries, as they stand in getdents(2): how many bytes of them. */
  static int readFolder(int fd, NativeBuffer into) {
    return Libc.GETDENTS64.call(fd, into.address(), into.size());
  }

  /** All of {@code count} bytes from {@code offset}; fewer only with an error: then how many, or the errno if none. */
  public static long write(int fd, NativeBuffer from, long offset, long count) {
    long done = 0;
    while (done < count) {
      long n = Libc.WRITE.count(from.callState, fd, from.address() + offset + done, count - done);
      if (n == -Errno.EINTR) continue;
      if (n <= 0) return done > 0 ? done : n == 0 ? -Errno.EIO : n;
      done += n;
    }
    return done;
  }

  /** How long an open file is, in bytes. */
  public static long size(int fd) {
    return Libc.LSEEK.count(fd, 0, 2);
  }

  public static int truncate(int fd, long length) {
    return Libc.FTRUNCATE.call(fd, length);
  }

  /** Whether a pipe's reading end can still be written to by somebody (poll(2): no POLLHUP). */
  public static boolean hasWriter(int fd) {
    Scratch scratch = Scratch.of(0);
    int pollfd = scratch.struct(8);
    scratch.putInt(pollfd, fd);
    scratch.putShort(pollfd + 4, POLLIN);
    int n = Libc.POLL.call(scratch.address(pollfd), 1, 0);
    return n >= 0 && (scratch.getShort(pollfd + 6) & POLLHUP) == 0;
  }

  /**
   * Whether so few descriptors are left, judging by one got just now, that nothing new is to be begun.
   *
   * @param owed how many are to come for what has begun already
   */
  public static boolean isScarce(int fd, int owed) {
    return FileLimit.isScarce(fd + (long) owed);
  }

  public static int dup2(int from, int to) {
    return Libc.DUP2.call(from, to);
  }

  public static void close(int fd) {
    if (fd >= 0) Libc.CLOSE.call(fd);
  }
}
