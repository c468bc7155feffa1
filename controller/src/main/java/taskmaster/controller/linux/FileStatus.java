package taskmaster.controller.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What statx(2) tells of a file. One system call and no exception where the file is not there: a start of a thousand
 * programs looks at some thousands of files.
 *
 * @param size in bytes
 */
public record FileStatus(int mode, Identity identity, long size) {
  private static final int AT_FDCWD = -100;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int BASIC_STATS = 0x7ff;
  private static final int STRUCT_SIZE = 256;
  private static final int PATH_MAX = 4096;
  private static final int S_IFMT = 0170000;
  private static final int S_IFDIR = 0040000;
  private static final int S_IFREG = 0100000;
  private static final int OTHERS_WRITE = 022;

  /** Names a file as long as it exists, whatever paths lead to it. */
  public record Identity(long device, long inode) {}

  /** Of what the path leads to; null where that cannot be told. */
  public static @Nullable FileStatus of(Path path) {
    try (Arena arena = Arena.ofConfined()) {
      return of(arena, AT_FDCWD, path.toString(), 0);
    }
  }

  /** Of an open file. */
  public static @Nullable FileStatus of(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      return of(arena, fd, "", AT_EMPTY_PATH);
    }
  }

  private static @Nullable FileStatus of(Arena arena, int at, String path, int flags) {
    MemorySegment statx = arena.allocate(STRUCT_SIZE, 8);
    long name = arena.allocateFrom(path).address();
    if (Libc.STATX.call(at, name, flags, BASIC_STATS, statx.address(), 0) < 0) return null;
    long device = (long) statx.get(JAVA_INT, 136) << 32 | statx.get(JAVA_INT, 140) & 0xffffffffL;
    Identity identity = new Identity(device, statx.get(JAVA_LONG, 32));
    return new FileStatus(statx.get(JAVA_SHORT, 28) & 0xffff, identity, statx.get(JAVA_LONG, 40));
  }

  /** The file itself, by whatever links the path leads to it (realpath(3)); null where that cannot be told. */
  public static @Nullable Path realPath(Path path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment resolved = arena.allocate(PATH_MAX);
      if (Libc.REALPATH.isNull(arena.allocateFrom(path.toString()).address(), resolved.address())) return null;
      String real = resolved.getString(0);
      return real.indexOf('\uFFFD') >= 0 ? null : Path.of(real);
    } catch (InvalidPathException notInThisLocale) {
      return null;
    }
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
