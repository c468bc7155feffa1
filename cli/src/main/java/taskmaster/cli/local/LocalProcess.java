package taskmaster.cli.local;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import taskmaster.controller.http.PidNamespace;
import taskmaster.controller.linux.Host;

/** A look at a process of this machine. */
public final class LocalProcess {
  private LocalProcess() {}

  /** A zombie counts as gone: whoever started it may never look. */
  public static boolean isAlive(long pid) {
    return Host.isAlive(pid);
  }

  /**
   * What a process is called here that is called so in that pid namespace.
   *
   * @param namespace as its own /proc/self/ns/pid says; null for this one
   * @return empty where it cannot be seen from here
   */
  public static OptionalLong pidHere(long pid, @Nullable String namespace) {
    if (namespace == null || PidNamespace.of("self").filter(namespace::equals).isPresent()) return OptionalLong.of(pid);
    String[] processes = new File("/proc").list((proc, name) -> Character.isDigit(name.charAt(0)));
    for (String candidate : processes == null ? new String[0] : processes) {
      if (PidNamespace.of(candidate).filter(namespace::equals).isPresent() && innermost(candidate) == pid) return OptionalLong.of(Long.parseLong(candidate));
    }
    return OptionalLong.empty();
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
