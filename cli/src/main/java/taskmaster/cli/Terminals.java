package taskmaster.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a person looks at a stream. Asked of /proc, since java.io.Console takes long to load. */
public final class Terminals {
  private Terminals() {}

  public static boolean isTerminal(int fd) {
    try {
      String name = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
      return name.startsWith("/dev/pts/") || name.startsWith("/dev/tty") || name.equals("/dev/console");
    } catch (IOException closed) {
      return false;
    }
  }

  /** Colour on a terminal only, and not where NO_COLOR asks for none (no-color.org). */
  public static boolean wantsColour() {
    String no = System.getenv("NO_COLOR");
    return (no == null || no.isEmpty()) && isTerminal(1) && !"dumb".equals(System.getenv("TERM"));
  }
}
