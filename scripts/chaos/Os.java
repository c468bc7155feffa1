import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Processes: signals that reach exactly the one that is meant, and what /proc says. */
final class Os {
  static final int KILL = 9;
  static final int CONT = 18;
  static final int STOP = 19;

  private static final long PIDFD_SEND_SIGNAL = 424;
  private static final long PIDFD_OPEN = 434;
  private static final Pattern PSS = Pattern.compile("(?m)^Pss: +([0-9]+) kB$");
  private static final MethodHandle SYSCALL = libc("syscall", 5);
  private static final MethodHandle CLOSE = libc("close", 1);

  private Os() {}

  private static MethodHandle libc(String name, int arguments) {
    var types = IntStream.range(0, arguments).mapToObj(i -> JAVA_LONG).toArray(java.lang.foreign.MemoryLayout[]::new);
    Linker linker = Linker.nativeLinker();
    MemorySegment symbol = linker.defaultLookup().findOrThrow(name);
    return linker.downcallHandle(symbol, FunctionDescriptor.of(JAVA_LONG, types));
  }

  /** Asks once the process cannot become another one any more, and only then signals it (pidfd_open(2)). */
  static boolean signal(int pid, int signal, IntPredicate isMeant) {
    try {
      int fd = (int) (long) SYSCALL.invokeExact(PIDFD_OPEN, (long) pid, 0L, 0L, 0L);
      if (fd < 0) return false;
      try {
        if (!isMeant.test(pid)) return false;
        return (long) SYSCALL.invokeExact(PIDFD_SEND_SIGNAL, (long) fd, (long) signal, 0L, 0L) == 0;
      } finally {
        long ignored = (long) CLOSE.invokeExact((long) fd);
      }
    } catch (Throwable e) {
      throw new IllegalStateException("internal error: cannot signal " + pid, e);
    }
  }

  /** Every process of this pid namespace. */
  static int[] pids() {
    String[] names = new File("/proc").list((folder, name) -> Character.isDigit(name.charAt(0)));
    return names == null ? new int[0] : IntStream.range(0, names.length).map(i -> Integer.parseInt(names[i])).toArray();
  }

  /** Where a link of a process's folder leads, "" if the process or the link is gone. */
  static String link(int pid, String name) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", Integer.toString(pid), name)).toString();
    } catch (IOException gone) {
      return "";
    }
  }

  static String commandLine(int pid) {
    return read(pid, "cmdline").replace('\0', ' ');
  }

  /** When the process began, in ticks since boot, so that with the pid it is named for good; 0 if it has ended. */
  static long born(int pid) {
    String stat = read(pid, "stat");
    if (stat.isEmpty()) return 0;
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    boolean ended = fields[0].equals("Z") || fields[0].equals("X");
    return ended ? 0 : Long.parseLong(fields[19]);
  }

  /** Proportional set size in KiB, 0 if it cannot be read. */
  static long pss(int pid) {
    Matcher m = PSS.matcher(read(pid, "smaps_rollup"));
    return m.find() ? Long.parseLong(m.group(1)) : 0;
  }

  static int openFiles(int pid) {
    String[] names = new File("/proc/" + pid + "/fd").list();
    return names == null ? 0 : names.length;
  }

  /** Seconds since boot: the one clock that programs in sh can read too. */
  static double uptime() {
    try {
      String text = Files.readString(Path.of("/proc/uptime"));
      return Double.parseDouble(text.substring(0, text.indexOf(' ')));
    } catch (IOException e) {
      throw new IllegalStateException("cannot read /proc/uptime: " + e.getMessage(), e);
    }
  }

  private static String read(int pid, String name) {
    try {
      return Files.readString(Path.of("/proc", Integer.toString(pid), name), StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }
}
