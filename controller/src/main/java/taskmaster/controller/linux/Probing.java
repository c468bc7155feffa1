package taskmaster.controller.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Check;
import taskmaster.api.Checks;
import taskmaster.api.InstanceId;
import taskmaster.api.Probe;
import taskmaster.api.ProgramSpec;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.probes.NetworkProbes;

/** All probes of all runs; made when the first is asked for. Used by the loop's thread, unless said otherwise. */
final class Probing {
  /** Begins a command; it hears of the errno where it cannot be started. */
  interface Starter {
    void start(Action.Probe probe, Probe.Exec exec, ExecProbes execs, Consumer<String> refused);
  }

  private final Outputs outputs;
  private final Runnable wake;
  private final Starter starter;
  private final Queue<Event> told = new ConcurrentLinkedQueue<>();
  private final Queue<Heard.Word> words = new ConcurrentLinkedQueue<>();
  private final Heard heard = new Heard();
  private final ExecProbes execs;
  private final NotifySockets sockets;
  private @Nullable NetworkProbes network;

  Probing(Outputs outputs, Path folder, String daemonId, Watching watching, Set<Integer> pids, Runnable wake, Starter starter) {
    this.outputs = outputs;
    this.wake = wake;
    this.starter = starter;
    this.execs = new ExecProbes(watching, pids, told::add);
    this.sockets = new NotifySockets(folder, daemonId, watching, new NotifySockets.Hearer() {
      @Override
      public void said(Heard.Word word) {
        words.add(word);
      }

      @Override
      public void status(InstanceId id, long run, String status) {
        told.add(new Event.Said(id, run, status));
      }
    });
  }

  static boolean isNeededBy(ProgramSpec spec) {
    return isNotify(spec.policy().checks().ready()) || isNotify(spec.policy().checks().health());
  }

  private static boolean isNotify(@Nullable Check check) {
    return check != null && check.probe() instanceof Probe.Notify;
  }

  /** Makes the socket of a run that has one; what its environment says of that. */
  Map<String, String> openSocket(InstanceId id, long run, ProgramSpec spec) throws IOException {
    Map<String, String> env = new HashMap<>();
    env.put("NOTIFY_SOCKET", sockets.open(id, run, spec.shape().attributes().identity()).toString());
    Check health = spec.policy().checks().health();
    if (health != null && isNotify(health)) env.put("WATCHDOG_USEC", Long.toString(health.timeout().toNanos() / 1000));
    return env;
  }

  void begin(Action.Probe probe, MonoTime now) {
    switch (probe.check().probe()) {
      case Probe.Exec exec -> starter.start(probe, exec, execs, why -> told.add(ExecProbes.answered(probe, why)));
      case Probe.Http http -> network().begin(probe);
      case Probe.Tcp tcp -> network().begin(probe);
      case Probe.Log log -> {
        heard.ask(probe, now);
        outputs.find(probe.run(), probe.kind(), log.pattern());
      }
      case Probe.Notify notify -> heard.ask(probe, now);
    }
  }

  private NetworkProbes network() {
    NetworkProbes made = network;
    if (made == null) {
      made = new NetworkProbes(this::answered);
      network = made;
    }
    return made;
  }

  /** From any thread. */
  private void answered(Event.Answered answer) {
    told.add(answer);
    wake.run();
  }

  /** A line that was looked for was written. From any thread. */
  void found(long run, Checks.Kind kind) {
    words.add(new Heard.Word(run, kind, false));
    wake.run();
  }

  /** To be called before anybody looks for processes that nobody knows. */
  void settle() {
    execs.settle();
  }

  /** When there is something to tell though no descriptor is readable. */
  MonoTime next(MonoTime now) {
    hearWords();
    if (!told.isEmpty()) return now;
    MonoTime next = heard.next();
    return next == null ? MonoTime.NEVER : next;
  }

  void tell(MonoTime now, Consumer<Event> hearer) {
    hearWords();
    heard.tell(now, hearer);
    for (Event event = told.poll(); event != null; event = told.poll()) hearer.accept(event);
  }

  private void hearWords() {
    for (Heard.Word word = words.poll(); word != null; word = words.poll()) heard.hear(word);
  }

  void giveUp(long run, Checks.Kind kind) {
    execs.end(run, kind);
    heard.end(run, kind);
    NetworkProbes net = network;
    if (net != null) net.end(run, kind);
  }

  /** The run ends: nobody asks it any more. */
  void end(long run) {
    for (Checks.Kind kind : Checks.Kind.values()) giveUp(run, kind);
  }

  /** Nothing of the run is left. */
  void gone(long run) {
    end(run);
    hearWords();
    heard.forget(run);
    sockets.close(run);
  }

  NotifySockets sockets() {
    return sockets;
  }

  void close() {
    execs.close();
    sockets.close();
    NetworkProbes net = network;
    if (net != null) net.close();
  }
}
