package taskmaster.controller.linux;

import org.jspecify.annotations.Nullable;
import taskmaster.api.Exit;
import taskmaster.api.Signal;

/** How the daemon's own children end, and when they are reaped (waitid(2)). The loop's thread's alone. */
final class Children {
  private static final int P_PID = 1;
  private static final int WNOHANG = 1;
  private static final int WEXITED = 4;
  private static final int WNOWAIT = 0x01000000;
  private static final int CLD_EXITED = 1;
  private static final int CLD_DUMPED = 3;

  private static final int SIGINFO_SIZE = 128;
  private static final int SI_CODE = 8;
  private static final int SI_PID = 16;
  private static final int SI_STATUS = 24;

  private final NativeBuffer siginfo = new NativeBuffer(SIGINFO_SIZE);

  /** How a child ended, leaving it unreaped; null if it has not. */
  @Nullable Exit exit(int pid) {
    if (wait(pid, WEXITED | WNOWAIT | WNOHANG) < 0) return new Exit.Unknown();
    if (siginfo.getInt(SI_PID) == 0) return null;
    int code = siginfo.getInt(SI_CODE);
    int status = siginfo.getInt(SI_STATUS);
    return code == CLD_EXITED ? new Exit.Code(status) : new Exit.Killed(Signal.of(status), code == CLD_DUMPED);
  }

  boolean isOurs(int pid) {
    return wait(pid, WEXITED | WNOWAIT | WNOHANG) >= 0;
  }

  /** Frees a child that has ended, or is about to. */
  void reap(int pid) {
    wait(pid, WEXITED);
  }

  /** Frees a child if it has ended; whether it is none of ours any more. */
  boolean reapIfEnded(int pid) {
    return wait(pid, WEXITED | WNOHANG) < 0 || siginfo.getInt(SI_PID) != 0;
  }

  /** Ends a child that leads a group, with that group. */
  void abandon(int pid) {
    kill(pid);
    reap(pid);
  }

  static void kill(int leader) {
    Libc.KILL.call(-leader, Signal.KILL.number());
    Libc.KILL.call(leader, Signal.KILL.number());
  }

  private int wait(int pid, int options) {
    siginfo.zero(0, SIGINFO_SIZE);
    return Libc.WAITID.call(P_PID, pid, siginfo.address(), options);
  }

  /** Decodes what wait(2) calls a status. */
  static Exit exitOf(int status) {
    int signal = status & 0x7f;
    return signal == 0 ? new Exit.Code(status >> 8 & 0xff) : new Exit.Killed(Signal.of(signal), (status & 0x80) != 0);
  }
}
