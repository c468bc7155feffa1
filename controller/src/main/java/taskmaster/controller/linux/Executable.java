package taskmaster.controller.linux;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import taskmaster.api.Shape;

/** Which file a cmd means, and why it cannot be run. */
final class Executable {
  private Executable() {}

  /** A word with a slash is relative to the working folder; another is searched in {@code path}, the child's own. */
  static Optional<Path> find(Shape shape, String path) {
    String word = shape.cmd().getFirst();
    if (word.indexOf('/') >= 0) return Optional.of(shape.workingdir().resolve(word));
    for (String folder : path.split(":", -1)) {
      Path file = shape.workingdir().resolve(folder.isEmpty() ? "." : folder).resolve(word);
      if (Files.isRegularFile(file) && Files.isExecutable(file)) return Optional.of(file);
    }
    return Optional.empty();
  }

  /** Why running this file there fails, as a sentence's end, if a look can tell. */
  static Optional<String> fault(Shape shape, Optional<Path> found, String path) {
    Path dir = shape.workingdir();
    if (!Files.exists(dir)) return Optional.of("workingdir " + dir + ": No such file or directory");
    if (!Files.isDirectory(dir)) return Optional.of("workingdir " + dir + ": Not a directory");
    if (!Files.isExecutable(dir)) return Optional.of("workingdir " + dir + ": Permission denied");
    if (found.isEmpty()) {
      return Optional.of(shape.cmd().getFirst() + ": not found in its PATH (" + path + ")");
    }
    Path file = found.get();
    if (!Files.exists(file)) return Optional.of(file + ": No such file or directory");
    if (Files.isDirectory(file)) return Optional.of(file + ": Is a directory");
    if (!Files.isExecutable(file)) return Optional.of(file + ": Permission denied (is it executable?)");
    return interpreter(file)
        .filter(it -> !Files.isExecutable(it))
        .map(it -> file + ": its interpreter " + it + " is missing or not executable");
  }

  /** What the file's first line names after {@code #!} (execve(2)). */
  private static Optional<Path> interpreter(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      String head = new String(in.readNBytes(256), StandardCharsets.ISO_8859_1);
      if (!head.startsWith("#!")) return Optional.empty();
      String line = head.substring(2).lines().findFirst().orElse("").strip();
      return line.isEmpty() ? Optional.empty() : Optional.of(Path.of(line.split("[ \t]", 2)[0]));
    } catch (IOException | InvalidPathException unreadable) {
      return Optional.empty(); // executable but not readable is legal: the kernel's errno will have to do
    }
  }
}
