package taskmaster.cli.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import taskmaster.controller.SystemAccounts;
import taskmaster.controller.config.Config;
import taskmaster.controller.config.ConfigFile;
import taskmaster.controller.config.ConfigLocator;
import taskmaster.controller.config.ConfigRejected;
import taskmaster.controller.config.StateFolder;
import taskmaster.controller.http.SocketFile;

/** Looks into a file where no daemon is asked. */
public final class FileOf {
  private FileOf() {}

  /** Where a running daemon of this file listens, also after an edit that broke the file or moved the socket. */
  public static Path socket(Path file) {
    try {
      Path announced = StateFolder.defaultFor(file.toAbsolutePath().normalize()).resolve("socket");
      Path socket = Path.of(Files.readString(announced).strip());
      if (SocketFile.answers(socket)) return socket;
    } catch (IOException notRunningOrElsewhere) {
      return ConfigFile.socket(file);
    }
    return ConfigFile.socket(file);
  }

  public static Config load(Path file) throws ConfigRejected {
    return ConfigFile.load(file, SystemAccounts.surroundings());
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
