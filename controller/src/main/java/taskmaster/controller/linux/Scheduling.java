package taskmaster.controller.linux;

/** Which threads are not in a hurry (sched(7)). Where the kernel refuses that, those that are come a little later. */
public final class Scheduling {
  private static final int SCHED_BATCH = 3;

  private Scheduling() {}

  /** The calling thread takes nobody's processor away when it is woken: it goes on when that one waits. */
  public static void giveWay() {
    Scratch scratch = Scratch.of(0);
    int priority = scratch.struct(Integer.BYTES);
    Libc.SCHED_SETSCHEDULER.call(0, SCHED_BATCH, scratch.address(priority));
  }
}
