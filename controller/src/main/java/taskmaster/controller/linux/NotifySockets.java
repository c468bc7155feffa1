package taskmaster.controller.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Checks;
import taskmaster.api.Identity;
import taskmaster.api.InstanceId;
import taskmaster.controller.core.MonoTime;

/** A datagram socket for each run that tells its state by itself (sd_notify(3), unix(7)). */
final class NotifySockets {
  static final String SUFFIX = ".notify";

  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 04000 | 02000000;
  private static final int SUN_PATH = 2;
  private static final int LONGEST_PATH = 107;
  private static final int LONGEST_STATUS = 256;

  /** Read at once of one socket: a run that writes without end does not keep the loop, */
  private static final int MOST = 16;

  /** What may wait in a socket at the most (net.unix.max_dgram_qlen, unix(7)). */
  private static final int LONGEST_QUEUE = 4096;

  /** and one that comes again within this time */
  private static final Duration FLOOD = Duration.ofMillis(5);

  /** is then not read for so long. Its socket is full meanwhile, and it waits. */
  private static final Duration PAUSE = Duration.ofMillis(50);

  interface Hearer {
    void said(Heard.Word word);

    void status(InstanceId id, long run, String status);

    void mainPid(InstanceId id, long run, String pid);
  }

  private record Open(InstanceId id, Path path, int fd) {}

  /** Where other users come to; the state folder is closed to them. */
  private static final Path OPEN_FOLDER = Path.of("/run/taskmaster-notify");

  private final Path folder;
  private final Path openFolder;
  private final Watching watching;
  private final Hearer hearer;
  private final Map<Long, Open> byRun = new HashMap<>();
  private final Map<Long, MonoTime> readAt = new HashMap<>();
  private final Map<Long, MonoTime> muted = new HashMap<>();
  private final NativeBuffer buffer = new NativeBuffer(4096);

  NotifySockets(Path folder, String daemonId, Watching watching, Hearer hearer) {
    this.folder = folder;
    this.openFolder = OPEN_FOLDER.resolve(daemonId);
    this.watching = watching;
    this.hearer = hearer;
  }

  /** Its address, which the next daemon will have again. @throws IOException with a sentence's end */
  Path open(InstanceId id, long run, @Nullable Identity identity) throws IOException {
    long owner = identity == null ? Host.uid() : identity.uid();
    boolean isForeign = owner != Host.uid();
    if (isForeign) makeOpenFolder();
    Path path = (isForeign ? openFolder : folder).resolve(id + "." + run + SUFFIX);
    int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > LONGEST_PATH) {
      throw new IOException(
          "notify socket " + path + ": its path has " + length + " bytes, " + LONGEST_PATH + " are allowed; set daemon.state to a shorter one");
    }
    int fd = bound(path);
    int given = isForeign ? Fd.giveTo(path, owner) : 0;
    if (given < 0) {
      Fd.close(fd);
      Files.deleteIfExists(path);
      throw new IOException("notify socket " + path + ": cannot give it to uid " + owner + ": " + Errno.text(given));
    }
    Open open = new Open(id, path, fd);
    byRun.put(run, open);
    watch(open, run);
    return path;
  }

  /** Passed through by all, listed by nobody; what is in it is its owner's alone. */
  private void makeOpenFolder() throws IOException {
    try {
      Files.createDirectories(openFolder);
      for (Path each : new Path[] {OPEN_FOLDER, openFolder}) Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwx--x--x"));
    } catch (IOException e) {
      throw new IOException("notify socket in " + openFolder + ": " + e, e);
    }
  }

  private static int bound(Path path) throws IOException {
    Files.deleteIfExists(path);
    int fd = check(path, Libc.SOCKET.call(AF_UNIX, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0));
    try {
      byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
      Scratch scratch = Scratch.of(0);
      int sockaddr = scratch.struct(SUN_PATH + LONGEST_PATH + 1);
      scratch.putShort(sockaddr, (short) AF_UNIX);
      scratch.put(sockaddr + SUN_PATH, name);
      Fd.chmod(fd, 0600); // before bind, so that the file never has another mode
      check(path, Libc.BIND.call(fd, scratch.address(sockaddr), SUN_PATH + name.length + 1));
      return fd;
    } catch (IOException e) {
      Fd.close(fd);
      throw e;
    }
  }

  private static int check(Path path, int result) throws IOException {
    if (result < 0) throw new IOException("notify socket " + path + ": " + Errno.text(result));
    return result;
  }

  /** Hears what a run has said by now, also if the loop has not come to its socket yet. */
  void read(long run) {
    Open open = byRun.get(run);
    for (int i = 0; open != null && i < LONGEST_QUEUE / MOST; i++) if (!read(open.id(), run, open.fd())) return;
  }

  /** Of all, also of those that were not let speak on. */
  void readAll() {
    List.copyOf(byRun.keySet()).forEach(this::read);
  }

  /** When one that was not let speak on is to be heard again. */
  MonoTime next() {
    MonoTime next = MonoTime.NEVER;
    for (MonoTime at : muted.values()) next = next.earlierOf(at);
    return next;
  }

  void resume(MonoTime now) {
    for (Map.Entry<Long, MonoTime> one : List.copyOf(muted.entrySet())) {
      Open open = byRun.get(one.getKey());
      if (!now.reached(one.getValue())) continue;
      muted.remove(one.getKey());
      if (open != null) watch(open, one.getKey());
    }
  }

  private void watch(Open open, long run) {
    watching.watch(open.fd(), () -> {
      read(open.id(), run, open.fd());
      MonoTime now = new MonoTime(System.nanoTime());
      MonoTime before = readAt.put(run, now);
      if (before == null || now.reached(before.plus(FLOOD))) return;
      watching.mute(open.fd());
      muted.put(run, now.plus(PAUSE));
    });
  }

  /** Whether there may be more. */
  private boolean read(InstanceId id, long run, int fd) {
    String status = null;
    String mainPid = null;
    int count = 0;
    for (; count < MOST; count++) {
      int n = Libc.RECV.call(fd, buffer.address(), buffer.size(), 0);
      if (n < 0) break;
      for (String line : new String(buffer.bytes(0, n), StandardCharsets.UTF_8).split("\n")) {
        switch (line) {
          case "READY=1" -> hearer.said(new Heard.Word(run, Checks.Kind.READY, true));
          case "WATCHDOG=1" -> hearer.said(new Heard.Word(run, Checks.Kind.HEALTH, true));
          default -> {
            if (line.startsWith("STATUS=")) status = line.substring("STATUS=".length());
            else if (line.startsWith("MAINPID=")) mainPid = line.substring("MAINPID=".length());
          }
        }
      }
    }
    if (status != null) hearer.status(id, run, printable(status));
    if (mainPid != null) hearer.mainPid(id, run, mainPid);
    return count == MOST;
  }

  static String printable(String status) {
    String text = status.codePoints().map(c -> Character.isISOControl(c) ? ' ' : c)
        .limit(LONGEST_STATUS)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
    return text.strip();
  }

  void close(long run) {
    Open open = byRun.remove(run);
    if (open == null) return;
    readAt.remove(run);
    muted.remove(run);
    watching.forget(open.fd());
    try {
      Files.deleteIfExists(open.path());
    } catch (IOException leftToTheNextDaemon) {
      // it is empty, and its name is used by no other run
    }
    Path in = open.path().getParent();
    if (in != null && in.equals(openFolder)) removeOpenFolder();
  }

  private void removeOpenFolder() {
    try {
      Files.delete(openFolder);
      Files.delete(OPEN_FOLDER);
    } catch (IOException inUse) {
      // others are in it
    }
  }

  /** Removes those of runs that are over. */
  void sweep() {
    sweep(folder);
    sweep(openFolder);
  }

  private void sweep(Path in) {
    if (!Files.isDirectory(in)) return;
    try (var files = Files.list(in)) {
      for (Path file : files.filter(f -> f.toString().endsWith(SUFFIX)).toList()) {
        if (byRun.values().stream().noneMatch(open -> open.path().equals(file))) Files.deleteIfExists(file);
      }
    } catch (IOException none) {
      // nobody minds an empty file
    }
  }

  /** The files stay: programs that live on will find the next daemon there. */
  void close() {
    byRun.values().forEach(open -> watching.forget(open.fd()));
    byRun.clear();
  }
}
