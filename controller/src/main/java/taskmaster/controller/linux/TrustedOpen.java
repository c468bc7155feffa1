package taskmaster.controller.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Opens files on paths in which other users have a hand: a symbolic link is followed where root or we ourselves have put it,
 * and nowhere else, be it the file's own name or a folder's on the way. What is opened is what was looked at: the kernel then
 * follows no link at all (openat2(2), since Linux 5.6; without it others might still win a race).
 */
public final class TrustedOpen {
  /** As the kernel's own limit (path_resolution(7)). */
  private static final int MOST_LINKS = 40;

  private TrustedOpen() {}

  /**
   * What was opened.
   *
   * @param fd a descriptor, or the negative errno; that is ELOOP where {@link #foreignLink} is in the way
   * @param path to it, without links
   */
  public record Opened(int fd, Path path) {}

  public static Opened open(Path path, int flags, int mode) {
    boolean isKnown = Kernel.OPENS_WITHOUT_LINKS;
    int fd = isKnown ? Fd.openWithoutLinks(path.toString(), flags, mode) : -Errno.ELOOP;
    if (fd != -Errno.ELOOP) return new Opened(fd, plain(path));
    Way way = Way.to(path);
    if (way.foreign != null) return new Opened(-Errno.ELOOP, plain(path));
    // not by name: what /dev/stdout leads to has none
    if (way.isOurs) fd = Fd.open(path, flags, mode);
    else fd = isKnown ? Fd.openWithoutLinks(way.end.toString(), flags, mode) : Fd.open(way.end, flags | Fd.O_NOFOLLOW, mode);
    return new Opened(fd, way.end);
  }

  /** Where a path leads, by whatever links we follow, be something there or not; null where {@link #foreignLink} is in the way. */
  public static @Nullable Path resolve(Path path) {
    int fd = Kernel.OPENS_WITHOUT_LINKS ? Fd.openWithoutLinks(path.toString(), Fd.O_PATH, 0) : -Errno.ELOOP;
    Fd.close(fd);
    if (fd >= 0 || fd == -Errno.ENOENT) return plain(path);
    Way way = Way.to(path);
    return way.foreign == null ? way.end : null;
  }

  /** Of a path without links, which alone can be read backwards. */
  private static Path plain(Path path) {
    return path.toAbsolutePath().normalize();
  }

  /** The first link on the way to a file that others may have put; null where there is none. */
  public static @Nullable Path foreignLink(Path path) {
    return Way.to(path).foreign;
  }

  private static final class Kernel {
    static final boolean OPENS_WITHOUT_LINKS = opensWithoutLinks();

    /** A filter that does not know the call refuses it in words of its own. */
    private static boolean opensWithoutLinks() {
      int fd = Fd.openWithoutLinks("/", Fd.O_RDONLY, 0);
      Fd.close(fd);
      return fd >= 0;
    }
  }

  /**
   * @param end the path without links
   * @param isOurs nobody else can change anything on it
   */
  private record Way(Path end, boolean isOurs, @Nullable Path foreign) {
    static Way to(Path path) {
      Deque<String> names = new ArrayDeque<>();
      path.toAbsolutePath().forEach(name -> names.add(name.toString()));
      Path at = Path.of("/");
      boolean isOurs = true;
      int links = 0;
      while (!names.isEmpty()) {
        String name = names.remove();
        if (name.isEmpty() || name.equals(".")) continue;
        if (name.equals("..")) {
          at = at.getParent() == null ? at : at.getParent();
          continue;
        }
        Path next = at.resolve(name);
        FileStatus folder = FileStatus.of(at);
        FileStatus entry = FileStatus.ofLink(next);
        if (folder == null) return new Way(path, false, next);
        isOurs &= !folder.isOthersToWrite();
        if (entry == null || !entry.isLink()) {
          at = next;
          continue;
        }
        Path target = isTrusted(folder, entry) && ++links <= MOST_LINKS ? target(next) : null;
        if (target == null) return new Way(path, false, next);
        if (target.isAbsolute()) at = Path.of("/");
        for (int i = target.getNameCount() - 1; i >= 0; i--) names.addFirst(target.getName(i).toString());
      }
      return new Way(at, isOurs, null);
    }

    /** A group's folder, as /var/log is on some systems, or a sticky one: others can put links of their own there alone. */
    private static boolean isTrusted(FileStatus folder, FileStatus link) {
      boolean isKept = folder.isSticky() || !folder.isAnybodysToWrite();
      return !folder.isOthersToWrite() || isKept && !folder.isOthers() && !link.isOthers();
    }

    private static @Nullable Path target(Path link) {
      try {
        return Files.readSymbolicLink(link);
      } catch (IOException | RuntimeException unreadable) {
        return null;
      }
    }
  }
}
