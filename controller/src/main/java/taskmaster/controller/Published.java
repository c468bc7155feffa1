package taskmaster.controller;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import taskmaster.api.logs.LogReader;
import taskmaster.controller.core.Goal;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Snapshot;
import taskmaster.controller.kernel.Kernel;

/** Where those wait who want to see the world in some state. */
final class Published {
  /** After whether a client is still there: each that waits has one of the connections. */
  private static final Duration LOOK_EVERY = Duration.ofSeconds(2);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Kernel kernel;
  private Snapshot latest;

  Published(Kernel kernel, Snapshot first) {
    this.kernel = kernel;
    this.latest = first;
  }

  void publish(Snapshot snapshot) {
    lock.lock();
    try {
      latest = snapshot;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** @throws IOException where the client has left meanwhile, or that cannot be told */
  Goal.State await(Goal goal, Duration atMost, LogReader.Audience client) throws InterruptedException, IOException {
    MonoTime until = kernel.now().plus(atMost);
    while (true) {
      Goal.State state = await(goal, until.earlierOf(kernel.now().plus(LOOK_EVERY)));
      if (!(state instanceof Goal.Pending) || kernel.now().reached(until)) return state;
      if (!client.isThere()) throw new IOException("the client has left");
    }
  }

  private Goal.State await(Goal goal, MonoTime until) throws InterruptedException {
    lock.lock();
    try {
      while (true) {
        MonoTime now = kernel.now();
        // judged as of the tick that published it: a phase that time alone has reached is not told before its tick
        Goal.State state = goal.state(latest, latest.at());
        if (!(state instanceof Goal.Pending) || now.reached(until)) return state;
        changed.await(until.since(now).toNanos(), TimeUnit.NANOSECONDS);
      }
    } finally {
      lock.unlock();
    }
  }
}
