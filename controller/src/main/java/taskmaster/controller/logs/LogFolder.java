package taskmaster.controller.logs;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import taskmaster.controller.linux.FileStatus;
import taskmaster.controller.linux.TrustedOpen;

/** What a look at a folder of logs told; most programs of a file share one. */
final class LogFolder {
  /** Where files can be made in it, without links. */
  private final @Nullable Path takesNewFiles;

  private LogFolder(@Nullable Path takesNewFiles) {
    this.takesNewFiles = takesNewFiles;
  }

  /** Makes it where it is missing; where that cannot be, {@link LogFile#open} says why. */
  static LogFolder of(Path folder) {
    boolean isFolder = LogFile.isFolderOrMadeOne(folder);
    Path real = isFolder ? TrustedOpen.resolve(folder) : null;
    return new LogFolder(real != null && Files.isWritable(real) && Files.isExecutable(real) ? real : null);
  }

  /**
   * A log and the file itself, by whatever links the path leads to it.
   *
   * @param isFree nothing has its name, and a file can be made there once there is something to write
   */
  record Place(Path log, Path target, boolean isFree) {}

  Place place(Path log) {
    Path real = takesNewFiles;
    // what is there already is looked at by itself: it may be a link, and what leads to it another than a moment ago
    return real != null && FileStatus.isFree(log)
        ? new Place(log, real.resolve(log.getFileName()), true)
        : new Place(log, LogFile.target(log), false);
  }
}
