package taskmaster.controller.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Programs of the system that set what posix_spawn(3) cannot. */
final class Tools {
  private static final String USUAL = "/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin";
  private static final Map<String, String> FOUND = new ConcurrentHashMap<>();

  private Tools() {}

  /** @throws IOException a sentence's end, where there is none */
  static String path(String name, String neededFor, String debianPackage) throws IOException {
    String known = FOUND.get(name);
    if (known != null && Files.isExecutable(Path.of(known))) return known;
    for (String folder : (System.getenv().getOrDefault("PATH", "") + ":" + USUAL).split(":")) {
      if (!folder.startsWith("/")) continue; // what lies in a working folder is not the system's
      try {
        Path file = Path.of(folder, name);
        if (!Files.isRegularFile(file) || !Files.isExecutable(file)) continue;
        FOUND.put(name, file.toString());
        return file.toString();
      } catch (InvalidPathException notInThisLocale) {
        continue;
      }
    }
    throw new IOException(neededFor + " needs " + name + " (package " + debianPackage + ")");
  }
}
