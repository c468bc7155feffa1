package taskmaster.controller.linux;

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
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int BASIC_STATS = 0x7ff;
  private static final int STATX_SIZE = 256;
  private static final int PATH_MAX = 4096;

  private static final int S_IFMT = 0170000;
  private static final int S_IFDIR = 0040000;
  private static final int S_IFREG = 0100000;
  private static final int S_IFLNK = 0120000;
  private static final int OTHERS_WRITE = 022;
  private static final int ANYBODY_WRITES = 002;
  private static final int S_ISVTX = 01000;

  /** Names a file as long as it exists, whatever paths lead to it. */
  public record Identity(long device, long inode) {}

  /** Of what the path leads to; null where that cannot be told. */
  public static @Nullable FileStatus of(Path path) {
    return of(AT_FDCWD, path.toString(), 0);
  }

  /** Of a link itself, where the path names one; null where that cannot be told. */
  public static @Nullable FileStatus ofLink(Path path) {
    return of(AT_FDCWD, path.toString(), AT_SYMLINK_NOFOLLOW);
  }

  /** Whether surely nothing is there by that name, not even a link. */
  public static boolean isFree(Path path) {
    String text = path.toString();
    if (isTooLong(text)) return false;
    Scratch scratch = Scratch.of(text);
    long name = scratch.stringAt(text);
    return Libc.STATX.call(AT_FDCWD, name, AT_SYMLINK_NOFOLLOW, 0, scratch.address(scratch.space(STATX_SIZE)), 0) == -Errno.ENOENT;
  }

  /** Of an open file. */
  public static @Nullable FileStatus of(int fd) {
    return of(fd, "", AT_EMPTY_PATH);
  }

  private static @Nullable FileStatus of(int at, String path, int flags) {
    if (isTooLong(path)) return null;
    Scratch scratch = Scratch.of(path);
    long name = scratch.stringAt(path);
    int statx = scratch.space(STATX_SIZE);
    if (Libc.STATX.call(at, name, flags, BASIC_STATS, scratch.address(statx), 0) < 0) return null;
    long device = (long) scratch.getInt(statx + 136) << 32 | scratch.getInt(statx + 140) & 0xffffffffL;
    Identity identity = new Identity(device, scratch.getLong(statx + 32));
    return new FileStatus(
        scratch.getShort(statx + 28) & 0xffff,
        scratch.getInt(statx + 20) & 0xffffffffL,
        scratch.getInt(statx + 24) & 0xffffffffL,
        identity,
        scratch.getLong(statx + 40));
  }

  /** Whether more than its mode says who may do what (acl(5)). */
  static boolean hasAccessControlList(Path path) {
    String text = path.toString();
    if (isTooLong(text)) return false;
    Scratch scratch = Scratch.of(text);
    return Libc.GETXATTR.count(scratch.stringAt(text), scratch.stringAt("system.posix_acl_access"), 0) > 0;
  }

  /** The file itself, by whatever links the path leads to it (realpath(3)); null where that cannot be told. */
  public static @Nullable Path realPath(Path path) {
    String text = path.toString();
    if (isTooLong(text)) return null;
    Scratch scratch = Scratch.of(Scratch.room(text) + Scratch.room(PATH_MAX));
    long name = scratch.stringAt(text);
    int answer = scratch.space(PATH_MAX);
    if (Libc.REALPATH.isNull(name, scratch.address(answer))) return null;
    String real = scratch.text(answer);
    try {
      return real.indexOf('\uFFFD') >= 0 ? null : Path.of(real);
    } catch (InvalidPathException notInThisLocale) {
      return null;
    }
  }

  /** Than the system allows. */
  private static boolean isTooLong(String path) {
    return path.length() * 3L >= PATH_MAX && path.getBytes(StandardCharsets.UTF_8).length >= PATH_MAX;
  }

  public boolean isFolder() {
    return (mode & S_IFMT) == S_IFDIR;
  }

  boolean isLink() {
    return (mode & S_IFMT) == S_IFLNK;
  }

  public boolean isRegularFile() {
    return (mode & S_IFMT) == S_IFREG;
  }

  /** Whether others than root and we ourselves may write it, its owner being one. */
  boolean isOthersToWrite() {
    return (mode & OTHERS_WRITE) != 0 || isOthers();
  }

  boolean isAnybodysToWrite() {
    return (mode & ANYBODY_WRITES) != 0;
  }

  /** Whether only its owner can rename or remove an entry. */
  boolean isSticky() {
    return (mode & S_ISVTX) != 0;
  }

  /** Whether neither root nor we own it. */
  boolean isOthers() {
    return uid != 0 && uid != Host.uid();
  }
}
