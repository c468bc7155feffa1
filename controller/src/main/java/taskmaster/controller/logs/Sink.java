package taskmaster.controller.logs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import taskmaster.controller.linux.Errno;
import taskmaster.controller.linux.Fd;
import taskmaster.controller.linux.NativeBuffer;

/**
 * One log file, for all streams that lead to it; rotated by size, at the end of a line where there is one. A disk that
 * refuses costs the bytes that it refused, which are counted, and nothing else. Written by the capture's thread alone.
 */
final class Sink {
  private static final Logger LOG = LoggerFactory.getLogger(Sink.class);
  private static final byte NEWLINE = '\n';

  final Path path;
  private final long maxBytes;
  private final int backups;
  private int fd;
  private long size;
  private boolean failing;
  private long dropped;

  /** How many streams lead here; changed under the capture's lock. */
  int users;

  /** @throws IOException where the file can never be written: "log /x: Permission denied" */
  Sink(Path path, long maxBytes, int backups) throws IOException {
    this.path = path;
    this.maxBytes = maxBytes;
    this.backups = backups;
    this.fd = open(path);
    if (fd < 0 && !isPassing(fd)) throw new IOException("log " + path + ": " + Errno.text(fd));
    this.size = fd < 0 ? 0 : Math.max(0, Fd.size(fd));
  }

  private static int open(Path path) throws IOException {
    Path folder = path.getParent();
    if (folder != null && !Files.isDirectory(folder)) {
      try {
        Files.createDirectories(folder);
      } catch (IOException e) {
        throw new IOException("log folder " + folder + ": cannot create it (" + reason(e) + ")", e);
      }
    }
    return Fd.open(path, Fd.O_WRONLY | Fd.O_CREAT | Fd.O_APPEND | Fd.O_NONBLOCK, 0640);
  }

  private static String reason(IOException e) {
    return e instanceof java.nio.file.AccessDeniedException
        ? "Permission denied"
        : e instanceof java.nio.file.FileAlreadyExistsException ? "Not a directory" : String.valueOf(e.getMessage());
  }

  /** Refusals that come and go with the disk; a program is started all the same. */
  private static boolean isPassing(int errno) {
    return switch (-errno) {
      case Errno.ENOSPC, Errno.EDQUOT, Errno.EROFS, Errno.EIO, Errno.EMFILE, Errno.ENFILE -> true;
      default -> false;
    };
  }

  void write(NativeBuffer bytes, long from, long count) {
    long end = from + count;
    for (long at = from; at < end; ) {
      long now = share(bytes, at, end);
      if (now == 0 && !rotate()) now = end - at;
      if (now > 0) append(bytes, at, now);
      at += now;
    }
  }

  /** How much of the rest goes into the current file: whole lines, or all that fits where no line ends; 0: it is full. */
  private long share(NativeBuffer bytes, long from, long end) {
    long fits = maxBytes - size;
    if (end - from <= fits) return end - from;
    long lineEnd = fits <= 0 ? 0 : bytes.lastIndexOf(NEWLINE, from, from + fits) + 1;
    if (lineEnd > from) return lineEnd - from;
    return size == 0 ? maxBytes : 0;
  }

  private void append(NativeBuffer bytes, long from, long count) {
    if (fd < 0) reopen();
    long written = fd < 0 ? fd : Fd.write(fd, bytes, from, count);
    if (written > 0) size += written;
    if (written == count) {
      if (failing) {
        LOG.warn("writing {} again; {} bytes were dropped so far", path, dropped);
        failing = false;
      }
      return;
    }
    dropped += count - Math.max(0, written);
    if (!failing) {
      failing = true;
      String why = written < 0 ? Errno.text(written) : Errno.text(Errno.ENOSPC);
      LOG.error("cannot write {}: {}; dropping output until that is over", path, why);
    }
  }

  private void reopen() {
    try {
      fd = open(path);
      if (fd >= 0) size = Math.max(0, Fd.size(fd));
    } catch (IOException e) {
      fd = -Errno.EIO;
    }
  }

  /** Begins a new file; false where there is nothing that could be renamed. */
  private boolean rotate() {
    if (Files.exists(path) && !Files.isRegularFile(path)) return false;
    try {
      for (int i = backups; i >= 1; i--) {
        Path from = i == 1 ? path : backup(i - 1);
        if (Files.exists(from)) Files.move(from, backup(i), StandardCopyOption.REPLACE_EXISTING);
      }
      if (backups == 0) Files.deleteIfExists(path);
    } catch (IOException e) {
      LOG.error("cannot rotate {}: {}; it grows on, next attempt after another {} bytes", path, e.toString(), maxBytes);
      size = 0;
      return true;
    }
    Fd.close(fd);
    fd = -1;
    size = 0;
    reopen();
    return true;
  }

  private Path backup(int i) {
    return path.resolveSibling(path.getFileName() + "." + i);
  }

  void close() {
    Fd.close(fd);
    fd = -1;
  }
}
