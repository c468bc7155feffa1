package taskmaster.controller.alerts;

import static net.logstash.logback.argument.StructuredArguments.kv;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import taskmaster.api.Durations;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.End;
import taskmaster.controller.core.Run;
import taskmaster.controller.core.Transition;

/** Puts what the loop did into words, on a thread of its own: a disk that is slow does not slow the loop. */
public final class Teller implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Teller.class);
  private static final Logger ALERTS = LoggerFactory.getLogger(Logs.ALERTS);
  private static final int MOST_WAITING = 200_000;
  private static final long PATIENCE_NANOS = 1_000_000_000;
  private static final Runnable STOP = () -> {};

  private final LinkedBlockingQueue<Runnable> waiting = new LinkedBlockingQueue<>(MOST_WAITING);
  private final AtomicLong untold = new AtomicLong();
  private final AtomicLong given = new AtomicLong();
  private final AtomicLong done = new AtomicLong();
  private final AlertAppender appender;
  private final LongSupplier nanoTime;
  private volatile long tick;
  private volatile boolean busy;
  private volatile long busySince;
  private Runnable first = () -> {};
  private final Thread thread = Thread.ofPlatform().name("teller").daemon().unstarted(this::run);

  public Teller(AlertAppender appender) {
    this(appender, System::nanoTime);
  }

  Teller(AlertAppender appender, LongSupplier nanoTime) {
    this.appender = appender;
    this.nanoTime = nanoTime;
  }

  /** @param first what has to be there before anything can be told */
  public void start(Runnable first) {
    this.first = first;
    thread.start();
  }

  private void run() {
    tell(first);
    try {
      while (true) {
        Runnable next = waiting.poll(1, TimeUnit.SECONDS);
        if (next == STOP) return;
        letTheLoopGoFirst();
        if (next == null) appender.flush();
        else tell(next);
        if (next != null) done.incrementAndGet();
        long missed = untold.getAndSet(0);
        if (missed > 0) LOG.error("{} events could not be told: the disk was too slow for them", missed);
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  private void letTheLoopGoFirst() {
    long waited;
    while (busy && (waited = nanoTime.getAsLong() - busySince) < PATIENCE_NANOS && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(this, PATIENCE_NANOS - waited);
    }
  }

  private static void tell(Runnable what) {
    try {
      what.run();
    } catch (RuntimeException | OutOfMemoryError | LinkageError e) {
      LOG.error("internal error: cannot tell what happened", e);
    }
  }

  private void later(Runnable what) {
    long during = tick;
    if (waiting.offer(during == 0 ? what : () -> tellOf(during, what))) given.incrementAndGet();
    else untold.incrementAndGet();
  }

  private static void tellOf(long tick, Runnable what) {
    MDC.put("tick", Long.toString(tick));
    try {
      what.run();
    } finally {
      MDC.remove("tick");
    }
  }

  /**
   * From the loop's thread: whether it has more to do than one tick does. What is to be told waits meanwhile, a second at
   * the most: to put a start of a thousand into words takes the processor from the start.
   */
  public void busy(boolean isBusy) {
    if (isBusy && !busy) busySince = nanoTime.getAsLong();
    busy = isBusy;
    if (!isBusy) LockSupport.unpark(thread);
  }

  /** From the loop's thread: what is told from here on belongs to this tick. */
  public void ticking(long number) {
    tick = number;
  }

  /** Whether all that was given so far is on disk. */
  public boolean allTold() {
    return done.get() == given.get() && appender.isWritten();
  }

  /** From the loop's thread: returns at once. */
  public void transition(Transition transition) {
    transition(transition, Instant.now());
  }

  /** @param time when it happened, where that is not now */
  public void transition(Transition transition, Instant time) {
    later(() -> tell(transition, time));
  }

  public void action(Action action) {
    switch (action) {
      case Action.Scale s -> {
        if (s.to() > s.from()) {
          later(() -> LOG.info("Increasing '{}' {} -> {}", s.program(), s.from(), s.to(), kv("program", s.program()), kv("action", "scale")));
        } else if (s.to() < s.from()) {
          later(() -> LOG.debug("Decreasing '{}' {} -> {}", s.program(), s.from(), s.to(), kv("program", s.program()), kv("action", "scale")));
        }
      }
      case Action.Signal s ->
          later(() -> {
            String reach = s.reach().name().toLowerCase(java.util.Locale.ROOT);
            if (s.purpose() == Action.Purpose.KILL_AGAIN) {
              LOG.debug("{}: sending KILL again", with("signal", s.id()));
            } else if (s.purpose() == Action.Purpose.KILL) {
              LOG.warn("{}: sending KILL, also to all that it started", with("signal", s.id()));
            } else {
              LOG.info("{}: sending {} ({})", with("signal", s.id(), s.signal(), reach));
            }
          });
      case Action.StopCommand s ->
          later(() -> LOG.info("{}: running its stop command", with("stop", s.id())));
      case Action.Spawn s -> {}
      case Action.Reap r -> {}
      case Action.Probe p -> {}
      case Action.GiveUp g -> {}
    }
  }

  /** An alert that is not about an instance. */
  public void alert(String event, Map<String, Object> payload) {
    Alert alert = new Alert(Instant.now(), event, payload);
    later(() -> emit(alert));
  }

  public void error(String message) {
    later(() -> LOG.error("{}", message));
  }

  public void info(String message) {
    later(() -> LOG.info("{}", message));
  }

  private static void emit(Alert alert) {
    ALERTS.info(alert.event(), alert);
  }

  private static void tell(Transition transition, Instant time) {
    InstanceId id = transition.id();
    Map<String, Object> payload = new LinkedHashMap<>();
    payload.put("program", id.program());
    payload.put("instance", id.toString());
    switch (transition) {
      case Transition.Started(InstanceId i, Run run) -> {
        payload.put("pid", run.pid());
        payload.put("run", run.number());
        log("spawn", "{} started (pid {})", id, run.pid());
        emit(new Alert(time, "process_started", payload));
      }
      case Transition.Exited(InstanceId i, Run run, Exit exit, var at, boolean expected) -> {
        ended(payload, run.pid(), run.number(), exit, at.since(run.startedAt()));
        payload.put("expected", expected);
        String after = Durations.show(at.since(run.startedAt()));
        if (expected) log("exit", "{} exited with {} after {}, expected", id, exit, after);
        else warn("exit", "{} exited with {} after {}, not expected", id, exit, after);
        emit(new Alert(time, "process_exited", payload));
      }
      case Transition.Stopped(InstanceId i, End end) -> {
        Exit exit = end.how() instanceof End.Exited(Exit e) ? e : new Exit.Unknown();
        ended(payload, end.pid(), end.run(), exit, end.lived());
        log("stop", "{} stopped ({})", id, exit);
        emit(new Alert(time, "process_stopped", payload));
      }
      case Transition.BackedOff(InstanceId i, End end, String reason) -> {
        payload.put("run", end.run());
        payload.put("reason", reason);
        warn("backoff", "{} {}", id, reason);
        emit(new Alert(time, "process_backoff", payload));
      }
      case Transition.Failed(InstanceId i, @Nullable End end, String reason) -> {
        if (end != null) payload.put("run", end.run());
        payload.put("reason", reason);
        LOG.error("{} is FATAL: {}", with("give_up", id, reason));
        emit(new Alert(time, "process_fatal", payload));
      }
      case Transition.ReadyChanged(InstanceId i, Run run, boolean ready, String detail) -> {
        payload.put("run", run.number());
        if (!ready) payload.put("reason", detail);
        if (ready) log("ready", "{} is ready", id);
        else warn("ready", "{} is not ready: {}", id, detail);
        emit(new Alert(time, ready ? "process_ready" : "process_not_ready", payload));
      }
      case Transition.HealthChanged(InstanceId i, Run run, boolean healthy, String detail) -> {
        payload.put("run", run.number());
        if (!healthy) payload.put("reason", detail);
        if (healthy) log("health", "{} is healthy again", id);
        else warn("health", "{} is unhealthy: {}", id, detail);
        emit(new Alert(time, healthy ? "process_healthy" : "process_unhealthy", payload));
      }
      case Transition.StopCommandFailed(InstanceId i, Run run, String why) -> {
        payload.put("run", run.number());
        payload.put("reason", why);
        warn("stop", "{}: its stop command failed: {}", id, why);
        emit(new Alert(time, "process_stop_command_failed", payload));
      }
      case Transition.Blocked(InstanceId i, String reason) -> {
        payload.put("reason", reason);
        warn("blocked", "{} cannot start: {}", id, reason);
        emit(new Alert(time, "process_blocked", payload));
      }
      case Transition.PhaseChanged c -> {
        if (LOG.isDebugEnabled()) LOG.debug("{} {} -> {} {}", with("phase", id, c.from(), c.to(), c.reason()));
      }
    }
  }

  private static void log(String action, String message, InstanceId id, Object... arguments) {
    LOG.info(message, with(action, id, arguments));
  }

  private static void warn(String action, String message, InstanceId id, Object... arguments) {
    LOG.warn(message, with(action, id, arguments));
  }

  /** The message's arguments, and the fields that each line about an instance has. */
  private static Object[] with(String action, InstanceId id, Object... arguments) {
    List<Object> all = new ArrayList<>();
    all.add(id);
    all.addAll(List.of(arguments));
    all.add(kv("program", id.program()));
    all.add(kv("instance", id.toString()));
    all.add(kv("action", action));
    return all.toArray();
  }

  private static void ended(Map<String, Object> payload, int pid, long run, Exit exit, Duration uptime) {
    payload.put("pid", pid);
    payload.put("run", run);
    switch (exit) {
      case Exit.Code(int code) -> payload.put("exit_code", code);
      case Exit.Killed(var signal, boolean core) -> {
        payload.put("signal", signal.name());
        if (core) payload.put("core_dumped", true);
      }
      case Exit.Unknown() -> payload.put("exit", "unknown");
    }
    payload.put("uptime_seconds", Math.max(0, uptime.toMillis()) / 1000.0);
  }

  /** Tells what is waiting, then ends. */
  @Override
  public void close() {
    try {
      waiting.put(STOP);
      thread.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
