package taskmaster.controller.linux;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Identity;

/**
 * Whether a file may be executed by the one who is going to: the daemon itself, or the user that it becomes only later.
 *
 * @param identity null: the daemon
 */
record Access(@Nullable Identity identity) {
  private static final int SEARCH_OR_EXECUTE = 1;

  /** Of what the daemon itself may execute: the file or folder that is in the way; null where there is none. */
  @Nullable Path obstacle(Path file) {
    Identity user = identity;
    if (user == null || user.uid() == 0) return null;
    Path absolute = file.toAbsolutePath();
    Path folder = closedFolder(absolute.getParent(), user);
    if (folder != null) return folder;
    Path real = FileStatus.realPath(absolute);
    if (real == null) return absolute;
    Path behind = closedFolder(real.getParent(), user);
    if (behind != null) return behind;
    return isDenied(real, user) ? file : null;
  }

  private static @Nullable Path closedFolder(@Nullable Path folder, Identity user) {
    if (folder == null) return null;
    Path above = closedFolder(folder.getParent(), user);
    if (above != null) return above;
    return isDenied(folder, user) ? folder : null;
  }

  /** By owner, group and others, of which the first that fits decides; where there is an access control list, the kernel will say. */
  private static boolean isDenied(Path path, Identity user) {
    FileStatus status = FileStatus.of(path);
    if (status == null) return true;
    int shift = status.uid() == user.uid() ? 6 : status.gid() == user.gid() || user.groups().contains(status.gid()) ? 3 : 0;
    return (status.mode() >> shift & SEARCH_OR_EXECUTE) == 0 && !FileStatus.hasAccessControlList(path);
  }
}
