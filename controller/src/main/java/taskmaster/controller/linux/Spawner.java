package taskmaster.controller.linux;

import java.nio.file.Path;
import java.util.List;

/** posix_spawn(3): a child in a session of its own, no signal blocked or ignored, no descriptor but 0, 1 and 2. */
final class Spawner {
  private static final int SETSIGDEF = 0x04;
  private static final int SETSIGMASK = 0x08;
  private static final int SETSID = 0x80;

  /** glibc's sizes on 64-bit machines, with room to spare. */
  private static final int ATTR_SIZE = 512;

  private static final int ACTIONS_SIZE = 128;
  private static final int SIGSET_SIZE = 128;

  /** What posix_spawn(3) is told of them, and three paths of the daemon's own making. */
  private static final int ROOM_FOR_STREAMS = 16 << 10;

  private static final NativeBuffer NONE = new NativeBuffer(0);

  private final NativeBuffer attr = new NativeBuffer(ATTR_SIZE);

  Spawner() {
    Scratch scratch = Scratch.of(2 * Scratch.room(SIGSET_SIZE));
    long none = scratch.address(scratch.struct(SIGSET_SIZE));
    long all = scratch.address(scratch.struct(SIGSET_SIZE));
    for (int signal = 1; signal <= 64; signal++) Libc.SIGADDSET.call(all, signal);
    Libc.POSIX_SPAWNATTR_INIT.check(attr.address(), 0, 0, 0, 0, 0);
    Libc.POSIX_SPAWNATTR_SETFLAGS.check(attr.address(), SETSID | SETSIGMASK | SETSIGDEF, 0, 0, 0, 0);
    Libc.POSIX_SPAWNATTR_SETSIGMASK.check(attr.address(), none, 0, 0, 0, 0);
    Libc.POSIX_SPAWNATTR_SETSIGDEFAULT.check(attr.address(), all, 0, 0, 0, 0);
  }

  /** The pid, or the negative errno. */
  int spawn(Path program, List<String> argv, Environment.OfChild env, Path workingdir, Outputs.Streams streams) {
    String file = program.toString();
    String dir = workingdir.toString();
    Scratch scratch = Scratch.of(ROOM_FOR_STREAMS + Scratch.room(file) + Scratch.room(dir) + room(argv) + room(env.own()) + (int) env.inherited().size());
    int actions = scratch.struct(ACTIONS_SIZE);
    long a = scratch.address(actions);
    Libc.POSIX_SPAWN_FILE_ACTIONS_INIT.check(a, 0, 0, 0, 0, 0);
    try {
      FileActions child = new FileActions(scratch, a);
      child.opens(0, "/dev/null", Fd.O_RDONLY);
      streams.stdout().lead(1, child);
      streams.stderr().lead(2, child);
      Libc.POSIX_SPAWN_FILE_ACTIONS_ADDCLOSEFROM_NP.check(a, 3, 0, 0, 0, 0);
      Libc.POSIX_SPAWN_FILE_ACTIONS_ADDCHDIR_NP.check(a, scratch.stringAt(dir), 0, 0, 0, 0);
      int pid = scratch.struct(Integer.BYTES);
      long words = strings(scratch, NONE, argv);
      long variables = strings(scratch, env.inherited(), env.own());
      int result = Libc.POSIX_SPAWN.check(scratch.address(pid), scratch.stringAt(file), a, attr.address(), words, variables);
      return result < 0 ? result : scratch.getInt(pid);
    } finally {
      Libc.POSIX_SPAWN_FILE_ACTIONS_DESTROY.check(a, 0, 0, 0, 0, 0);
    }
  }

  private record FileActions(Scratch scratch, long address) implements Outputs.Child {
    @Override
    public void opens(int fd, String path, int flags) {
      Libc.POSIX_SPAWN_FILE_ACTIONS_ADDOPEN.check(address, fd, scratch.stringAt(path), flags, 0, 0);
    }

    @Override
    public void copies(int from, int fd) {
      Libc.POSIX_SPAWN_FILE_ACTIONS_ADDDUP2.check(address, from, fd, 0, 0, 0);
    }
  }

  /** A null-terminated array of C strings, of which some lie ready. */
  private static long strings(Scratch scratch, NativeBuffer ready, List<String> others) {
    int array = scratch.struct((int) ready.size() + (others.size() + 1) * Long.BYTES);
    scratch.put(array, ready);
    int at = array + (int) ready.size();
    for (String s : others) {
      scratch.putLong(at, scratch.stringAt(s));
      at += Long.BYTES;
    }
    return scratch.address(array);
  }

  private static int room(List<String> strings) {
    int room = Scratch.room((strings.size() + 1) * Long.BYTES);
    for (String s : strings) room += Scratch.room(s);
    return room;
  }
}
