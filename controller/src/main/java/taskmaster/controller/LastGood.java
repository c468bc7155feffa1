package taskmaster.controller;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** A copy of what was taken last, for a start at a time when the file is bad: the file, or a zip of it and all that it names. */
final class LastGood {
  private static final FileAttribute<?> OWNER_ALONE = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path copy;

  LastGood(Path state) {
    this.copy = state.resolve("last-good.yaml");
  }

  /** @param files that were read, the file itself first */
  void keep(Map<Path, byte[]> files) throws IOException {
    Path next = copy.resolveSibling(copy.getFileName() + ".new");
    Files.deleteIfExists(next);
    Files.createFile(next, OWNER_ALONE); // it may hold secrets of files that nobody else may read
    try (OutputStream out = Files.newOutputStream(next)) {
      if (files.size() == 1) out.write(files.values().iterator().next());
      else zip(files, new BufferedOutputStream(out));
    }
    Files.move(next, copy, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void zip(Map<Path, byte[]> files, OutputStream out) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<Path, byte[]> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey().toString().substring(1)));
        zip.write(file.getValue());
      }
    }
  }

  /** The files by their paths; {@code file} is the one that all began with. */
  Map<Path, byte[]> read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(copy);
    return isZip(bytes) ? unzip(bytes) : Map.of(file, bytes);
  }

  /** No YAML begins so: it holds no control characters. */
  private static boolean isZip(byte[] bytes) {
    return bytes.length > 4 && bytes[0] == 'P' && bytes[1] == 'K' && bytes[2] == 3 && bytes[3] == 4;
  }

  private static Map<Path, byte[]> unzip(byte[] bytes) throws IOException {
    Map<Path, byte[]> files = new LinkedHashMap<>();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(bytes))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        files.put(Path.of("/", entry.getName()), zip.readAllBytes());
      }
    }
    return files;
  }

  void remove() throws IOException {
    Files.deleteIfExists(copy);
  }

  @Override
  public String toString() {
    return copy.toString();
  }
}
