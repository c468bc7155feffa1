package taskmaster.controller.core;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import taskmaster.api.InstanceId;
import taskmaster.api.InstanceStatus;
import taskmaster.api.Phase;
import taskmaster.api.ProgramSpec;
import taskmaster.api.ProgramStatus;
import taskmaster.api.ProgramType;

/** The statuses of a snapshot: made when somebody asks, by whoever asks. */
public final class Statuses {
  private final Moment moment;
  private final Desired desired;
  private final Observed observed;
  private final MonoTime now;
  private final Instant wallNow;
  private final ToLongFunction<InstanceId> droppedOutput;

  /**
   * @param wallNow the time of day at {@code now}, for display
   * @param droppedOutput how many bytes of an instance's output were dropped
   */
  public Statuses(Snapshot snapshot, MonoTime now, Instant wallNow, ToLongFunction<InstanceId> droppedOutput) {
    this.droppedOutput = droppedOutput;
    this.moment = Moment.of(snapshot, now);
    this.desired = snapshot.desired();
    this.observed = snapshot.observed();
    this.now = now;
    this.wallNow = wallNow;
  }

  /** Of every program of the file, in its order, and then of those that are still stopping. */
  public List<ProgramStatus> all() {
    List<ProgramStatus> all = new ArrayList<>();
    for (ProgramSpec spec : desired.specs().values()) all.add(of(spec));
    for (String name : observed.programs().names()) {
      if (!desired.specs().containsKey(name)) program(name).ifPresent(all::add);
    }
    return all;
  }

  public Optional<ProgramStatus> program(String name) {
    ProgramSpec spec = specOf(name);
    return spec == null ? Optional.empty() : Optional.of(of(spec));
  }

  public Optional<InstanceStatus> instance(InstanceId id) {
    ProgramSpec spec = specOf(id.program());
    Instance it = observed.instance(id);
    if (spec == null) return Optional.empty();
    boolean exists = it != null || isFiled(spec) && id.index() < desired.count(spec);
    return exists ? Optional.of(of(spec, id, it)) : Optional.empty();
  }

  private ProgramStatus of(ProgramSpec spec) {
    int count = isFiled(spec) ? desired.count(spec) : 0;
    ProgramObserved known = observed.program(spec.name());
    List<InstanceStatus> instances = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      instances.add(of(spec, new InstanceId(spec.name(), i), known.instance(i)));
    }
    for (Instance it : known.from(count)) {
      if (!it.isDown()) instances.add(of(spec, it.id(), it));
    }
    Phase worst = instances.isEmpty() ? Phase.STOPPED : Phase.RUNNING;
    String reason = instances.isEmpty() ? "no instances" : "";
    int running = 0;
    for (InstanceStatus it : instances) {
      if (it.phase() == Phase.RUNNING || it.phase() == Phase.STARTING && it.pid() != null) running++;
      boolean says = it.phase() == worst && reason.isEmpty();
      if (says || it.phase().severity() > worst.severity()) {
        worst = it.phase();
        reason = it.reason();
      }
    }
    return new ProgramStatus(spec.name(), worst, running, count, reason, instances);
  }

  private InstanceStatus of(ProgramSpec spec, InstanceId id, @Nullable Instance it) {
    Phases.Shown shown = Phases.shown(moment, spec, id, it);
    Run run = it == null ? null : it.run();
    End end = it == null ? null : it.lastEnd();
    Duration uptime = run == null ? null : now.since(run.startedAt());
    return new InstanceStatus(
        id,
        shown.phase(),
        run == null ? null : run.pid(),
        it == null ? 0 : it.latestRun(),
        uptime == null ? null : wallNow.minus(uptime),
        uptime,
        it == null ? 0 : Math.max(0, it.spawns() - 1),
        end == null ? null : end.byUs() ? Phases.how(end) + " (stopped)" : Phases.how(end),
        shown.reason(),
        isFiled(spec) && desired.wants(spec, id.index()),
        desired.wish(id.program()).wantOf(id.index()) == Want.STOP,
        end != null && Verdict.expected(spec.policy(), end),
        isReady(spec, it),
        healthy(spec, it),
        droppedOutput.applyAsLong(id));
  }

  private boolean isReady(ProgramSpec spec, @Nullable Instance it) {
    if (it == null) return false;
    if (it.life() instanceof Life.Up up) return now.reached(Gate.readyAt(spec, up, now));
    return spec.policy().type() == ProgramType.JOB && Gate.hasCompleted(desired.wanted(spec), it);
  }

  private static @Nullable Boolean healthy(ProgramSpec spec, @Nullable Instance it) {
    if (it == null || !(it.life() instanceof Life.Up up) || up.checks(spec).health() == null) return null;
    Finding health = up.health(spec);
    return health.conclusion() == Finding.Conclusion.OPEN ? null : Boolean.valueOf(health.passes());
  }

  private boolean isFiled(ProgramSpec spec) {
    return desired.specs().containsKey(spec.name());
  }

  private @Nullable ProgramSpec specOf(String name) {
    ProgramSpec filed = desired.specs().get(name);
    if (filed != null) return filed;
    for (Instance it : observed.program(name).instances()) {
      Run run = it.run();
      if (run != null) return desired.retired().getOrDefault(name, run.spec());
    }
    return null;
  }
}
