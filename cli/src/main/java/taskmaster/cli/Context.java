package taskmaster.cli;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import taskmaster.cli.local.FileOf;

/** Which daemon is meant, and where to write. */
public final class Context {
  private static final Path DEFAULT_SOCKET = Path.of("/tmp/taskmaster.sock");

  private static final String FILE_HERE = "taskmaster.yaml";

  public final PrintStream out;
  public final PrintStream err;
  private @Nullable Path socket;
  private @Nullable Path config;
  private boolean fixed;
  private boolean isDefault;

  public Context(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** For commands typed into a shell: always that shell's daemon. */
  public static Context of(Path socket, PrintStream out, PrintStream err) {
    Context context = new Context(out, err);
    context.socket = socket;
    context.fixed = true;
    return context;
  }

  void socket(@Nullable Path path) {
    if (!fixed) socket = path;
  }

  void config(@Nullable Path path) {
    config = path;
  }

  /** What {@code -s} named. */
  public @Nullable Path socket() {
    return socket;
  }

  /** What {@code -c} named. */
  public @Nullable Path config() {
    return config;
  }

  /** {@code -s}, else that of {@code -c}'s file, else TASKMASTER_SOCKET, else that of TASKMASTER_CONFIG's file, else the default. */
  public Client client() throws FailedHere {
    if (socket != null) return new Client(socket);
    String env = System.getenv("TASKMASTER_SOCKET");
    if (config == null && env != null && !env.isBlank()) return new Client(Path.of(env));
    Path file = file();
    if (file != null) return new Client(FileOf.socket(file));
    isDefault = true;
    return new Client(DEFAULT_SOCKET);
  }

  /** What {@code -c} named, else TASKMASTER_CONFIG. */
  @Nullable Path file() {
    if (config != null) return config;
    String env = System.getenv("TASKMASTER_CONFIG");
    return env != null && !env.isBlank() ? Path.of(env) : null;
  }

  /** Which other daemon may have been meant, as a sentence's end; or nothing. */
  String otherDaemon() {
    return isDefault && Files.exists(Path.of(FILE_HERE)) ? "; -c " + FILE_HERE + " asks the one of the file that is here" : "";
  }

  /** Prints what the daemon said: good news to standard output, errors to standard error. */
  public int print(Answer answer) {
    PrintStream to = out;
    for (String line : answer.body().lines().toList()) {
      // what follows an error belongs to it: the line of a file, the next thing that is wrong with that
      if (line.startsWith("ERR ")) to = err;
      else if (line.startsWith("OK ")) to = out;
      to.println(line);
    }
    out.flush();
    err.flush();
    return answer.exitCode();
  }

  public int fail(int exitCode, String message) {
    out.flush();
    err.println("ERR " + message);
    err.flush();
    return exitCode;
  }
}
