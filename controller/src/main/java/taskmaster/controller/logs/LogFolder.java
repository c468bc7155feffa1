package taskmaster.controller.logs;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import taskmaster.controller.linux.FileStatus;

/** What a look at a folder of logs told; most programs of a file share one. */
final class LogFolder {
  private final @Nullable Path real;
  private final boolean takesNewFiles;

  private LogFolder(@Nullable Path real, boolean takesNewFiles) {
    this.real = real;
    this.takesNewFiles = takesNewFiles;
  }

  /** Makes it where it is missing; where that cannot be, {@link LogFile#open} says why. */
  static LogFolder of(Path folder) {
    LogFile.makeFolderIfMissing(folder);
    Path real = FileStatus.realPath(folder);
    return new LogFolder(real, real != null && Files.isWritable(real) && Files.isExecutable(real));
  }

  /** A log in it, and the file itself, by whatever links the path leads to it. */
  record Place(Path log, Path target, boolean isFree) {}

  /** Free: nothing has its name, and a file can be made there once there is something to write. */
  Place place(Path log) {
    FileStatus there = FileStatus.ofEntry(log);
    if (real == null || there != null && there.isLink()) return new Place(log, LogFile.target(log), false);
    return new Place(log, real.resolve(log.getFileName()), there == null && takesNewFiles);
  }
}
