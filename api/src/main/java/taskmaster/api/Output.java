package taskmaster.api;

import java.nio.file.Path;

/** Where a stream of a program goes. */
public sealed interface Output {
  /** Captured, one file for each instance: {@code FOLDER/web-0.stdout.log}. */
  record PerInstance(Path folder) implements Output {}

  /** Captured, one file for all instances and all that name the same path. */
  record ToFile(Path path) implements Output {}

  /** To /dev/null. */
  record Discard() implements Output {}

  /** The daemon's own stream, handed over. */
  record Inherit() implements Output {}

  /** Of stderr: wherever stdout goes, in order. */
  record WithStdout() implements Output {}
}
