package taskmaster.controller;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import taskmaster.controller.linux.Errno;
import taskmaster.controller.linux.Fd;
import taskmaster.controller.linux.Host;

/**
 * What makes this the only daemon of its file: the lock in the state folder, held as long as the process lives. The pid
 * file is for people and scripts; nobody trusts it.
 */
final class Claim {
  private static final String ID = "id";

  private final Path state;
  private final Path pidfile;
  private final String daemonId;
  private int lock;

  private Claim(Path state, Path pidfile, int lock, String daemonId) {
    this.state = state;
    this.pidfile = pidfile;
    this.lock = lock;
    this.daemonId = daemonId;
  }

  /** @param patience how long to wait for the one who has the lock to let go of it */
  static Claim take(Path state, Path pidfile, Duration patience) throws Startup {
    makePrivateFolder(state);
    Path lockFile = state.resolve("lock");
    long until = System.nanoTime() + patience.toNanos();
    int lock = Host.lock(lockFile);
    while (lock == -Errno.EAGAIN && System.nanoTime() < until) {
      LockSupport.parkNanos(2_000_000);
      lock = Host.lock(lockFile);
    }
    if (lock == -Errno.EAGAIN) {
      throw new Startup("another daemon runs this file already" + holder(lockFile) + "; stop it first, or use `taskmaster status`");
    }
    if (lock < 0) throw new Startup("cannot lock " + lockFile + ": " + Errno.text(lock));
    try {
      Files.writeString(lockFile, ProcessHandle.current().pid() + "\n");
    } catch (IOException e) {
      throw new Startup("cannot write " + lockFile + ": " + e.getMessage(), e);
    }
    return new Claim(state, pidfile, lock, daemonId(state));
  }

  /** Whether the lock could be taken, were it free. */
  static void check(Path state) throws Startup {
    makePrivateFolder(state);
  }

  private static String holder(Path lockFile) {
    try {
      String pid = Files.readString(lockFile).strip();
      return pid.matches("[0-9]+") ? " (PID=" + pid + ")" : "";
    } catch (IOException unknown) {
      return "";
    }
  }

  /** 0700 and ours: nobody else may put a file or a pipe there. A folder that is there already is looked at, not changed. */
  private static void makePrivateFolder(Path folder) throws Startup {
    try {
      if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      int mode = (Integer) Files.getAttribute(folder, "unix:mode", LinkOption.NOFOLLOW_LINKS);
      int owner = (Integer) Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
      boolean isFolder = (mode & 0170000) == 0040000;
      if (!isFolder) throw new IOException("it is not a folder");
      if (owner != Host.uid()) throw new IOException("it belongs to another user");
      if ((mode & 077) != 0) throw new IOException("others may look into it; chmod 700 it, or");
      Files.createDirectories(folder.resolve("pipes"));
    } catch (IOException e) {
      throw new Startup("cannot use the state folder " + folder + ": " + reason(e) + "; set daemon.state to a folder of your own", e);
    }
  }

  private static String reason(IOException e) {
    return e instanceof java.nio.file.AccessDeniedException ? "Permission denied" : String.valueOf(e.getMessage());
  }

  /** By rename, which replaces a link instead of following it. */
  void writePid() throws IOException {
    try {
      Path folder = pidfile.toAbsolutePath().getParent();
      if (folder == null) throw new IOException("it has no folder");
      Files.createDirectories(folder);
      if (Files.isDirectory(pidfile, LinkOption.NOFOLLOW_LINKS)) throw new IOException("it is a directory");
      // not createTempFile: its random numbers load all of the JDK's security
      Path next = folder.resolve(".taskmaster" + ProcessHandle.current().pid() + "." + System.nanoTime() + ".pid");
      Files.createFile(next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))); // never through a link
      try {
        Files.writeString(next, ProcessHandle.current().pid() + "\n");
        Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(next, pidfile, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(next);
      }
    } catch (IOException e) {
      throw new IOException("cannot write the pid file " + pidfile + ": " + reason(e), e);
    }
  }

  /** Files in /tmp are swept now and then, and /run/user/UID goes with the user's last session. */
  void keep() throws IOException, Startup {
    if (!Files.exists(pidfile, LinkOption.NOFOLLOW_LINKS)) writePid();
    Path lockFile = state.resolve("lock");
    if (Files.exists(lockFile)) return;
    makePrivateFolder(state);
    int again = Host.lock(lockFile);
    if (again < 0) throw new Startup("cannot lock " + lockFile + ": " + Errno.text(again));
    Fd.close(lock);
    lock = again;
    if (Host.uid() == 0) Files.writeString(state.resolve(ID), daemonId);
  }

  /** Where the daemon listens, for those who know its state folder. */
  void announce(Path socket) throws IOException {
    Files.writeString(state.resolve("socket"), socket + "\n");
  }

  Path pipes() {
    return state.resolve("pipes");
  }

  /** Of a {@link Practice}. */
  Path practice() {
    return state.resolve("practice");
  }

  /** What the daemons that take over from each other here have in common, and no others have. */
  String daemonId() {
    return daemonId;
  }

  /**
   * Root's is drawn by lot: a process in a container, or of any user, may have the mark of a daemon with the same path in
   * its environment, and root sees them all. Others see their own alone, and theirs has to outlive /run/user/UID.
   */
  private static String daemonId(Path state) {
    String byPath = Integer.toHexString(state.toAbsolutePath().normalize().toString().hashCode());
    if (Host.uid() != 0) return byPath;
    Path file = state.resolve(ID);
    try {
      String known = Files.exists(file) ? Files.readString(file).strip() : "";
      boolean isLeftAny = Files.exists(LoadedFile.records(state));
      if (!known.isEmpty() && (isLeftAny || !known.equals(byPath))) return known;
      String id = isLeftAny ? byPath : Host.randomId(); // what a version that knew no other has left running has that mark
      Files.writeString(file, id);
      return id;
    } catch (IOException fullDisk) {
      return byPath;
    }
  }

  void release() throws IOException {
    try {
      Files.deleteIfExists(state.resolve("socket"));
      Files.deleteIfExists(practice());
      boolean ours = Files.isRegularFile(pidfile, LinkOption.NOFOLLOW_LINKS)
          && Files.readString(pidfile).strip().equals(Long.toString(ProcessHandle.current().pid()));
      if (ours) Files.delete(pidfile);
    } finally {
      Fd.close(lock);
    }
  }
}
