package taskmaster.controller.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which file is meant where none is named. */
public final class ConfigLocator {
  private static final List<Path> USUAL =
      List.of(Path.of("taskmaster.yaml"), Path.of("/etc/taskmaster/taskmaster.yaml"));

  private ConfigLocator() {}

  /** {@code named}, else TASKMASTER_CONFIG, else the first of the usual places that exists. */
  public static Optional<Path> find(@Nullable Path named) {
    if (named != null) return Optional.of(named);
    String env = System.getenv("TASKMASTER_CONFIG");
    if (env != null && !env.isBlank()) return Optional.of(Path.of(env));
    return USUAL.stream().filter(Files::exists).findFirst();
  }

  public static String searched() {
    return "-c FILE, TASKMASTER_CONFIG, ./taskmaster.yaml, /etc/taskmaster/taskmaster.yaml";
  }
}
