package taskmaster.controller.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Tells the service manager that started us how we are (sd_notify(3)); says nothing where there is none. */
public final class ServiceManager {
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 02000000;
  private static final int SUN_PATH = 2;
  private static final int LONGEST_PATH = 107;

  private final @Nullable String address;

  public ServiceManager(@Nullable String notifySocket) {
    this.address = notifySocket;
  }

  /** The one that our environment names. */
  public static ServiceManager ofEnvironment() {
    return new ServiceManager(System.getenv("NOTIFY_SOCKET"));
  }

  /** Lines like {@code READY=1}; false where somebody should have heard it and did not. */
  public boolean tell(String state) {
    String to = address;
    if (to == null || to.isEmpty()) return true;
    byte[] path = to.getBytes(StandardCharsets.UTF_8);
    if (path.length > LONGEST_PATH) return false;
    if (path[0] == '@') path[0] = 0; // an abstract address (unix(7))
    int socket = Libc.SOCKET.call(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
    if (socket < 0) return false;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment sockaddr = arena.allocate(SUN_PATH + LONGEST_PATH + 1L, 2);
      sockaddr.set(JAVA_SHORT, 0, (short) AF_UNIX);
      MemorySegment.copy(path, 0, sockaddr, JAVA_BYTE, SUN_PATH, path.length);
      byte[] text = state.getBytes(StandardCharsets.UTF_8);
      MemorySegment message = arena.allocateFrom(JAVA_BYTE, text);
      int length = SUN_PATH + path.length + (path[0] == 0 ? 0 : 1);
      return Libc.SENDTO.call(socket, message.address(), text.length, 0, sockaddr.address(), length) == text.length;
    } finally {
      Fd.close(socket);
    }
  }
}
