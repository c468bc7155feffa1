package taskmaster.controller.config;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One reading of a file and of all that it names, in its surroundings: from the disk, or from what was kept of an earlier one. */
public final class Reading {
  private static final long MOST_BYTES = 8L << 20;
  private static final FileTime NOT_THERE = FileTime.fromMillis(0);

  private final Path file;
  private final @Nullable Map<Path, byte[]> kept;
  private final Surroundings surroundings;
  private final Map<Path, byte[]> files = new LinkedHashMap<>();
  private final Map<Path, FileTime> lookedAt = new LinkedHashMap<>();
  private long bytes;

  private Reading(Path file, @Nullable Map<Path, byte[]> kept, Surroundings surroundings) {
    this.surroundings = surroundings;
    this.file = file.toAbsolutePath().normalize();
    this.kept = kept;
  }

  public static Reading ofDisk(Path file, Surroundings surroundings) {
    return new Reading(file, null, surroundings);
  }

  /** Where no account and no variable is to be known. */
  public static Reading ofDisk(Path file) {
    return ofDisk(file, Surroundings.BARE);
  }

  /** @param kept the files of an earlier reading, with their bytes; others are not there then */
  public static Reading ofKept(Path file, Map<Path, byte[]> kept, Surroundings surroundings) {
    return new Reading(file, kept, surroundings);
  }

  /** Where no account and no variable is to be known. */
  public static Reading ofKept(Path file, Map<Path, byte[]> kept) {
    return ofKept(file, kept, Surroundings.BARE);
  }

  public Path file() {
    return file;
  }

  Surroundings surroundings() {
    return surroundings;
  }

  /** What was read so far, the file itself first. */
  public Map<Path, byte[]> files() {
    return Collections.unmodifiableMap(files);
  }

  /** What was looked at beside the file itself, folders too, also where it was not there. */
  List<Path> alsoRead() {
    return lookedAt.keySet().stream().filter(path -> !path.equals(file)).toList();
  }

  /** Whether anything that was looked at has changed since. */
  public boolean isOutdated() {
    return lookedAt.entrySet().stream().anyMatch(e -> !e.getValue().equals(time(e.getKey())));
  }

  /** @throws ConfigRejected where the file itself cannot be read */
  public byte[] main() throws ConfigRejected {
    byte[] before = files.get(file);
    if (before != null) return before;
    try {
      look(file);
      checkPlain(file);
      return bytesOf(file);
    } catch (IOException e) {
      throw new ConfigRejected(List.of(ConfigError.ofWhole(file, "cannot read it: " + why(e))));
    }
  }

  /** Another file. */
  byte[] read(Path other) throws IOException {
    byte[] before = files.get(other);
    if (before != null) return before;
    look(other);
    checkPlain(other);
    return bytesOf(other);
  }

  /** A pipe would keep us waiting, and a device may have no end. */
  private void checkPlain(Path path) throws IOException {
    if (kept == null && Files.exists(path) && !Files.isRegularFile(path)) {
      throw new IOException(Files.isDirectory(path) ? "it is a directory" : "it is not a regular file");
    }
  }

  private byte[] bytesOf(Path path) throws IOException {
    byte[] content = kept == null ? fromDisk(path) : kept.get(path);
    if (content == null) throw new NoSuchFileException(path.toString());
    files.put(path, content);
    bytes += content.length;
    return content;
  }

  private byte[] fromDisk(Path path) throws IOException {
    if (Files.size(path) > MOST_BYTES - bytes) {
      throw new IOException(bytes == 0 ? "it is larger than 8 MiB" : "with the others it is larger than 8 MiB");
    }
    return Files.readAllBytes(path);
  }

  /** The names in a folder, sorted; none where there is no such folder. */
  Collection<Path> namesIn(Path folder) throws IOException {
    look(folder);
    TreeSet<Path> names = new TreeSet<>();
    if (kept != null) {
      for (Path path : kept.keySet()) {
        if (path.startsWith(folder) && !path.equals(folder)) names.add(path.getName(folder.getNameCount()));
      }
      return names;
    }
    try (var entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) names.add(Objects.requireNonNull(entry.getFileName()));
    } catch (NoSuchFileException | NotDirectoryException none) {
      return names;
    }
    return names;
  }

  /** Whether there is such a file or folder, or nobody lets us see. */
  boolean has(Path path) {
    look(path);
    return kept == null ? !Files.notExists(path) : kept.keySet().stream().anyMatch(p -> p.startsWith(path));
  }

  /** Whether it is known that there is none: what was kept knows nothing of empty folders. */
  boolean lacks(Path path) {
    look(path);
    return kept == null && Files.notExists(path);
  }

  private void look(Path path) {
    lookedAt.putIfAbsent(path, kept == null ? time(path) : NOT_THERE); // before it is read: a later change is seen
  }

  private static FileTime time(Path path) {
    try {
      return Files.getLastModifiedTime(path);
    } catch (IOException notThere) {
      return NOT_THERE;
    }
  }

  static String why(IOException e) {
    return switch (e) {
      case NoSuchFileException n -> "no such file";
      case AccessDeniedException a -> "permission denied";
      case FileSystemException f when f.getReason() != null -> f.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }
}
