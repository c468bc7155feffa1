package taskmaster.controller.logs;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import taskmaster.controller.linux.Errno;
import taskmaster.controller.linux.Fd;
import taskmaster.controller.linux.FileStatus;
import taskmaster.controller.linux.NativeBuffer;
import taskmaster.controller.linux.TrustedOpen;
import taskmaster.controller.linux.TrustedOpen.Opened;

/** An open log file: where bytes are appended, and whether what has its name is still the same file. */
final class LogFile {
  private static final String FOREIGN_LINK = " is a symbolic link in a folder that others can write; name its target";

  private static final AtomicInteger OPEN = new AtomicInteger();

  private final Path path;
  private final Path target;
  private final int fd;
  private final FileStatus.@Nullable Identity identity;
  private long size;

  private LogFile(Path path, Path target, int fd, FileStatus.@Nullable Identity identity, long size) {
    this.path = path;
    this.target = target;
    this.fd = fd;
    this.identity = identity;
    this.size = size;
    OPEN.incrementAndGet();
  }

  /** How many are open, each with a descriptor. */
  static int open() {
    return OPEN.get();
  }

  /** Why a file could not be opened. */
  static final class CannotOpen extends IOException {
    private static final long serialVersionUID = 1L;

    /** Whether that comes and goes with the disk. */
    final boolean passing;

    private CannotOpen(String message, boolean passing) {
      super(message);
      this.passing = passing;
    }
  }

  /**
   * Opens it for appending, and makes it and its folder where they are missing.
   *
   * @throws CannotOpen as a sentence's end: "log /x: Permission denied"
   */
  static LogFile open(Path path) throws CannotOpen {
    return Objects.requireNonNull(open(path, true));
  }

  /** The same; null where there is none, and it can be made once there is something to write. */
  static @Nullable LogFile openIfThere(Path path) throws CannotOpen {
    return open(path, false);
  }

  private static @Nullable LogFile open(Path path, boolean makes) throws CannotOpen {
    Path folder = path.toAbsolutePath().getParent();
    int flags = Fd.O_WRONLY | Fd.O_APPEND | Fd.O_NONBLOCK;
    Opened opened = makes ? new Opened(-Errno.ENOENT, path) : TrustedOpen.open(path, flags, 0);
    if (opened.fd() == -Errno.ENOENT) {
      if (!makes && folder != null && Files.isWritable(folder) && Files.isExecutable(folder)) return null;
      opened = TrustedOpen.open(path, flags | Fd.O_CREAT, 0640);
    }
    if (folder != null && (opened.fd() == -Errno.ENOENT || opened.fd() == -Errno.ENOTDIR)) {
      makeFolder(folder);
      opened = TrustedOpen.open(path, flags | Fd.O_CREAT, 0640);
    }
    int fd = opened.fd();
    if (fd == -Errno.ENXIO) throw new CannotOpen("log " + path + ": it is a FIFO that nobody reads", false);
    Path link = fd == -Errno.ELOOP ? TrustedOpen.foreignLink(path) : null;
    if (link != null) throw new CannotOpen("log " + path + ": " + (link.equals(path) ? "it" : link) + FOREIGN_LINK, false);
    if (fd < 0) throw new CannotOpen("log " + path + ": " + Errno.text(fd), isPassing(fd));
    FileStatus status = FileStatus.of(fd);
    return new LogFile(path, opened.path(), fd, status == null ? null : status.identity(), Math.max(0, Fd.size(fd)));
  }

  /** Where not, {@link #open} says why, or it passes by then. */
  static boolean isFolderOrMadeOne(Path folder) {
    FileStatus there = FileStatus.of(folder);
    if (there != null && there.isFolder()) return true;
    try {
      makeFolder(folder);
      return true;
    } catch (CannotOpen toldByOpen) {
      return false;
    }
  }

  private static void makeFolder(Path folder) throws CannotOpen {
    Path link = TrustedOpen.foreignLink(folder);
    if (link != null) throw new CannotOpen("log folder " + folder + ": " + (link.equals(folder) ? "it" : link) + FOREIGN_LINK, false);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      String why =
          switch (e) {
            case AccessDeniedException denied -> "Permission denied";
            case FileAlreadyExistsException other -> "Not a directory";
            default -> String.valueOf(e.getMessage());
          };
      boolean passing = why.contains(Errno.text(Errno.ENOSPC)) || why.contains(Errno.text(Errno.EROFS));
      throw new CannotOpen("log folder " + folder + ": cannot create it (" + why + ")", passing);
    }
  }

  /** Refusals after which a program is started all the same. */
  private static boolean isPassing(int errno) {
    return switch (-errno) {
      case Errno.ENOSPC, Errno.EDQUOT, Errno.EROFS, Errno.EIO, Errno.EMFILE, Errno.ENFILE -> true;
      default -> false;
    };
  }

  /** Where a log is, by whatever links that may be followed; the path itself where {@link #open} will refuse one. */
  static Path target(Path path) {
    Path target = TrustedOpen.resolve(path);
    return target == null ? path : target;
  }

  /** Which file was opened, by a path without links. */
  Path target() {
    return target;
  }

  /** Names the file as long as it exists; null where the system did not tell. */
  FileStatus.@Nullable Identity identity() {
    return identity;
  }

  /** Whether something can be written there again, as far as that can be told without writing. */
  static boolean hasRoom(Path path) {
    try {
      Path folder = path.getParent() == null ? path : path.getParent();
      FileStore store = Files.getFileStore(folder);
      return !store.isReadOnly() && store.getUsableSpace() > Capture.BUFFER;
    } catch (IOException unknown) {
      return false;
    }
  }

  static boolean canBeRotated(Path path) {
    return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
  }

  long size() {
    return size;
  }

  /** How many were written, all unless the disk refuses the rest; or the negative errno if none were. */
  long append(NativeBuffer bytes, long from, long count) {
    long written = Fd.write(fd, bytes, from, count);
    if (written > 0) size += written;
    return written;
  }

  /** Takes back the last bytes that were appended. */
  boolean takeBack(long count) {
    if (Fd.truncate(fd, size - count) < 0) return false;
    size -= count;
    return true;
  }

  /** Whether the path leads to another file by now, or to none. Takes the size anew: somebody may have truncated it. */
  boolean isReplaced() {
    FileStatus now = FileStatus.of(path);
    if (now == null || !now.identity().equals(identity)) return true;
    if (now.isRegularFile()) size = now.size();
    return false;
  }

  void close() {
    OPEN.decrementAndGet();
    Fd.close(fd);
  }
}
