package taskmaster.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the shell remembers what was typed (XDG base directories: state). */
final class History {
  private History() {}

  static Path file() {
    String state = System.getenv("XDG_STATE_HOME");
    Path home = Path.of(System.getProperty("user.home", "/"));
    Path folder = (state == null || state.isBlank() ? home.resolve(".local/state") : Path.of(state)).resolve("taskmaster");
    try {
      Files.createDirectories(folder);
    } catch (IOException readOnlyHome) {
      return Path.of("/dev/null");
    }
    return folder.resolve("history");
  }
}
