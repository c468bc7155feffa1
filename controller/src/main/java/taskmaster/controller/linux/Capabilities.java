package taskmaster.controller.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the programs that we start may do before they are somebody else (capabilities(7)). */
public final class Capabilities {
  private static final int SETGID = 6;
  private static final int SETUID = 7;
  private static final int SYS_NICE = 23;
  private static final int SYS_RESOURCE = 24;

  private Capabilities() {}

  /** Read once, and only where a program asks for something that may need them. */
  private static final class Held {
    static final long SET = read();

    /** Root's are got anew by each program that is executed, another's only if they are ambient. */
    private static long read() {
      String field = Host.uid() == 0 ? "CapEff:" : "CapAmb:";
      try (var lines = Files.lines(Path.of("/proc/self/status"))) {
        return lines.filter(l -> l.startsWith(field)).mapToLong(l -> Long.parseUnsignedLong(l.substring(field.length()).strip(), 16)).findFirst().orElse(0);
      } catch (IOException unknown) {
        return 0;
      }
    }
  }

  private static boolean has(int capability) {
    return (Held.SET >>> capability & 1) != 0;
  }

  /** Whether a process can be started as another user. */
  public static boolean maySwitchUser() {
    return has(SETUID) && has(SETGID);
  }

  static boolean mayRaisePriority() {
    return has(SYS_NICE);
  }

  static boolean mayRaiseLimits() {
    return has(SYS_RESOURCE);
  }
}
