package taskmaster.controller;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import taskmaster.api.AutoRestart;
import taskmaster.api.Backoff;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.Output;
import taskmaster.api.Policy;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Shape;
import taskmaster.api.Signal;
import taskmaster.api.Stopping;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.Entry;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.Fold;
import taskmaster.controller.core.Instance;
import taskmaster.controller.core.Life;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Recovery;
import taskmaster.controller.core.Run;
import taskmaster.controller.core.Series;
import taskmaster.controller.kernel.Kernel;
import taskmaster.controller.kernel.Sighting;

/** Takes over what an earlier daemon left running: its records say what there was, the kernel says what there is. */
public final class Adoption {
  private Adoption() {}

  /**
   * What there is, as events upon the recorded facts; the kernel watches every run of them from now on.
   *
   * @param fallback specs for what lives without a record
   */
  public static List<Event> take(Kernel kernel, Recovery.Recovered recovered, Map<String, ProgramSpec> fallback) {
    List<Event> found = unrecorded(kernel, recovered, fallback);
    Fold.apply(recovered.observed(), List.copyOf(found), kernel.now()).forEach(it -> {
      Run run = it.run();
      if (run == null) return;
      boolean ended = it.life() instanceof Life.Dying d && d.ended() != null;
      found.add(kernel.adopt(it.id(), run, ended));
      if (it.life() instanceof Life.Dying d && isAtStopCommand(d)) {
        found.add(new Event.StopCommandFailed(it.id(), run.number(), d.steps() - 1, "the daemon that had begun it was killed"));
      }
    });
    return found;
  }

  /** The kernel ends what an earlier daemon had begun beside its programs. */
  private static boolean isAtStopCommand(Life.Dying dying) {
    List<Stopping.Step> steps = dying.run().spec().policy().stopping().steps();
    boolean isUnderWay = dying.ended() == null && dying.killSentAt() == null && dying.trouble().isEmpty();
    return isUnderWay && dying.steps() > 0 && dying.steps() <= steps.size() && steps.get(dying.steps() - 1) instanceof Stopping.Exec;
  }

  /** How many runs live on. */
  static int alive(Recovery.Recovered recovered, List<Event> found, MonoTime now) {
    int[] alive = {0};
    Fold.apply(recovered.observed(), found, now).forEach(it -> {
      boolean lives = it.life() instanceof Life.Up || it.life() instanceof Life.Dying d && d.ended() == null;
      if (lives) alive[0]++;
    });
    return alive[0];
  }

  /** Runs whose spawn, or more, is missing in the records. */
  private static List<Event> unrecorded(Kernel kernel, Recovery.Recovered recovered, Map<String, ProgramSpec> fallback) {
    Map<InstanceId, Sighting> newest = new HashMap<>();
    for (Sighting s : kernel.sightings()) newest.merge(s.id(), s, (a, b) -> a.run() >= b.run() ? a : b);
    List<Event> events = new ArrayList<>();
    for (Sighting s : newest.values()) {
      Instance it = recovered.observed().instance(s.id());
      if (it != null && s.run() <= it.latestRun()) continue;
      // what was not written down any more: a later run is begun only once nothing is left of the one before
      Run recorded = it == null ? null : it.run();
      if (recorded != null && kernel.lives(recorded)) continue;
      if (recorded != null) {
        events.add(new Event.Exited(s.id(), recorded.number(), new Exit.Unknown()));
        events.add(new Event.Gone(s.id(), recorded.number()));
      }
      Entry.Intent intent = recovered.intents().get(s.id());
      if (intent != null && intent.run() != s.run()) intent = null;
      ProgramSpec spec = intent != null ? intent.spec() : specOf(s, recovered.desired(), fallback);
      Series series = intent != null ? intent.series() : Series.NONE;
      events.add(new Event.Spawned(s.id(), s.run(), s.pid(), s.born(), s.startedAt(), spec, series));
    }
    return events;
  }

  /** What is alive without a record was started from this file's program of that name, or from one that is gone. */
  private static ProgramSpec specOf(Sighting s, Desired recorded, Map<String, ProgramSpec> fallback) {
    String name = s.id().program();
    ProgramSpec spec = recorded.specs().getOrDefault(name, fallback.get(name));
    return spec != null ? spec : stranger(name);
  }

  /** Of a program that neither the records nor the file know: only how to stop it matters. */
  private static ProgramSpec stranger(String name) {
    Output nowhere = new Output.Discard();
    Shape shape = new Shape(List.of("?"), Map.of(), Path.of("/"), null, nowhere, nowhere);
    Backoff backoff = new Backoff(Duration.ZERO, 1, Duration.ZERO, Duration.ZERO);
    Policy policy =
        Policy.plain(0, false, AutoRestart.NEVER, Set.of(), Duration.ZERO, 0, backoff, Stopping.by(Signal.TERM, Duration.ofSeconds(10), true));
    return new ProgramSpec(name, shape, policy);
  }
}
