package taskmaster.controller.alerts;

import static net.logstash.logback.argument.StructuredArguments.kv;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
  private static final Runnable STOP = () -> {};

  private final LinkedBlockingQueue<Runnable> waiting = new LinkedBlockingQueue<>(MOST_WAITING);
  private final AtomicLong untold = new AtomicLong();
  private final AtomicLong given = new AtomicLong();
  private final AtomicLong done = new AtomicLong();
  private final AlertAppender appender;
  private final Thread thread = Thread.ofPlatform().name("teller").daemon().unstarted(this::run);

  public Teller(AlertAppender appender) {
    this.appender = appender;
  }

  public void start() {
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        Runnable next = waiting.poll(1, TimeUnit.SECONDS);
        if (next == STOP) return;
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

  private static void tell(Runnable what) {
    try {
      what.run();
    } catch (RuntimeException e) {
      LOG.error("internal error: cannot tell what happened", e);
    }
  }

  private void later(Runnable what) {
    if (waiting.offer(what)) given.incrementAndGet();
    else untold.incrementAndGet();
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
              LOG.debug("sending KILL to {} again", s.id());
            } else if (s.purpose() == Action.Purpose.KILL) {
              LOG.warn("sending KILL to {} and all that it started", s.id(), kv("program", s.id().program()), kv("instance", s.id().toString()), kv("action", "signal"));
            } else {
              LOG.info("sending {} to {} ({})", s.signal(), s.id(), reach, kv("program", s.id().program()), kv("instance", s.id().toString()), kv("action", "signal"));
            }
          });
      case Action.Spawn s -> {}
      case Action.Reap r -> {}
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
        log("{} started (pid {})", id, run.pid());
        emit(new Alert(time, "process_started", payload));
      }
      case Transition.Exited(InstanceId i, Run run, Exit exit, var at, boolean expected) -> {
        ended(payload, run.pid(), run.number(), exit, at.since(run.startedAt()));
        payload.put("expected", expected);
        String after = Durations.show(at.since(run.startedAt()));
        if (expected) log("{} exited with {} after {}, expected", id, exit, after);
        else warn("{} exited with {} after {}, not expected", id, exit, after);
        emit(new Alert(time, "process_exited", payload));
      }
      case Transition.Stopped(InstanceId i, End end) -> {
        Exit exit = end.how() instanceof End.Exited(Exit e) ? e : new Exit.Unknown();
        ended(payload, end.pid(), end.run(), exit, end.lived());
        log("{} stopped ({})", id, exit);
        emit(new Alert(time, "process_stopped", payload));
      }
      case Transition.BackedOff(InstanceId i, End end, String reason) -> {
        payload.put("run", end.run());
        payload.put("reason", reason);
        warn("{} {}", id, reason);
        emit(new Alert(time, "process_backoff", payload));
      }
      case Transition.Failed(InstanceId i, @Nullable End end, String reason) -> {
        if (end != null) payload.put("run", end.run());
        payload.put("reason", reason);
        LOG.error("{} is FATAL: {}", id, reason, kv("program", id.program()), kv("instance", id.toString()));
        emit(new Alert(time, "process_fatal", payload));
      }
      case Transition.PhaseChanged c ->
          LOG.debug("{} {} -> {} {}", id, c.from(), c.to(), c.reason(), kv("program", id.program()), kv("instance", id.toString()));
    }
  }

  private static void log(String message, InstanceId id, Object... arguments) {
    LOG.info(message, with(id, arguments));
  }

  private static void warn(String message, InstanceId id, Object... arguments) {
    LOG.warn(message, with(id, arguments));
  }

  private static Object[] with(InstanceId id, Object... arguments) {
    Object[] all = new Object[arguments.length + 3];
    all[0] = id;
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    all[all.length - 2] = kv("program", id.program());
    all[all.length - 1] = kv("instance", id.toString());
    return all;
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
