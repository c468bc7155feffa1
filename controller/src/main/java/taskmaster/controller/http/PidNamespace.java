package taskmaster.controller.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where a pid that is told holds: one in a container is another outside (pid_namespaces(7)). */
public final class PidNamespace {
  private PidNamespace() {}

  /** @param process a pid as it is called here, or "self"; empty where it is gone or may not be looked at */
  public static Optional<String> of(String process) {
    try {
      return Optional.of(Files.readSymbolicLink(Path.of("/proc", process, "ns/pid")).toString());
    } catch (IOException goneOrNotOurs) {
      return Optional.empty();
    }
  }
}
