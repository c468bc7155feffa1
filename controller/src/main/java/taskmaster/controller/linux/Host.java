package taskmaster.controller.linux;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What the daemon's own process needs of the system. */
public final class Host {
  private static final int PR_SET_CHILD_SUBREAPER = 36;
  private static final int SIGCHLD = 17;
  private static final int SIG_DFL = 0;
  private static final int LOCK_EX_NB = 2 | 4;
  private static final int CAP_SYS_PTRACE = 19;

  private Host() {}

  /** Orphans below us become our children, and children that end wait for us (prctl(2), signal(2)). */
  public static void becomeReaper() {
    Libc.SIGNAL.call(SIGCHLD, SIG_DFL);
    int result = Libc.PRCTL.call(PR_SET_CHILD_SUBREAPER, 1, 0, 0);
    if (result < 0) throw new IllegalStateException("cannot become a subreaper: " + Errno.text(result));
  }

  /** An ignored signal stays ignored over exec, and a JVM's handler for it would never be called. */
  public static void restoreDefault(int signal) {
    Libc.SIGNAL.call(signal, SIG_DFL);
  }

  /** Loads what any call takes. */
  public static void warmUp() {
    uid();
  }

  /** The effective user. */
  public static int uid() {
    return Libc.GETUID.call(0);
  }

  /** The effective group. */
  static long gid() {
    return Integer.toUnsignedLong(Libc.GETEGID.call(0));
  }

  /** As children inherit it (proc_pid_status(5)). */
  public static int umask() {
    String status = ProcFs.read("/proc/self/status");
    int at = status == null ? -1 : status.indexOf("\nUmask:");
    return at < 0 || status == null ? 022 : Integer.parseInt(status.substring(at + 7, status.indexOf('\n', at + 1)).strip(), 8);
  }

  /** How many clients may be connected at once, as far as descriptors go. */
  public static int mostConnections() {
    return (int) FileLimit.connections();
  }

  /**
   * Names this boot and this pid namespace: what a pid means, it means there alone. A namespace's number is given anew once
   * it has gone, so its first process's start belongs to its name, where that may be looked at.
   */
  public static String machine() throws IOException {
    String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    String first = ProcFs.statIfAllowed(1).map(stat -> " " + stat.startTime()).orElse("");
    return boot + " " + Files.readSymbolicLink(Path.of("/proc/self/ns/pid")) + first;
  }

  /** 64 bits of the system's, in hex. The JDK's own random numbers load all of its security. */
  public static String randomId() throws IOException {
    try (InputStream random = Files.newInputStream(Path.of("/dev/urandom"))) {
      return HexFormat.of().formatHex(random.readNBytes(8));
    }
  }

  /**
   * The daemon's own environment. The JDK reads it by the locale, which in a container is often the one that knows ASCII
   * alone, and would lose all else.
   */
  public static Map<String, String> environment() {
    Map<String, String> all = new LinkedHashMap<>();
    for (String entry : environ()) {
      String text = decoded(entry);
      all.putIfAbsent(text.substring(0, text.indexOf('=')), text.substring(text.indexOf('=') + 1));
    }
    return all;
  }

  /** {@code NAME=value}, a byte a character. */
  static List<String> environ() {
    // not by libc, which is still being loaded while the file is read
    String text;
    try {
      text = Files.readString(Path.of("/proc/self/environ"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the daemon's environment: " + e.getMessage(), e);
    }
    return Stream.of(text.split("\0")).filter(entry -> entry.indexOf('=') > 0).toList();
  }

  static String decoded(String bytes) {
    return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  /** Whether all is told of each process in /proc, its exit status too (proc_pid_stat(5), capabilities(7)). */
  static boolean seesAll() {
    return Sight.ALL;
  }

  /** Asked for once, and late: it needs libc, which the start loads beside other things. */
  private static final class Sight {
    static final boolean ALL = hasSysPtrace();
  }

  private static boolean hasSysPtrace() {
    String status = ProcFs.read("/proc/self/status");
    int at = status == null ? -1 : status.indexOf("\nCapEff:");
    if (at < 0 || status == null) return false;
    long effective = Long.parseUnsignedLong(status.substring(at + 8, status.indexOf('\n', at + 1)).strip(), 16);
    return (effective >> CAP_SYS_PTRACE & 1) == 1;
  }

  /** To be called where descriptors are got without us: the JDK's sockets. More are taken while there are some left. */
  public static void lookAtDescriptors() {
    Fd.close(Fd.open("/dev/null", Fd.O_RDONLY, 0));
  }

  public static boolean kill(long pid, int signal) {
    return Libc.KILL.call(pid, signal) == 0;
  }

  /**
   * Takes the file's lock (flock(2)), for as long as this process lives and keeps the descriptor.
   *
   * @return the descriptor, or a negative errno: EAGAIN where another process has it
   */
  public static int lock(Path file) {
    int fd = Fd.open(file, Fd.O_RDWR | Fd.O_CREAT, 0600);
    if (fd < 0) return fd;
    int result = Libc.FLOCK.call(fd, LOCK_EX_NB);
    if (result >= 0) return fd;
    Fd.close(fd);
    return result;
  }

  /**
   * Sends standard output and error to a file from now on.
   *
   * @return where they led before; no child gets that descriptor
   */
  public static OutputStream moveOutputTo(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    int fd = Fd.open(file, Fd.O_WRONLY | Fd.O_CREAT | Fd.O_APPEND, 0640);
    if (fd < 0) throw new IOException(file + ": " + Errno.text(fd));
    System.out.flush();
    System.err.flush();
    OutputStream before = new FileOutputStream("/proc/self/fd/1");
    Fd.dup2(fd, 1);
    Fd.dup2(fd, 2);
    Fd.close(fd);
    return before;
  }

  /** Gives memory that is no longer used back to the system: the Java heap's, as its flags allow, and malloc's. */
  public static void returnMemory() {
    System.gc();
    Libc.MALLOC_TRIM.call(0);
  }

  /** How much of files, in bytes, this process has in memory. */
  public static long residentOfFiles() {
    return FilePages.resident();
  }

  /** Gives the pages of the virtual machine's own files back to the system's cache of files. */
  public static void letGoOfFiles() {
    FilePages.letGo();
  }
}
