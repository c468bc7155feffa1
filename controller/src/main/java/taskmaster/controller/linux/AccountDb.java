package taskmaster.controller.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The system's users and groups, from wherever nsswitch.conf(5) has them. All methods throw IllegalArgumentException where it cannot tell. */
public final class AccountDb {
  private static final int PASSWD_SIZE = 48;
  private static final int GROUP_SIZE = 32;
  private static final int FIRST_BUFFER = 4096;
  private static final int LARGEST_BUFFER = 1 << 22;
  private static final int EBADF = 9;
  private static final int ERANGE = 34;

  private AccountDb() {}

  /** What becomes of a struct passwd (getpwnam(3)). */
  public interface OfUser<T> {
    T of(String name, long uid, long gid, String home, String shell);
  }

  /** What becomes of a struct group (getgrnam(3)). */
  public interface OfGroup<T> {
    T of(String name, long gid);
  }

  public static <T> Optional<T> user(String name, OfUser<T> maker) {
    return find(Libc.GETPWNAM_R, "user " + name, name, 0, PASSWD_SIZE, found -> user(found, maker));
  }

  public static <T> Optional<T> user(long uid, OfUser<T> maker) {
    return find(Libc.GETPWUID_R, "user " + uid, null, uid, PASSWD_SIZE, found -> user(found, maker));
  }

  public static <T> Optional<T> group(String name, OfGroup<T> maker) {
    return find(Libc.GETGRNAM_R, "group " + name, name, 0, GROUP_SIZE, found -> group(found, maker));
  }

  public static <T> Optional<T> group(long gid, OfGroup<T> maker) {
    return find(Libc.GETGRGID_R, "group " + gid, null, gid, GROUP_SIZE, found -> group(found, maker));
  }

  private static <T> T user(Found f, OfUser<T> maker) {
    return maker.of(f.text(0), f.id(16), f.id(20), f.text(32), f.text(40));
  }

  private static <T> T group(Found f, OfGroup<T> maker) {
    return maker.of(f.text(0), f.id(16));
  }

  /** A filled-in struct; what its pointers lead to lies in the buffer behind it. */
  private record Found(MemorySegment memory) {
    long id(long offset) {
      return Integer.toUnsignedLong(memory.get(JAVA_INT, offset));
    }

    String text(long offset) {
      long at = memory.get(JAVA_LONG, offset) - memory.address();
      return at < 0 || at >= memory.byteSize() ? "" : memory.getString(at);
    }
  }

  private static <T> Optional<T> find(Libc by, String what, @Nullable String name, long id, int structSize, Function<Found, T> maker) {
    for (int size = FIRST_BUFFER; size <= LARGEST_BUFFER; size *= 4) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment memory = arena.allocate(structSize + size, 8);
        MemorySegment result = arena.allocate(8, 8);
        long key = name == null ? id : arena.allocateFrom(name).address();
        int errno = -by.check(key, memory.address(), memory.address() + structSize, size, result.address(), 0);
        if (errno == ERANGE) continue;
        if (result.get(JAVA_LONG, 0) != 0) return Optional.of(maker.apply(new Found(memory)));
        // several of these may mean that there is none (getpwnam(3))
        if (errno == 0 || errno == Errno.ENOENT || errno == Errno.ESRCH || errno == EBADF || errno == Errno.EPERM) return Optional.empty();
        throw new IllegalArgumentException("cannot look up " + what + ": " + Errno.text(errno));
      }
    }
    throw new IllegalArgumentException("cannot look up " + what + ": its entry is too long");
  }

  /** All groups of a user, {@code gid} among them (getgrouplist(3)). */
  public static List<Long> groups(String user, long gid) {
    int room = 64;
    for (int attempt = 0; attempt < 3; attempt++) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment groups = arena.allocate(room * 4L, 4);
        MemorySegment count = arena.allocateFrom(JAVA_INT, room);
        int result = Libc.GETGROUPLIST.check(arena.allocateFrom(user).address(), gid, groups.address(), count.address(), 0, 0);
        int there = count.get(JAVA_INT, 0);
        if (result <= 0) return ids(groups, there); // check() turns the sign: -1 is "too small"
        room = Math.max(there, room * 4);
      }
    }
    throw new IllegalArgumentException("cannot look up the groups of " + user + ": they are too many");
  }

  /** The supplementary groups of this process (getgroups(2)). */
  public static List<Long> ownGroups() {
    try (Arena arena = Arena.ofConfined()) {
      int most = 65_536; // NGROUPS_MAX
      MemorySegment groups = arena.allocate(most * 4L, 4);
      return ids(groups, Math.max(0, Libc.GETGROUPS.call(most, groups.address())));
    }
  }

  public static long ownGid() {
    return Integer.toUnsignedLong(Libc.GETEGID.call(0));
  }

  private static List<Long> ids(MemorySegment groups, int count) {
    List<Long> ids = new ArrayList<>(count);
    for (int i = 0; i < count; i++) ids.add(Integer.toUnsignedLong(groups.getAtIndex(JAVA_INT, i)));
    return ids;
  }
}
