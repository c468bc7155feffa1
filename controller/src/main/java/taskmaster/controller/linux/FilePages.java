package taskmaster.controller.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The pages of the virtual machine's own files: a start touches nearly all of them, and what follows few. What is let go stays
 * in the system's cache of files, and comes back with the next touch. Not for a machine with an agent or a debugger in it, which
 * could write to them between the look and the call.
 */
final class FilePages {
  private static final int MADV_DONTNEED = 4;
  private static final Path MAPPINGS = Path.of("/proc/self/smaps");

  private FilePages() {}

  record Mapping(long from, long to) {}

  /** In bytes; 0 where it cannot be told (proc_pid_status(5)). */
  static long resident() {
    String status = ProcFs.read("/proc/self/status");
    int at = status == null ? -1 : status.indexOf("\nRssFile:");
    if (at < 0 || status == null) return 0;
    return Long.parseLong(status.substring(at + 9, status.indexOf("kB", at)).strip()) << 10;
  }

  static void letGo() {
    try {
      for (Mapping mapping : restorable(Files.readAllLines(MAPPINGS))) Libc.MADVISE.call(mapping.from, mapping.to - mapping.from, MADV_DONTNEED);
    } catch (IOException withoutProc) {
      return; // they stay
    }
  }

  /**
   * Mappings of which each page is as it is in the file (proc_pid_smaps(5)), so that nothing is lost with it (madvise(2)): what
   * was written, like the linker's tables, is anonymous memory or swapped out. Only of files that stay mapped until the process
   * ends: at any other address there may be somebody's memory by now.
   */
  static List<Mapping> restorable(List<String> smaps) {
    List<Mapping> found = new ArrayList<>();
    Mapping candidate = null;
    int unwritten = 0;
    for (String line : smaps) {
      if (!Character.isUpperCase(line.charAt(0))) {
        candidate = isOurs(line) ? mapping(line) : null;
        unwritten = 0;
      } else if (candidate != null && isOfWritten(line) && line.endsWith(" 0 kB") && ++unwritten == 2) {
        found.add(candidate);
      }
    }
    return found;
  }

  private static boolean isOfWritten(String line) {
    return line.startsWith("Anonymous:") || line.startsWith("Swap:");
  }

  private static boolean isOurs(String head) {
    return head.startsWith(" r-", head.indexOf(' ')) && (head.endsWith("/daemon.aot") || head.endsWith("/server/libjvm.so"));
  }

  private static Mapping mapping(String head) {
    int dash = head.indexOf('-');
    return new Mapping(Long.parseUnsignedLong(head, 0, dash, 16), Long.parseUnsignedLong(head, dash + 1, head.indexOf(' '), 16));
  }
}
