package taskmaster.controller.linux;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import taskmaster.api.Identity;

/** Which file a cmd means, and why it cannot be run. */
final class Executable {
  private Executable() {}

  /** A word with a slash is relative to the working folder; another is searched in the child's own PATH. */
  static Optional<Path> find(Invocation it) {
    String word = it.argv().getFirst();
    if (word.indexOf('/') >= 0) return Optional.of(it.workingdir().resolve(word));
    List<Path> found = candidates(it).toList();
    return found.stream().filter(file -> it.access().obstacle(file) == null).findFirst().or(() -> found.stream().findFirst());
  }

  /** What the daemon could execute, in the order of PATH. */
  private static Stream<Path> candidates(Invocation it) {
    String word = it.argv().getFirst();
    return Stream.of(it.path().split(":", -1))
        .map(folder -> it.workingdir().resolve(folder.isEmpty() ? "." : folder).resolve(word))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file));
  }

  /**
   * The words for tools that search for the program themselves, and may more than its user while they do: by its path
   * where they would find another.
   */
  static List<String> argvBehindTools(Invocation it, Path program) {
    String word = it.argv().getFirst();
    if (word.indexOf('/') >= 0 || candidates(it).findFirst().equals(Optional.of(program))) return it.argv();
    return Stream.concat(Stream.of(program.toString()), it.argv().stream().skip(1)).toList();
  }

  /** Why running this file there fails, as a sentence's end, if a look can tell. */
  static Optional<String> fault(Invocation it, Optional<Path> found) {
    Path dir = it.workingdir();
    if (!Files.exists(dir)) return Optional.of("workingdir " + dir + ": No such file or directory");
    if (!Files.isDirectory(dir)) return Optional.of("workingdir " + dir + ": Not a directory");
    if (!Files.isExecutable(dir)) return Optional.of("workingdir " + dir + ": Permission denied");
    if (found.isEmpty()) {
      return Optional.of(it.argv().getFirst() + ": not found in its PATH (" + it.path() + ")");
    }
    Path file = found.get();
    if (!Files.exists(file)) return Optional.of(file + ": No such file or directory");
    if (Files.isDirectory(file)) return Optional.of(file + ": Is a directory");
    if (!Files.isExecutable(file)) return Optional.of(file + ": Permission denied (is it executable?)");
    Optional<String> denied = denied(it.access(), file);
    if (denied.isPresent()) return denied;
    Optional<Path> interpreter = interpreter(file);
    if (interpreter.isEmpty()) return Optional.empty();
    if (!Files.isExecutable(interpreter.get())) return Optional.of(file + ": its interpreter " + interpreter.get() + " is missing or not executable");
    return denied(it.access(), interpreter.get());
  }

  private static Optional<String> denied(Access access, Path file) {
    Path obstacle = access.obstacle(file);
    Identity identity = access.identity();
    if (obstacle == null || identity == null) return Optional.empty();
    String where = obstacle.equals(file) ? "" : " (" + obstacle + " is closed to it)";
    return Optional.of(file + ": Permission denied for user " + identity.user() + where);
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
