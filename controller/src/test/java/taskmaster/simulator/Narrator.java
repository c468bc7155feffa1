package taskmaster.simulator;

import java.util.List;
import org.jspecify.annotations.Nullable;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Transition;

/** Writes down what happens, a line each, where somebody wants to read it. */
final class Narrator {
  private final Machine machine;
  private final @Nullable List<String> trace;

  Narrator(Machine machine, @Nullable List<String> trace) {
    this.machine = machine;
    this.trace = trace;
  }

  void note(Object what) {
    if (trace != null) trace.add(Known.millis(machine.now()) + "  " + brief(what));
  }

  /** Without the specs, which the file tells. */
  private static String brief(Object what) {
    return switch (what) {
      case Action.Spawn s -> "spawn " + s.id() + " run " + s.run();
      case Action.Signal s -> s.signal() + " to " + s.id() + " run " + s.run() + " " + s.reach() + " " + s.purpose();
      case Action.Probe p -> "probe " + p.number() + " " + p.kind() + " of " + p.id() + " run " + p.run();
      case Action.GiveUp g -> "give up probe " + g.number() + " " + g.kind() + " of " + g.id() + " run " + g.run();
      case Transition.ReadyChanged r -> "told: " + r.id() + (r.ready() ? " is ready" : " is not ready: " + r.detail());
      case Transition.HealthChanged h -> "told: " + h.id() + (h.healthy() ? " is healthy" : " is unhealthy: " + h.detail());
      case Transition.Started s -> "told: started " + s.id() + " run " + s.run().number();
      case Transition.Exited e -> "told: exited " + e.id() + " run " + e.run().number() + " " + e.exit();
      case Transition.Stopped s -> "told: stopped " + s.id() + " run " + s.end().run();
      case Transition.BackedOff b -> "told: backoff " + b.id() + " " + b.reason();
      case Transition.Failed f -> "told: fatal " + f.id() + " " + f.reason();
      case Transition.PhaseChanged c -> c.id() + " " + c.from() + " -> " + c.to() + " " + c.reason();
      default -> what.toString();
    };
  }
}
