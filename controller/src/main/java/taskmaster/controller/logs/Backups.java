package taskmaster.controller.logs;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.OpenOption;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import taskmaster.controller.linux.Fd;
import taskmaster.controller.linux.FileStatus;
import taskmaster.controller.linux.PinnedFolder;

/** The rotated files of one log: {@code web.log.1} is the newest, {@code web.log.2.gz} an older one that was compressed. */
final class Backups {
  private static final int BUFFER = 64 * 1024;

  /** The folder may be a program's own, and its user may put a link anywhere that we write. */
  private static final Set<OpenOption> NEW = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

  private static final FileAttribute<?> MODE = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----"));

  /** Files that were removed for their age leave gaps. */
  private static final int MOST_GAPS = 20;

  private static final Pattern ROTATED = Pattern.compile("(?<log>.+)\\.[0-9]+(\\.gz)?", Pattern.DOTALL);

  private final Path log;

  /** Names change under this lock alone. Compressing, which takes long, goes on beside it. */
  private final Object names = new Object();

  Backups(Path log) {
    this.log = log;
  }

  private PinnedFolder folder() throws IOException {
    return PinnedFolder.of(Objects.requireNonNull(log.toAbsolutePath().getParent()));
  }

  /** The names of the logs in a folder that have rotated files; empty where we may not look. */
  static Optional<Set<String>> rotatedIn(Path folder) {
    Set<String> logs = new HashSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Matcher name = ROTATED.matcher(file.getFileName().toString());
        if (name.matches()) logs.add(name.group("log"));
      }
      return Optional.of(logs);
    } catch (IOException | DirectoryIteratorException cannotLook) {
      return Optional.empty();
    }
  }

  /**
   * The log becomes the newest backup, if any are kept; the oldest goes.
   *
   * @param open the log: who owns its folder may have put another file in its place
   */
  void add(int kept, FileStatus.Identity open) throws IOException {
    synchronized (names) {
      try (PinnedFolder folder = folder()) {
        Names at = new Names(folder.path(), log);
        FileStatus there = FileStatus.ofLink(at.log());
        if (there == null || !there.identity().equals(open)) throw new IOException(log + ": another file has its name");
        at.add(kept);
      }
    }
  }

  /**
   * Compresses what is not yet, the oldest first.
   *
   * @param most bytes that a backup can have; what is larger was put there by somebody else, and all logs would wait for it
   */
  void compress(int kept, long most) throws IOException {
    try (PinnedFolder folder = folder()) {
      Names at = new Names(folder.path(), log);
      for (int n = kept; n >= 1; n--) {
        // neither waits for who may write a pipe that has the name, nor asks twice what it is
        int fd = Fd.open(at.plain(n), Fd.O_RDONLY | Fd.O_NONBLOCK | Fd.O_NOFOLLOW, 0);
        try {
          FileStatus status = fd < 0 ? null : FileStatus.of(fd);
          if (status == null || !status.isRegularFile()) continue;
          if (status.size() > most) throw new IOException(log + "." + n + " has " + status.size() + " bytes, which it cannot have from here");
          Path opened = Path.of("/proc/self/fd/" + fd);
          try (InputStream in = Files.newInputStream(opened)) {
            compress(in, Files.readAttributes(opened, BasicFileAttributes.class), kept, at);
          }
        } finally {
          Fd.close(fd);
        }
      }
    }
  }

  private void compress(InputStream in, BasicFileAttributes file, int kept, Names at) throws IOException {
    Path next = at.unfinished();
    Files.deleteIfExists(next);
    try {
      try (OutputStream out = new GZIPOutputStream(new BufferedOutputStream(Channels.newOutputStream(Files.newByteChannel(next, NEW, MODE)), BUFFER), BUFFER)) {
        in.transferTo(out);
      }
      Files.getFileAttributeView(next, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS).setTimes(file.lastModifiedTime(), null, null);
      synchronized (names) {
        int n = at.placeOf(Objects.requireNonNull(file.fileKey()), kept);
        if (n == 0) return; // it was pushed out meanwhile
        Files.move(next, at.compressed(n), StandardCopyOption.REPLACE_EXISTING);
        Files.delete(at.plain(n));
      }
    } finally {
      Files.deleteIfExists(next);
    }
  }

  /** Removes what is too old, and what is too many because fewer are kept than before. */
  void expire(int kept, Duration maxAge, Instant now) throws IOException {
    synchronized (names) {
      try (PinnedFolder folder = folder()) {
        new Names(folder.path(), log).expire(kept, maxAge, now);
      }
    }
  }

  /** What the files are called in the folder, and how they move there. */
  private record Names(Path folder, String name) {
    Names(Path folder, Path log) {
      this(folder, String.valueOf(log.getFileName()));
    }

    Path log() {
      return folder.resolve(name);
    }

    Path plain(int n) {
      return folder.resolve(name + "." + n);
    }

    Path compressed(int n) {
      return folder.resolve(name + "." + n + ".gz");
    }

    Path unfinished() {
      return folder.resolve(name + ".gz-new");
    }

    void add(int kept) throws IOException {
      if (kept == 0) {
        Files.deleteIfExists(log());
        return;
      }
      // first find the gap to close: what is beyond it need not move
      int gap = 1;
      while (gap < kept && exists(gap)) gap++;
      for (int n = gap; n > 1; n--) {
        move(plain(n - 1), plain(n), compressed(n));
        move(compressed(n - 1), compressed(n), plain(n));
      }
      move(log(), plain(1), compressed(1));
    }

    private boolean exists(int n) {
      return Files.exists(plain(n)) || Files.exists(compressed(n));
    }

    private static void move(Path from, Path to, Path otherForm) throws IOException {
      try {
        Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(otherForm);
      } catch (NoSuchFileException notInThisForm) {
        return;
      }
    }

    int placeOf(Object key, int kept) {
      for (int n = 1; n <= kept; n++) {
        BasicFileAttributes file = attributes(plain(n));
        if (file != null && key.equals(file.fileKey())) return n;
      }
      return 0;
    }

    void expire(int kept, Duration maxAge, Instant now) throws IOException {
      for (int n = kept + 1, gaps = 0; gaps < MOST_GAPS; n++) {
        if (exists(n)) remove(n);
        else gaps++;
      }
      if (maxAge.isZero()) return;
      FileTime oldest = FileTime.from(now.minus(maxAge));
      for (int n = 1; n <= kept; n++) {
        if (isOlder(plain(n), oldest) || isOlder(compressed(n), oldest)) remove(n);
      }
    }

    private void remove(int n) throws IOException {
      Files.deleteIfExists(plain(n));
      Files.deleteIfExists(compressed(n));
    }
  }

  private static boolean isOlder(Path file, FileTime than) {
    BasicFileAttributes attributes = attributes(file);
    return attributes != null && attributes.lastModifiedTime().compareTo(than) < 0;
  }

  private static @Nullable BasicFileAttributes attributes(Path file) {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException none) {
      return null;
    }
  }
}
