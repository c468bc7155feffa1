package taskmaster.controller.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a pid that is told holds: in one pid namespace of one boot of one machine. One in a container is another outside, and a
 * socket may come from another machine.
 *
 * @param boot /proc/sys/kernel/random/boot_id (proc_sys_kernel(5))
 * @param namespace as the link in /proc/PID/ns says (namespaces(7))
 */
public record PidSpace(String boot, String namespace) {
  /** @param process a pid as it is called here, or "self"; empty where it is gone or may not be looked at */
  public static Optional<PidSpace> of(String process) {
    try {
      String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
      return Optional.of(new PidSpace(boot, Files.readSymbolicLink(Path.of("/proc", process, "ns/pid")).toString()));
    } catch (IOException goneOrNotOurs) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return boot + " " + namespace;
  }
}
