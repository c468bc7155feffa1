package taskmaster.controller.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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

  private final MemorySegment attr;

  Spawner() {
    Arena forever = Arena.global();
    attr = forever.allocate(ATTR_SIZE, 16);
    MemorySegment none = forever.allocate(SIGSET_SIZE, 8);
    MemorySegment all = forever.allocate(SIGSET_SIZE, 8);
    for (int signal = 1; signal <= 64; signal++) Libc.SIGADDSET.call(all.address(), signal);
    Libc.POSIX_SPAWNATTR_INIT.check(attr.address(), 0, 0, 0, 0, 0);
    Libc.POSIX_SPAWNATTR_SETFLAGS.check(attr.address(), SETSID | SETSIGMASK | SETSIGDEF, 0, 0, 0, 0);
    Libc.POSIX_SPAWNATTR_SETSIGMASK.check(attr.address(), none.address(), 0, 0, 0, 0);
    Libc.POSIX_SPAWNATTR_SETSIGDEFAULT.check(attr.address(), all.address(), 0, 0, 0, 0);
  }

  /** The pid, or the negative errno. */
  int spawn(Path program, List<String> argv, Environment.OfChild env, Path workingdir, Outputs.Streams streams) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment actions = arena.allocate(ACTIONS_SIZE, 16);
      long a = actions.address();
      Libc.POSIX_SPAWN_FILE_ACTIONS_INIT.check(a, 0, 0, 0, 0, 0);
      try {
        open(arena, a, 0, "/dev/null", Fd.O_RDONLY);
        stream(arena, a, 1, streams.stdout());
        stream(arena, a, 2, streams.stderr());
        Libc.POSIX_SPAWN_FILE_ACTIONS_ADDCLOSEFROM_NP.check(a, 3, 0, 0, 0, 0);
        long dir = arena.allocateFrom(workingdir.toString()).address();
        Libc.POSIX_SPAWN_FILE_ACTIONS_ADDCHDIR_NP.check(a, dir, 0, 0, 0, 0);
        MemorySegment pid = arena.allocate(JAVA_INT);
        int result =
            Libc.POSIX_SPAWN.check(
                pid.address(),
                arena.allocateFrom(program.toString()).address(),
                a,
                attr.address(),
                strings(arena, MemorySegment.NULL, argv).address(),
                strings(arena, env.inherited(), env.own()).address());
        return result < 0 ? result : pid.get(JAVA_INT, 0);
      } finally {
        Libc.POSIX_SPAWN_FILE_ACTIONS_DESTROY.check(a, 0, 0, 0, 0, 0);
      }
    }
  }

  private static void stream(Arena arena, long actions, int fd, Outputs.Stream stream) {
    switch (stream) {
      case Outputs.Stream.Fifo(Path path) -> open(arena, actions, fd, path.toString(), Fd.O_RDWR);
      case Outputs.Stream.DevNull() -> open(arena, actions, fd, "/dev/null", Fd.O_WRONLY);
      case Outputs.Stream.Inherited() -> {}
      case Outputs.Stream.SameAsStdout() ->
          Libc.POSIX_SPAWN_FILE_ACTIONS_ADDDUP2.check(actions, 1, fd, 0, 0, 0);
    }
  }

  private static void open(Arena arena, long actions, int fd, String path, int flags) {
    long name = arena.allocateFrom(path).address();
    Libc.POSIX_SPAWN_FILE_ACTIONS_ADDOPEN.check(actions, fd, name, flags, 0, 0);
  }

  /** A null-terminated array of C strings, of which some lie ready. */
  private static MemorySegment strings(Arena arena, MemorySegment ready, List<String> others) {
    MemorySegment array = arena.allocate(ready.byteSize() + (others.size() + 1L) * JAVA_LONG.byteSize(), JAVA_LONG.byteAlignment());
    MemorySegment.copy(ready, 0, array, 0, ready.byteSize());
    long i = ready.byteSize() / JAVA_LONG.byteSize();
    for (String s : others) array.setAtIndex(JAVA_LONG, i++, arena.allocateFrom(s).address());
    return array;
  }
}
