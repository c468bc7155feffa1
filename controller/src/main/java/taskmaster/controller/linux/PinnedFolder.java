package taskmaster.controller.linux;

import java.io.IOException;
import java.nio.file.Path;

/** A folder that stays the same one whatever becomes of its name: others may own what it lies in. */
public final class PinnedFolder implements AutoCloseable {
  private final int fd;

  private PinnedFolder(int fd) {
    this.fd = fd;
  }

  /** @throws IOException also where a link leads to it that others may have put */
  public static PinnedFolder of(Path folder) throws IOException {
    int fd = TrustedOpen.open(folder, Fd.O_PATH, 0).fd();
    if (fd < 0) throw new IOException(folder + ": " + Errno.text(fd));
    return new PinnedFolder(fd);
  }

  /** A path to it (proc(5)), until it is closed. */
  public Path path() {
    return Path.of("/proc/self/fd/" + fd);
  }

  @Override
  public void close() {
    Fd.close(fd);
  }
}
