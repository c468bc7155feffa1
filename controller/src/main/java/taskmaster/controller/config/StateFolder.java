package taskmaster.controller.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where a daemon keeps what is its own, by default: one folder for each file. */
public final class StateFolder {
  private static final String RECORDS = "runs";

  private StateFolder() {}

  public static Path defaultFor(Path file) {
    String id = id(file);
    if ("root".equals(System.getProperty("user.name"))) return Path.of("/run/taskmaster", id);
    Path folder = file.getParent();
    Path beside = (folder == null ? Path.of("/") : folder).resolve("state").resolve(id);
    return ofUser(runtimeFolder(System.getenv("XDG_RUNTIME_DIR"), id), sessionFolder(id), beside);
  }

  /**
   * Where the records of what runs are, if anywhere: cron and su start without XDG_RUNTIME_DIR, and have to find what a login
   * session's daemon has left. Else one that is there as long as who starts it is.
   *
   * @param named by the environment, if it is
   * @param ofSession where a login session has it
   */
  static Path ofUser(Optional<Path> named, Optional<Path> ofSession, Path beside) {
    return Stream.of(named, ofSession, Optional.of(beside))
        .flatMap(Optional::stream)
        .filter(state -> Files.exists(state.resolve(RECORDS)))
        .findFirst()
        .or(() -> named)
        .orElse(beside);
  }

  private static Optional<Path> runtimeFolder(@Nullable String name, String id) {
    if (name == null || name.isEmpty() || !Files.isWritable(Path.of(name))) return Optional.empty();
    return Optional.of(Path.of(name, "taskmaster", id));
  }

  private static Optional<Path> sessionFolder(String id) {
    try {
      return runtimeFolder("/run/user/" + Files.getAttribute(Path.of("/proc/self"), "unix:uid"), id);
    } catch (IOException noProc) {
      return Optional.empty();
    }
  }

  private static String id(Path file) {
    Path real = file;
    try {
      real = file.toRealPath();
    } catch (IOException notThere) {
      real = file.toAbsolutePath().normalize();
    }
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(real.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 6);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("internal error: no SHA-256", impossible);
    }
  }
}
