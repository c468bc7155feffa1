package taskmaster.controller.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads /proc (proc(5)). What is gone while we read it is simply not there. */
final class ProcFs {
  private static final ThreadLocal<NativeBuffer> BUFFER = ThreadLocal.withInitial(() -> new NativeBuffer(8192));

  /** Numbers of fields (proc_pid_stat(5)). */
  private static final int SESSION = 6;

  private static final int FLAGS = 9;
  private static final int START_TIME = 22;
  private static final int EXIT_STATUS = 52;

  /** Where an entry of a folder has its length and its name: linux_dirent64 (getdents(2)). */
  private static final int ENTRY_LENGTH = 16;

  private static final int ENTRY_NAME = 19;

  /** USER_HZ, which has been 100 on every architecture that we run on (proc_pid_stat(5)). */
  static final long TICKS_PER_SECOND = 100;

  /** PF_KTHREAD (linux/sched.h). */
  private static final long KERNEL_THREAD = 0x200000;

  private ProcFs() {}

  /**
   * @param flags of the kernel's
   * @param startTime in clock ticks since boot: with the pid it names a process for good
   * @param exitStatus of a zombie, as wait(2) tells it; 0 also where we may not know
   */
  record Stat(int pid, char state, int ppid, int pgrp, int session, long flags, long startTime, int exitStatus) {
    boolean isAlive() {
      return state != 'Z' && state != 'X';
    }

    boolean isOfKernel() {
      return (flags & KERNEL_THREAD) != 0;
    }
  }

  static Optional<Stat> stat(int pid) {
    String text = read("/proc/" + pid + "/stat", true);
    return text == null ? Optional.empty() : Optional.of(parse(pid, text));
  }

  /** With {@code hidepid} (proc(5)) or a security module others' processes are there, and that is all. */
  static Optional<Stat> statIfAllowed(int pid) {
    Optional<Stat> stat = ifAllowed(() -> stat(pid));
    return stat == null ? Optional.empty() : stat;
  }

  static Stat parse(int pid, String text) {
    // the second field is the name in parentheses, and may itself hold spaces and parentheses
    Fields fields = new Fields(text, text.lastIndexOf(')') + 2);
    char state = fields.letter();
    int ppid = (int) fields.number();
    int pgrp = (int) fields.number();
    int session = (int) fields.number();
    fields.skip(FLAGS - SESSION - 1);
    long flags = fields.number();
    fields.skip(START_TIME - FLAGS - 1);
    long startTime = fields.number();
    fields.skip(EXIT_STATUS - START_TIME - 1);
    return new Stat(pid, state, ppid, pgrp, session, flags, startTime, fields.hasMore() ? (int) fields.number() : 0);
  }

  /** Words with a space between them. */
  private static final class Fields {
    private final String text;
    private int at;

    Fields(String text, int from) {
      this.text = text;
      this.at = from;
    }

    boolean hasMore() {
      return at < text.length();
    }

    char letter() {
      char letter = text.charAt(at);
      skip(1);
      return letter;
    }

    long number() {
      boolean isNegative = text.charAt(at) == '-';
      if (isNegative) at++;
      long number = 0;
      int from = at;
      for (; hasMore() && isDigit(text.charAt(at)); at++) number = 10 * number + text.charAt(at) - '0';
      if (at == from) throw new IllegalStateException("internal error: no number at " + at + " of '" + text + "'");
      at++;
      return isNegative ? -number : number;
    }

    private static boolean isDigit(char c) {
      return c >= '0' && c <= '9';
    }

    void skip(int words) {
      for (int i = 0; i < words && hasMore(); i++) {
        int space = text.indexOf(' ', at);
        at = space < 0 ? text.length() : space + 1;
      }
    }
  }

  /** All of a file, read at once: /proc/sys gives nothing more to who reads it byte by byte; null where what it is about has gone. That we cannot look (no descriptor left) is no answer. */
  static @Nullable String read(String path) {
    return read(path, false);
  }

  /** @param isOneRecord which the first read gives whole: to ask for more would be one call too many */
  private static @Nullable String read(String path, boolean isOneRecord) {
    int fd = Fd.open(path, Fd.O_RDONLY, 0);
    if (isGone(fd)) return null;
    if (fd < 0) throw new CallFailed(path, fd);
    NativeBuffer buffer = BUFFER.get();
    try {
      StringBuilder text = new StringBuilder();
      long n = Fd.read(fd, buffer);
      while (n > 0) {
        text.append(buffer.ascii(0, n));
        n = isOneRecord ? 0 : Fd.read(fd, buffer);
      }
      if (isGone(n)) return null;
      if (n < 0) throw new CallFailed(path, n);
      return text.toString();
    } finally {
      Fd.close(fd);
    }
  }

  private static boolean isGone(long errno) {
    return errno == -Errno.ENOENT || errno == -Errno.ESRCH;
  }

  /** Null also where we may not look, or it has gone. */
  private static <T> @Nullable T ifAllowed(Supplier<@Nullable T> reading) {
    try {
      return reading.get();
    } catch (CallFailed e) {
      if (e.isForbidden()) return null;
      throw e;
    }
  }

  /** What is in a folder; empty where it has gone (getdents(2)). */
  private static List<String> names(String folder) {
    int fd = Fd.open(folder, Fd.O_RDONLY, 0);
    if (isGone(fd)) return List.of();
    if (fd < 0) throw new CallFailed(folder, fd);
    try {
      NativeBuffer buffer = BUFFER.get();
      List<String> names = new ArrayList<>();
      int n = Fd.readFolder(fd, buffer);
      while (n > 0) {
        for (int at = 0; at < n; at += buffer.getShort(at + ENTRY_LENGTH)) {
          String name = buffer.ascii(at + ENTRY_NAME, buffer.indexOf((byte) 0, at + ENTRY_NAME, n));
          if (!name.equals(".") && !name.equals("..")) names.add(name);
        }
        n = Fd.readFolder(fd, buffer);
      }
      if (n < 0 && !isGone(n)) throw new CallFailed(folder, n);
      return names;
    } finally {
      Fd.close(fd);
    }
  }

  /**
   * The direct children of one thread, zombies included. What outlives its parent becomes a child of its reaper's first
   * thread; what a process starts itself is its starting thread's.
   */
  static List<Integer> childrenOfThread(int pid, int tid) {
    String text = read("/proc/" + pid + "/task/" + tid + "/children");
    List<Integer> children = new ArrayList<>();
    if (text == null) return children; // it ended; its children went to another
    for (String word : text.split(" ")) if (!word.isBlank()) children.add(Integer.parseInt(word.strip()));
    return children;
  }

  /** The direct children of a process, zombies included. */
  static List<Integer> children(int pid) {
    List<Integer> children = new ArrayList<>();
    List<String> tasks = ifAllowed(() -> names("/proc/" + pid + "/task"));
    if (tasks == null) return children;
    for (String task : tasks) children.addAll(childrenOfThread(pid, Integer.parseInt(task)));
    return children;
  }

  /** Every process of this pid namespace; a large machine has a thousand threads of the kernel's own, which are none. */
  static List<Stat> all() {
    List<Stat> all = new ArrayList<>();
    for (String name : names("/proc")) {
      if (Character.isDigit(name.charAt(0))) statIfAllowed(Integer.parseInt(name)).filter(stat -> !stat.isOfKernel()).ifPresent(all::add);
    }
    return all;
  }

  static boolean hasEntries(Path folder) {
    return !names(folder.toString()).isEmpty();
  }

  /** The names of the pipes in {@code folder} that a process holds, if we may look. */
  static Set<String> pipesHeld(int pid, Path folder) {
    String fds = "/proc/" + pid + "/fd";
    List<String> numbers = ifAllowed(() -> names(fds));
    Set<String> names = new HashSet<>();
    if (numbers == null) return names;
    for (String number : numbers) {
      try {
        Path target = Files.readSymbolicLink(Path.of(fds, number));
        if (folder.equals(target.getParent()) && isSame(Path.of(fds, number), target)) names.add(target.getFileName().toString());
      } catch (IOException closedMeanwhile) { // that takes no descriptor
        continue;
      }
    }
    return names;
  }

  /** A container, or anybody with a mount namespace of his own, may have another file of that name. */
  private static boolean isSame(Path descriptor, Path named) {
    FileStatus held = FileStatus.of(descriptor);
    FileStatus ours = FileStatus.of(named);
    return held != null && ours != null && held.identity().equals(ours.identity());
  }

  /** How long the machine is up, in clock ticks, in the clock that start times are told in. */
  static long ticksSinceBoot() {
    try {
      String text = Files.readString(Path.of("/proc/uptime"), StandardCharsets.US_ASCII);
      return (long) (Double.parseDouble(text.substring(0, text.indexOf(' '))) * TICKS_PER_SECOND);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /** Children, their children, and so on; not the process itself. */
  static List<Integer> descendants(int pid) {
    List<Integer> all = new ArrayList<>();
    Deque<Integer> open = new ArrayDeque<>(children(pid));
    while (!open.isEmpty() && all.size() < 100_000) {
      int next = open.removeFirst();
      all.add(next);
      open.addAll(children(next));
    }
    return all;
  }

  /** The environment that the process was started with, if it may be read and still stands there. */
  static Optional<SortedMap<String, String>> environment(int pid) {
    String text = environ(pid);
    if (text == null) return Optional.empty();
    SortedMap<String, String> all = new TreeMap<>();
    for (String entry : text.split("\0")) {
      int equals = entry.indexOf('=');
      if (equals < 0) return Optional.empty(); // written over
      String decoded = new String(entry.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
      all.putIfAbsent(decoded.substring(0, decoded.indexOf('=')), decoded.substring(decoded.indexOf('=') + 1));
    }
    return Optional.of(all);
  }

  /** A variable of the environment that the process was started with, if it may be read and still stands there. */
  static Optional<String> variable(int pid, String name) {
    String text = environ(pid);
    if (text == null) return Optional.empty();
    for (String entry : text.split("\0")) {
      if (entry.startsWith(name + "=")) return Optional.of(entry.substring(name.length() + 1));
    }
    return Optional.empty();
  }

  /** A byte a character. */
  private static @Nullable String environ(int pid) {
    return ifAllowed(() -> read("/proc/" + pid + "/environ"));
  }
}
