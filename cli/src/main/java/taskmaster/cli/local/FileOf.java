package taskmaster.cli.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import taskmaster.api.ExitCode;
import taskmaster.cli.Client;
import taskmaster.cli.Context;
import taskmaster.cli.FailedHere;
import taskmaster.cli.NoDaemon;
import taskmaster.controller.SystemAccounts;
import taskmaster.controller.config.Config;
import taskmaster.controller.config.ConfigFile;
import taskmaster.controller.config.ConfigLocator;
import taskmaster.controller.config.ConfigRejected;
import taskmaster.controller.http.SocketFile;

/** Looks into a file where no daemon is asked. */
public final class FileOf {
  static final String WHERE_IT_LISTENS = "It listens where its file says (daemon: { socket: PATH }); -s is refused, TASKMASTER_SOCKET is for clients.";

  private FileOf() {}

  /**
   * Where a running daemon of this file listens, also after an edit that broke the file or moved the socket.
   *
   * @throws FailedHere where that cannot be told
   */
  public static Path socket(Path file) throws FailedHere {
    try {
      ConfigFile.Place place = ConfigFile.place(file);
      Path announced = announced(place.state());
      return announced != null ? announced : ofThisFile(file, place.socket());
    } catch (ConfigRejected e) {
      return socketOfBroken(file, e);
    }
  }

  /** Files that say nothing of it share one socket, and only one of their daemons can have it. */
  private static Path ofThisFile(Path file, Path socket) throws FailedHere {
    Path other = SocketFile.answers(socket) ? fileOf(socket) : null;
    if (other == null || isSame(other, file)) return socket;
    throw new FailedHere(
        ExitCode.NO_DAEMON, "no daemon of " + file + " answers: the one on " + socket + " is of " + other + "; give each file a daemon.socket of its own, or ask that one with -s " + socket);
  }

  /** Its text may name other daemons' folders too: who answers there has to be this file's. */
  private static Path socketOfBroken(Path file, ConfigRejected why) throws FailedHere {
    for (Path state : ConfigFile.stateFolders(file)) {
      Path announced = announced(state);
      if (announced != null && isDaemonOf(file, announced)) return announced;
    }
    throw new FailedHere(
        ExitCode.FAILED, "cannot tell where the daemon of this file listens; mend the file, or name the socket with -s PATH\n" + why.getMessage());
  }

  /** Where somebody answers who keeps his state there. */
  private static @Nullable Path announced(Path state) {
    try {
      Path socket = Path.of(Files.readString(state.resolve("socket")).strip());
      return SocketFile.answers(socket) ? socket : null;
    } catch (IOException notRunningOrElsewhere) {
      return null;
    }
  }

  private static boolean isDaemonOf(Path file, Path socket) {
    Path its = fileOf(socket);
    return its != null && isSame(its, file);
  }

  /** Of the daemon that answers there; null where none says. */
  private static @Nullable Path fileOf(Path socket) {
    try {
      return new Client(socket).get("/v1/daemon").body().lines()
          .filter(line -> line.startsWith("file "))
          .map(line -> Path.of(line.substring(5).strip()))
          .findFirst().orElse(null);
    } catch (IOException | NoDaemon none) {
      return null;
    }
  }

  private static boolean isSame(Path a, Path b) {
    try {
      return Files.isSameFile(a, b);
    } catch (IOException oneIsGone) {
      return a.toAbsolutePath().normalize().equals(b.toAbsolutePath().normalize());
    }
  }

  public static Config load(Path file) throws ConfigRejected {
    return ConfigFile.load(file, SystemAccounts.surroundings());
  }

  /** The file of a daemon that begins: with it comes the socket, so none may be named. */
  static Path ofNewDaemon(Context context) throws UsageError {
    Path socket = context.socket();
    if (socket == null) return locate(context.config());
    throw new UsageError("usage: a daemon listens where its file says, not where -s does; write `daemon: { socket: " + socket.toAbsolutePath() + " }` into the file");
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
