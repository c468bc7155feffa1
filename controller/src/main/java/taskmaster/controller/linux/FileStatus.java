package taskmaster.controller.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What statx(2) tells of a file. One system call and no exception where the file is not there: a start of a thousand
 * programs looks at some thousands of files.
 *
 * @param size in bytes
 */
public record FileStatus(int mode, long uid, long gid, Identity identity, long size) {
  private static final int AT_FDCWD = -100;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int BASIC_STATS = 0x7ff;
  private static final int PATH_MAX = 4096;

  /** A path, and behind it what is answered: of thousands of files one looks after another. */
  private static final ThreadLocal<MemorySegment> SCRATCH = ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(2 * PATH_MAX, 8));

  private static final int S_IFMT = 0170000;
  private static final int S_IFDIR = 0040000;
  private static final int S_IFREG = 0100000;
  private static final int OTHERS_WRITE = 022;

  /** Names a file as long as it exists, whatever paths lead to it. */
  public record Identity(long device, long inode) {}

  /** Of what the path leads to; null where that cannot be told. */
  public static @Nullable FileStatus of(Path path) {
    return of(AT_FDCWD, path.toString(), 0);
  }

  /** Of an open file. */
  public static @Nullable FileStatus of(int fd) {
    return of(fd, "", AT_EMPTY_PATH);
  }

  private static @Nullable FileStatus of(int at, String path, int flags) {
    MemorySegment scratch = SCRATCH.get();
    if (!put(path, scratch)) return null;
    long statx = scratch.address() + PATH_MAX;
    if (Libc.STATX.call(at, scratch.address(), flags, BASIC_STATS, statx, 0) < 0) return null;
    long device = (long) scratch.get(JAVA_INT, PATH_MAX + 136) << 32 | scratch.get(JAVA_INT, PATH_MAX + 140) & 0xffffffffL;
    Identity identity = new Identity(device, scratch.get(JAVA_LONG, PATH_MAX + 32));
    return new FileStatus(
        scratch.get(JAVA_SHORT, PATH_MAX + 28) & 0xffff,
        scratch.get(JAVA_INT, PATH_MAX + 20) & 0xffffffffL,
        scratch.get(JAVA_INT, PATH_MAX + 24) & 0xffffffffL,
        identity,
        scratch.get(JAVA_LONG, PATH_MAX + 40));
  }

  /** Whether more than its mode says who may do what (acl(5)). */
  static boolean hasAccessControlList(Path path) {
    MemorySegment scratch = SCRATCH.get();
    if (!put(path.toString(), scratch)) return false;
    scratch.setString(PATH_MAX, "system.posix_acl_access");
    return Libc.GETXATTR.count(scratch.address(), scratch.address() + PATH_MAX, 0) > 0;
  }

  /** The file itself, by whatever links the path leads to it (realpath(3)); null where that cannot be told. */
  public static @Nullable Path realPath(Path path) {
    MemorySegment scratch = SCRATCH.get();
    if (!put(path.toString(), scratch)) return null;
    if (Libc.REALPATH.isNull(scratch.address(), scratch.address() + PATH_MAX)) return null;
    String real = scratch.getString(PATH_MAX);
    try {
      return real.indexOf('\uFFFD') >= 0 ? null : Path.of(real);
    } catch (InvalidPathException notInThisLocale) {
      return null;
    }
  }

  /** Whether it is no longer than the system allows. */
  private static boolean put(String path, MemorySegment scratch) {
    if (path.length() * 3L >= PATH_MAX && path.getBytes(StandardCharsets.UTF_8).length >= PATH_MAX) return false;
    scratch.setString(0, path);
    return true;
  }

  public boolean isFolder() {
    return (mode & S_IFMT) == S_IFDIR;
  }

  public boolean isRegularFile() {
    return (mode & S_IFMT) == S_IFREG;
  }

  /** Whether others than its owner may write it. */
  public boolean isOthersToWrite() {
    return (mode & OTHERS_WRITE) != 0;
  }
}
