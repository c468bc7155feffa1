package taskmaster.api;

import java.nio.file.Path;
import java.util.Optional;

/** Which file a stream of an instance is written to. */
public final class LogPaths {
  private LogPaths() {}

  public static Optional<Path> stdout(InstanceId id, Shape shape) {
    return path(id, shape.stdout(), "stdout");
  }

  /** Where stderr has a file of its own or shares stdout's. */
  public static Optional<Path> stderr(InstanceId id, Shape shape) {
    return shape.stderr() instanceof Output.WithStdout ? stdout(id, shape) : path(id, shape.stderr(), "stderr");
  }

  private static Optional<Path> path(InstanceId id, Output output, String stream) {
    return switch (output) {
      case Output.PerInstance(Path folder) ->
          Optional.of(folder.resolve(id.program() + "-" + id.index() + "." + stream + ".log"));
      case Output.ToFile(Path path) -> Optional.of(Placeholders.fill(path, id));
      case Output.Discard() -> Optional.empty();
      case Output.Inherit() -> Optional.empty();
      case Output.WithStdout() -> Optional.empty();
    };
  }
}
