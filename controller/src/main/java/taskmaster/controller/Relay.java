package taskmaster.controller;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import taskmaster.api.ProgramSpec;
import taskmaster.controller.alerts.Teller;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Snapshot;
import taskmaster.controller.core.Transition;
import taskmaster.controller.core.VitalEnd;
import taskmaster.controller.logs.Capture;

/** Hands on what the loop tells: to the log and the alerts, to what captures output, and to those who wait. */
final class Relay implements Loop.Listener {
  private static final int MOST_VIOLATIONS = 1000;

  private final Teller teller;
  private final Capture capture;
  private final Published published;
  private final Consumer<VitalEnd> ending;
  private final Set<String> violations = new HashSet<>();
  private Map<String, ProgramSpec> loggedBy = Map.of();

  /** @param ending what becomes of the daemon when something ends that it is there for */
  Relay(Teller teller, Capture capture, Published published, Consumer<VitalEnd> ending) {
    this.teller = teller;
    this.capture = capture;
    this.published = published;
    this.ending = ending;
  }

  @Override
  public void ticking(long number) {
    teller.ticking(number);
  }

  @Override
  public void ticked(boolean more) {
    teller.busy(more);
  }

  @Override
  public void acted(Action action) {
    teller.action(action);
  }

  @Override
  public void happened(List<Transition> transitions) {
    transitions.forEach(teller::transition);
  }

  @Override
  public void published(Snapshot snapshot) {
    Map<String, ProgramSpec> specs = snapshot.desired().specs();
    if (specs != loggedBy) capture.policies(specs);
    loggedBy = specs;
    published.publish(snapshot);
    VitalEnd.in(snapshot).ifPresent(ending);
  }

  @Override
  public void violated(String what) {
    if (!violations.add(what)) return; // it is told once, not at every tick
    if (violations.size() > MOST_VIOLATIONS) violations.clear();
    teller.error("internal error: " + what);
    teller.alert("invariant_violated", Map.of("what", what));
  }
}
