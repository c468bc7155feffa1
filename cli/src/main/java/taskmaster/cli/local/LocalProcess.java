package taskmaster.cli.local;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import taskmaster.controller.http.PidSpace;

/** A look at a process of this machine, without the calls of libc: to link them takes longer than most commands do. */
public final class LocalProcess {
  private LocalProcess() {}

  /** A zombie counts as gone: whoever started it may never look. */
  public static boolean isAlive(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), java.nio.charset.StandardCharsets.ISO_8859_1);
      char state = stat.charAt(stat.lastIndexOf(')') + 2);
      return state != 'Z' && state != 'X';
    } catch (IOException gone) {
      return false;
    }
  }

  /**
   * What a process is called here that is called so in that pid namespace.
   *
   * @param space as {@link PidSpace#toString} tells it; null for this one
   * @return empty where it cannot be seen from here
   */
  public static OptionalLong pidHere(long pid, @Nullable String space) {
    if (space == null || isSpaceOf("self", space)) return OptionalLong.of(pid);
    String[] processes = new File("/proc").list((proc, name) -> Character.isDigit(name.charAt(0)));
    for (String candidate : processes == null ? new String[0] : processes) {
      if (isSpaceOf(candidate, space) && innermost(candidate) == pid) return OptionalLong.of(Long.parseLong(candidate));
    }
    return OptionalLong.empty();
  }

  private static boolean isSpaceOf(String process, String space) {
    return PidSpace.of(process).filter(it -> it.toString().equals(space)).isPresent();
  }

  /** NSpid has its pids from our namespace to its own (proc_pid_status(5)). */
  private static long innermost(String process) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc", process, "status"))) {
        if (line.startsWith("NSpid:")) return Long.parseLong(line.substring(line.lastIndexOf('\t') + 1));
      }
    } catch (IOException gone) {
      return -1;
    }
    return -1;
  }
}
