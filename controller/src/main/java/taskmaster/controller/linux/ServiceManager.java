package taskmaster.controller.linux;

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
    try {
      byte[] text = state.getBytes(StandardCharsets.UTF_8);
      Scratch scratch = Scratch.of(Scratch.room(text.length) + Scratch.room(SUN_PATH + LONGEST_PATH + 1));
      int sockaddr = scratch.struct(SUN_PATH + LONGEST_PATH + 1);
      scratch.putShort(sockaddr, (short) AF_UNIX);
      scratch.put(sockaddr + SUN_PATH, path);
      long message = scratch.address(scratch.bytes(text));
      int length = SUN_PATH + path.length + (path[0] == 0 ? 0 : 1);
      return Libc.SENDTO.call(socket, message, text.length, 0, scratch.address(sockaddr), length) == text.length;
    } finally {
      Fd.close(socket);
    }
  }
}
