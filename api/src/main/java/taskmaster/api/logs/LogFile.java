package taskmaster.api.logs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A log file or one that it was rotated to, as it was found. */
record LogFile(Path path, boolean gzip, Object key, Instant created, Instant modified, long size) {
  /** A rotation that is under way leaves a gap, and so does somebody who tidies up. */
  private static final int WIDEST_GAP = 3;

  private static final int TRIES = 10;

  /** Told apart from a later file that was given the same inode. */
  record Identity(Object key, Instant created) {}

  Identity identity() {
    return new Identity(key, created);
  }

  /** The newest first; null while they are being renamed. */
  static @Nullable List<LogFile> chain(Path path) throws IOException {
    List<LogFile> files = look(path);
    for (int i = 0; i < TRIES; i++) {
      List<LogFile> again = look(path);
      if (again.stream().map(LogFile::identityAndPath).toList().equals(files.stream().map(LogFile::identityAndPath).toList())) return again;
      files = again;
    }
    return null;
  }

  private String identityAndPath() {
    return key + " " + path; // not when it was created: without birth times that is when it was last written
  }

  private static List<LogFile> look(Path path) throws IOException {
    List<LogFile> files = new ArrayList<>();
    LogFile current = at(path, false);
    if (current != null) files.add(current);
    int gap = 0;
    for (int i = 1; gap < WIDEST_GAP; i++) {
      String name = path.getFileName() + "." + i;
      // where both are there, the compressed one may be half written
      LogFile file = at(path.resolveSibling(name), false);
      if (file == null) file = at(path.resolveSibling(name + ".gz"), true);
      if (file != null) files.add(file);
      gap = file == null ? gap + 1 : 0;
    }
    return files;
  }

  /** Null where there is no file, or something that must not be opened to be read: a pipe, a device. */
  static @Nullable LogFile at(Path path, boolean gzip) throws IOException {
    try {
      BasicFileAttributes a = Files.readAttributes(path, BasicFileAttributes.class);
      if (!a.isRegularFile()) return null;
      return new LogFile(
          path, gzip, Objects.requireNonNull(a.fileKey()), a.creationTime().toInstant(), a.lastModifiedTime().toInstant(), a.size());
    } catch (NoSuchFileException none) {
      return null;
    }
  }
}
