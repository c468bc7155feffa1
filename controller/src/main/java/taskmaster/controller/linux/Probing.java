package taskmaster.controller.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Check;
import taskmaster.api.Checks;
import taskmaster.api.InstanceId;
import taskmaster.api.Probe;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Shape;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.probes.NetworkProbes;

/** All probes of all runs. Used by the loop's thread, unless said otherwise. */
final class Probing {
  private final Outputs outputs;
  private final Watching watching;
  private final RunCommands commands;
  private final NotifySockets sockets;
  private final Queue<Event> told = new ConcurrentLinkedQueue<>();
  private final Queue<Heard.Word> words = new ConcurrentLinkedQueue<>();
  private final Heard heard = new Heard();
  private final Sayings sayings = new Sayings();
  private @Nullable NetworkProbes network;

  /** Hears which process a run calls its main process. */
  interface MainPids {
    void said(InstanceId id, long run, String pid);
  }

  Probing(Outputs outputs, Path folder, String daemonId, Watching watching, RunCommands commands, MainPids mainPids) {
    this.outputs = outputs;
    this.watching = watching;
    this.commands = commands;
    this.sockets = new NotifySockets(folder, daemonId, watching, new NotifySockets.Hearer() {
      @Override
      public void said(Heard.Word word) {
        words.add(word);
      }

      @Override
      public void status(InstanceId id, long run, String status) {
        sayings.say(new Event.Said(id, run, status));
      }

      @Override
      public void mainPid(InstanceId id, long run, String pid) {
        mainPids.said(id, run, pid);
      }
    });
    outputs.onFound(this::found);
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
      case Probe.Exec exec -> {
        Shape shape = probe.shape().with(exec.cmd(), Map.of());
        commands.begin(probe.id(), probe.run(), probe.kind().name(), shape, why -> told.add(answered(probe, why)));
      }
      case Probe.Http http -> network().begin(probe);
      case Probe.Tcp tcp -> network().begin(probe);
      case Probe.Log log -> {
        heard.ask(probe, now);
        outputs.find(probe.run(), probe.kind(), log.pattern());
      }
      case Probe.Notify notify -> heard.ask(probe, now);
    }
  }

  /** @param why it is bad; null: it is not */
  static Event.Answered answered(Action.Probe p, @Nullable String why) {
    return new Event.Answered(p.id(), p.run(), p.kind(), p.number(), p.check(), why == null, why == null ? "" : why);
  }

  private NetworkProbes network() {
    NetworkProbes made = network;
    if (made == null) {
      made = new NetworkProbes(this::tellLater);
      network = made;
    }
    return made;
  }

  /** From any thread. */
  private void tellLater(Event.Answered answer) {
    told.add(answer);
    watching.wake();
  }

  /** A line that was looked for was written. From any thread. */
  private void found(long run, Checks.Kind kind) {
    words.add(new Heard.Word(run, kind, false));
    watching.wake();
  }

  /** Hears what a run has said by now. */
  void hear(long run) {
    sockets.read(run);
  }

  /** The same of all. */
  void hearAll() {
    sockets.readAll();
  }

  /** When there is something to tell though no descriptor is readable. */
  MonoTime next(MonoTime now) {
    hearWords();
    if (!told.isEmpty()) return now;
    MonoTime next = sayings.next(now).earlierOf(sockets.next());
    MonoTime answer = heard.next();
    return answer == null ? next : next.earlierOf(answer);
  }

  void tell(MonoTime now, Consumer<Event> hearer) {
    hearWords();
    heard.tell(now, hearer);
    sayings.tell(now, hearer);
    sockets.resume(now);
    for (Event event = told.poll(); event != null; event = told.poll()) hearer.accept(event);
  }

  private void hearWords() {
    for (Heard.Word word = words.poll(); word != null; word = words.poll()) heard.hear(word);
  }

  void giveUp(long run, Checks.Kind kind) {
    commands.end(run, kind.name());
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
    sayings.forget(run);
    sockets.close(run);
  }

  /** Removes what the sockets of runs that are over have left. */
  void sweep() {
    sockets.sweep();
  }

  void close() {
    sockets.close();
    NetworkProbes net = network;
    if (net != null) net.close();
  }
}
