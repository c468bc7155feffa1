package taskmaster.cli.local;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import taskmaster.controller.config.Config;
import taskmaster.controller.config.ConfigFile;
import taskmaster.controller.config.ConfigLocator;
import taskmaster.controller.config.ConfigRejected;

/** Looks into a file where no daemon is asked. */
public final class FileOf {
  private FileOf() {}

  public static Path socket(Path file) throws ConfigRejected {
    return ConfigFile.load(file).daemon().socket();
  }

  public static Config load(Path file) throws ConfigRejected {
    return ConfigFile.load(file);
  }

  /** @throws UsageError where none is named and none is in the usual places */
  public static Path locate(@Nullable Path named) throws UsageError {
    return ConfigLocator.find(named)
        .orElseThrow(() -> new UsageError("no file found: looked for " + ConfigLocator.searched()));
  }

  public static final class UsageError extends Exception {
    private static final long serialVersionUID = 1L;

    UsageError(String message) {
      super(message);
    }
  }
}
