package taskmaster.cli.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import taskmaster.api.ExitCode;
import taskmaster.cli.FailedHere;
import taskmaster.controller.SystemAccounts;
import taskmaster.controller.config.Config;
import taskmaster.controller.config.ConfigFile;
import taskmaster.controller.config.ConfigLocator;
import taskmaster.controller.config.ConfigRejected;
import taskmaster.controller.http.SocketFile;

/** Looks into a file where no daemon is asked. */
public final class FileOf {
  private FileOf() {}

  /**
   * Where a running daemon of this file listens, also after an edit that broke the file or moved the socket.
   *
   * @throws FailedHere where that cannot be told
   */
  public static Path socket(Path file) throws FailedHere {
    for (Path state : ConfigFile.stateFolders(file.toAbsolutePath().normalize())) {
      try {
        Path announced = Path.of(Files.readString(state.resolve("socket")).strip());
        if (SocketFile.answers(announced)) return announced;
      } catch (IOException notRunningOrElsewhere) {
        continue;
      }
    }
    try {
      return ConfigFile.socket(file);
    } catch (ConfigRejected e) {
      throw new FailedHere(
          ExitCode.FAILED, "cannot tell where the daemon of this file listens; mend the file, or name the socket with -s PATH\n" + e.getMessage());
    }
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
