package taskmaster.controller.linux;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which threads are not in a hurry (sched(7)). Where the kernel refuses that, those that are come a little later. */
public final class Scheduling {
  private static final int SCHED_OTHER = 0;
  private static final int SCHED_BATCH = 3;
  private static final Path OWN_THREADS = Path.of("/proc/self/task");

  private Scheduling() {}

  /**
   * The calling thread takes nobody's processor away when it is woken: it goes on when that one waits. Where the daemon was
   * started with a policy of its own (chrt(1)), that stays.
   */
  public static void giveWay() {
    giveWay(0);
  }

  /** The same for the JVM's compiler. */
  public static void letTheCompilerGiveWay() {
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(OWN_THREADS)) {
      for (Path thread : threads) if (isCompiler(thread)) giveWay(Integer.parseInt(thread.getFileName().toString()));
    } catch (IOException | DirectoryIteratorException cannotLook) {
      return; // it goes on as it is
    }
  }

  /** "C1 CompilerThread0" in the 15 characters that a name may have. */
  private static boolean isCompiler(Path thread) {
    try {
      return Files.readString(thread.resolve("comm")).contains(" CompilerThre");
    } catch (IOException ended) {
      return false;
    }
  }

  private static void giveWay(int thread) {
    if (Libc.SCHED_GETSCHEDULER.call(thread) != SCHED_OTHER) return;
    Scratch scratch = Scratch.of(0);
    int priority = scratch.struct(Integer.BYTES);
    Libc.SCHED_SETSCHEDULER.call(thread, SCHED_BATCH, scratch.address(priority));
  }
}
