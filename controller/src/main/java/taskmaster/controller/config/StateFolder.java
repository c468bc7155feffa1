package taskmaster.controller.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Where a daemon keeps what is its own, by default: one folder for each file. */
public final class StateFolder {
  private StateFolder() {}

  public static Path defaultFor(Path file) {
    String id = id(file);
    if ("root".equals(System.getProperty("user.name"))) return Path.of("/run/taskmaster", id);
    for (Path runtime : runtimeFolders()) if (Files.isWritable(runtime)) return runtime.resolve("taskmaster").resolve(id);
    Path folder = file.getParent();
    return (folder == null ? Path.of("/") : folder).resolve("state").resolve(id);
  }

  /** The second is what the first is in a login session: cron and su start without it, and have to find the same place. */
  private static List<Path> runtimeFolders() {
    List<Path> folders = new ArrayList<>();
    String named = System.getenv("XDG_RUNTIME_DIR");
    if (named != null && !named.isEmpty()) folders.add(Path.of(named));
    try {
      folders.add(Path.of("/run/user", Files.getAttribute(Path.of("/proc/self"), "unix:uid").toString()));
    } catch (IOException noProc) {
      return folders;
    }
    return folders;
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
