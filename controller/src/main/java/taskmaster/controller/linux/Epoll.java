package taskmaster.controller.linux;

import java.util.function.LongConsumer;

/** Waits for descriptors to become readable (epoll(7), level-triggered), and for {@link #wake} (eventfd(2)). */
public final class Epoll implements AutoCloseable {
  private static final int EPOLLIN = 1;
  private static final int CTL_ADD = 1;
  private static final int CTL_DEL = 2;
  private static final int MOST = 512;
  private static final long WAKE = Long.MIN_VALUE;
  private static final int EFD_NONBLOCK_CLOEXEC = 04000 | 02000000;

  /** struct epoll_event is packed on x86-64 and nowhere else. */
  private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");

  private static final int DATA = PACKED ? 4 : 8;
  private static final int STRIDE = PACKED ? 12 : 16;

  private final int epoll;
  private final int eventfd;
  private final NativeBuffer ready = new NativeBuffer(STRIDE * MOST);
  private final NativeBuffer counter = new NativeBuffer(8);
  private int readyCount;

  public Epoll() {
    epoll = Libc.EPOLL_CREATE1.call(Fd.O_CLOEXEC);
    eventfd = Libc.EVENTFD.call(0, EFD_NONBLOCK_CLOEXEC);
    if (epoll < 0 || eventfd < 0) {
      throw new IllegalStateException("cannot watch processes: " + Errno.text(Math.min(epoll, eventfd)));
    }
    add(eventfd, WAKE);
  }

  /** Tells {@code token} to {@link #poll}'s hearer whenever the descriptor is readable. */
  public int add(int fd, long token) {
    Scratch scratch = Scratch.of(0);
    int event = scratch.struct(STRIDE);
    scratch.putInt(event, EPOLLIN);
    scratch.putLong(event + DATA, token);
    return Libc.EPOLL_CTL.call(epoll, CTL_ADD, fd, scratch.address(event));
  }

  public void remove(int fd) {
    Libc.EPOLL_CTL.call(epoll, CTL_DEL, fd, 0);
  }

  /**
   * Waits at most so long, then tells the hearer the tokens of what is readable.
   *
   * @param millis 0: only look; -1: for ever
   */
  public void poll(int millis, LongConsumer hearer) {
    poll(millis);
    forEachReady(hearer);
  }

  /** Waits at most so long. */
  public void poll(int millis) {
    readyCount = Libc.EPOLL_WAIT.call(epoll, ready.address(), MOST, millis);
  }

  /** Of what the last {@link #poll} found readable. */
  public void forEachReady(LongConsumer hearer) {
    for (int i = 0; i < readyCount; i++) {
      long token = ready.getLong(i * STRIDE + DATA);
      if (token == WAKE) Fd.read(eventfd, counter);
      else hearer.accept(token);
    }
  }

  /** From any thread. */
  public void wake() {
    Scratch scratch = Scratch.of(0);
    int one = scratch.struct(8);
    scratch.putLong(one, 1);
    Libc.WRITE.count(eventfd, scratch.address(one), 8);
  }

  @Override
  public void close() {
    Fd.close(epoll);
    Fd.close(eventfd);
  }
}
