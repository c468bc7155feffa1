package taskmaster.controller.linux;

import org.jspecify.annotations.Nullable;
import taskmaster.api.Exit;

/** What the loop's one epoll does for descriptors that are no run's. */
interface Watching {
  /** The descriptor, or the negative errno. */
  int openPidfd(int pid);

  /** Calls {@code ready}, on the loop's thread, whenever the descriptor is readable. */
  void watch(int fd, Runnable ready);

  /** Stops that, and closes the descriptor. */
  void forget(int fd);

  /** How a child of ours ended, leaving it unreaped; null if it has not. */
  @Nullable Exit exitOf(int pid);

  /** Frees a child of ours that has ended, or is about to. */
  void reap(int pid);
}
