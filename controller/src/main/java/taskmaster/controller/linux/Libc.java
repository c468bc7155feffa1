package taskmaster.controller.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The functions of libc that we call, all in one shape of six longs: each further shape would cost about 7 ms at start.
 * An int argument is passed in the low half of its register, which is where both x86-64's and arm64's ABI look for it.
 */
enum Libc {
  BIND("bind"),
  CLOSE("close"),
  DUP2("dup2"),
  EPOLL_CREATE1("epoll_create1"),
  EPOLL_CTL("epoll_ctl"),
  EPOLL_WAIT("epoll_wait"),
  EVENTFD("eventfd"),
  FCHMOD("fchmod"),
  FCNTL("fcntl"),
  FLOCK("flock"),
  FTRUNCATE("ftruncate"),
  GETDENTS64("getdents64"),
  GETEGID("getegid"),
  GETGRGID_R("getgrgid_r"),
  GETGRNAM_R("getgrnam_r"),
  GETGROUPLIST("getgrouplist"),
  GETGROUPS("getgroups"),
  GETPGID("getpgid"),
  GETPWNAM_R("getpwnam_r"),
  GETPWUID_R("getpwuid_r"),
  GETUID("geteuid"),
  GETXATTR("getxattr"),
  IOCTL("ioctl"),
  KILL("kill"),
  LCHOWN("lchown"),
  LSEEK("lseek"),
  MADVISE("madvise"),
  MALLOC_TRIM("malloc_trim"),
  MKFIFO("mkfifo"),
  OPEN("open"),
  POLL("poll"),
  POSIX_SPAWN("posix_spawn"),
  POSIX_SPAWN_FILE_ACTIONS_ADDCHDIR_NP("posix_spawn_file_actions_addchdir_np"),
  POSIX_SPAWN_FILE_ACTIONS_ADDCLOSEFROM_NP("posix_spawn_file_actions_addclosefrom_np"),
  POSIX_SPAWN_FILE_ACTIONS_ADDDUP2("posix_spawn_file_actions_adddup2"),
  POSIX_SPAWN_FILE_ACTIONS_ADDOPEN("posix_spawn_file_actions_addopen"),
  POSIX_SPAWN_FILE_ACTIONS_DESTROY("posix_spawn_file_actions_destroy"),
  POSIX_SPAWN_FILE_ACTIONS_INIT("posix_spawn_file_actions_init"),
  POSIX_SPAWNATTR_DESTROY("posix_spawnattr_destroy"),
  POSIX_SPAWNATTR_INIT("posix_spawnattr_init"),
  POSIX_SPAWNATTR_SETFLAGS("posix_spawnattr_setflags"),
  POSIX_SPAWNATTR_SETSIGDEFAULT("posix_spawnattr_setsigdefault"),
  POSIX_SPAWNATTR_SETSIGMASK("posix_spawnattr_setsigmask"),
  PRCTL("prctl"),
  PRLIMIT("prlimit"),
  READ("read"),
  REALPATH("realpath"),
  RECV("recv"),
  SCHED_GETSCHEDULER("sched_getscheduler"),
  SCHED_SETSCHEDULER("sched_setscheduler"),
  SENDTO("sendto"),
  SIGADDSET("sigaddset"),
  SIGNAL("signal"),
  SOCKET("socket"),
  STATX("statx"),
  SYSCALL("syscall"),
  WAITID("waitid"),
  WRITE("write");

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle CALL =
      LINKER.downcallHandle(
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          Linker.Option.captureCallState("errno"));
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final int ERRNO = offset("errno");
  private static final ThreadLocal<CallState> THREAD_STATE = ThreadLocal.withInitial(CallState::new);

  /** Where a call leaves errno; for one thread at a time. */
  static final class CallState {
    private final ByteBuffer bytes = ByteBuffer.allocateDirect((int) STATE.byteSize()).order(ByteOrder.nativeOrder());
    private final MemorySegment segment = MemorySegment.ofBuffer(bytes);

    private int errno() {
      return bytes.getInt(ERRNO);
    }
  }

  /** What a layout's path would say, which takes the JDK six classes made at run time. */
  private static int offset(String member) {
    long offset = 0;
    for (MemoryLayout it : ((StructLayout) STATE).memberLayouts()) {
      if (it.name().filter(member::equals).isPresent()) return (int) offset;
      offset += it.byteSize();
    }
    throw new IllegalStateException("internal error: the state of a call has no " + member);
  }

  private final MemorySegment address;

  Libc(String symbol) {
    // not a field: an enum's constants are made before its static fields
    address =
        Linker.nativeLinker()
            .defaultLookup()
            .or(SymbolLookup.loaderLookup())
            .find(symbol)
            .orElseThrow(() -> new IllegalStateException("internal error: libc has no " + symbol));
  }

  /** An int function's result; where that is -1, the negative errno instead. */
  int call(long a, long b, long c, long d, long e, long f) {
    CallState state = THREAD_STATE.get();
    int result = (int) invoke(state, a, b, c, d, e, f);
    return result == -1 ? -state.errno() : result;
  }

  int call(long a, long b, long c, long d) {
    return call(a, b, c, d, 0, 0);
  }

  int call(long a, long b, long c) {
    return call(a, b, c, 0);
  }

  int call(long a, long b) {
    return call(a, b, 0, 0);
  }

  int call(long a) {
    return call(a, 0, 0, 0);
  }

  /** The same of a function that returns a 64-bit number: read, write, lseek. */
  long count(long a, long b, long c) {
    return count(THREAD_STATE.get(), a, b, c);
  }

  /** For calls so many that even the look for the thread's own state would show. */
  long count(CallState state, long a, long b, long c) {
    long result = invoke(state, a, b, c, 0, 0, 0);
    return result == -1 ? -state.errno() : result;
  }

  /** For the posix_spawn family, which returns an errno instead of setting it: 0, or the negative errno. */
  int check(long a, long b, long c, long d, long e, long f) {
    return -(int) invoke(THREAD_STATE.get(), a, b, c, d, e, f);
  }

  /** Whether a function that returns a pointer returned none. */
  boolean isNull(long a, long b) {
    return invoke(THREAD_STATE.get(), a, b, 0, 0, 0, 0) == 0;
  }

  private long invoke(CallState state, long a, long b, long c, long d, long e, long f) {
    try {
      return (long) CALL.invokeExact(address, state.segment, a, b, c, d, e, f);
    } catch (Throwable impossible) {
      throw new IllegalStateException("internal error: calling " + name(), impossible);
    }
  }
}
