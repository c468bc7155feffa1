package taskmaster.controller.linux;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Starts children from threads of its own that have no descriptors but 0, 1 and 2. A child begins with a copy of its
 * parent's table of descriptors: with the daemon's, of five for each program, a start would cost more the more programs
 * there are (at 5000 descriptors two thirds of it). Meanwhile the loop's thread makes the next program ready. More than
 * one, since posix_spawn(3) returns only once the child has become the program.
 */
final class Launcher implements AutoCloseable {
  private static final long CLOSE_RANGE = 436;
  private static final long CLOSE_RANGE_UNSHARE = 2;
  private static final long ALL = 0xffffffffL;

  static final int THREADS = 2;

  private final Spawner spawner = new Spawner();
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(THREADS, THREADS, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Thread.ofPlatform().name("launcher").daemon().factory());
  private final ThreadLocal<Integer> starts = ThreadLocal.withInitial(() -> 0);

  /**
   * What a process is to be.
   *
   * @param setsFileLimit it sets RLIMIT_NOFILE itself, sooner or later than we could
   */
  record Order(
      Path program, List<String> argv, Environment.OfChild env, Path workingdir, Outputs.Streams streams, boolean setsFileLimit) {}

  Launcher() {
    threads.prestartAllCoreThreads(); // later there may be none to be had (pids.max), and no start to be begun without
  }

  Future<Integer> begin(Order order) {
    return threads.submit(() -> start(order));
  }

  private int start(Order order) {
    int pid = spawner.spawn(order.program(), order.argv(), order.env(), order.workingdir(), order.streams());
    if (pid > 0 && !order.setsFileLimit()) FileLimit.giveBack(pid);
    int started = starts.get() + 1;
    starts.set(started);
    // not before the second one: the classes that this takes, and to wait for the next order, are read from files
    if (started == 2) Libc.SYSCALL.call(CLOSE_RANGE, 3, ALL, CLOSE_RANGE_UNSHARE); // where that fails, it is only slower
    return pid;
  }

  /** The pid, or the negative errno. */
  static int pid(Future<Integer> begun) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return begun.get();
        } catch (InterruptedException e) {
          interrupted = true; // a child that is being made cannot be left to itself
        } catch (ExecutionException e) {
          throw new IllegalStateException(e.getCause());
        }
      }
    } finally {
      if (interrupted) Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
