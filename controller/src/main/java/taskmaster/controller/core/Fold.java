package taskmaster.controller.core;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.Signal;

/** The only code that changes facts. An event about a run that is not the instance's current one changes nothing. */
public final class Fold {
  private Fold() {}

  public static Observed apply(Observed observed, List<? extends Event> events, MonoTime now) {
    if (events.isEmpty()) return observed;
    Observed.Editor editor = new Observed.Editor(observed);
    for (Event event : events) apply(editor, event, now);
    return editor.done();
  }

  private static void apply(Observed.Editor editor, Event event, MonoTime now) {
    switch (event) {
      case Event.Spawned e -> {
        editor.used(e.run());
        Instance it = known(editor, e.id());
        if (it.isDown() && e.run() > it.latestRun()) {
          editor.put(it.up(new Run(e.run(), e.pid(), e.born(), e.at(), e.spec(), e.series())));
        }
      }
      case Event.SpawnRefused e -> {
        editor.used(e.run());
        Instance it = known(editor, e.id());
        if (it.isDown() && e.run() > it.latestRun()) {
          editor.put(it.down(new End(e.run(), 0, now, now, false, new End.Refused(e.why()), End.Cause.ITSELF, e.series())));
        }
      }
      case Event.Exited e -> {
        Instance it = current(editor, e.id(), e.run());
        if (it == null) return;
        editor.put(ended(it, new Life.Ended(e.exit(), now)));
      }
      case Event.MainMoved e -> {
        Instance it = current(editor, e.id(), e.run());
        if (it == null) return;
        switch (it.life()) {
          case Life.Up(Run run, Findings all) -> editor.put(it.with(new Life.Up(run.movedTo(e.pid(), e.born()), all)));
          // of one that an earlier daemon had told to end; of ours the kernel takes no more moves then
          case Life.Dying d when d.ended() == null -> editor.put(it.with(d.moved(d.run().movedTo(e.pid(), e.born()))));
          case Life.Dying d -> {}
          case Life.Down() -> {}
        }
      }
      case Event.Sighted e -> {
        Instance it = current(editor, e.id(), e.run());
        if (it == null) return;
        Run run = Objects.requireNonNull(it.run());
        boolean lives = e.born() != 0 && e.born() == run.born();
        if (!lives) editor.put(ended(it, new Life.Ended(new Exit.Unknown(), now)));
      }
      case Event.Signalled e -> {
        Instance it = current(editor, e.action().id(), e.action().run());
        if (it != null) editor.put(signalled(it, e.action(), now));
      }
      case Event.StopCommanded e -> {
        Instance it = current(editor, e.action().id(), e.action().run());
        if (it != null) editor.put(told(it, e.action().purpose(), now));
      }
      case Event.StopCommandFailed e -> {
        Instance it = current(editor, e.id(), e.run());
        if (it == null || !(it.life() instanceof Life.Dying d)) return;
        boolean isLastStep = d.ended() == null && d.steps() == e.step() + 1;
        if (isLastStep) editor.put(it.with(d.failed(e.why())));
      }
      case Event.Remains e -> {
        Instance it = current(editor, e.id(), e.run());
        if (it != null && it.life() instanceof Life.Dying d) {
          editor.put(it.with(d.looked(now, e.count())));
        }
      }
      case Event.Stirred e -> {
        Instance it = current(editor, e.id(), e.run());
        if (it != null && it.life() instanceof Life.Dying d) editor.put(it.with(d.stirred()));
      }
      case Event.Gone e -> {
        Instance it = current(editor, e.id(), e.run());
        if (it != null && it.life() instanceof Life.Dying d) editor.put(it.down(end(d, now)));
      }
      case Event.Asked e -> {
        Instance it = current(editor, e.id(), e.run());
        if (it == null || !(it.life() instanceof Life.Up(Run run, Findings all))) return;
        Finding finding = all.of(e.kind());
        if (e.number() > finding.number()) editor.put(it.with(new Life.Up(run, all.with(e.kind(), finding.asked(e.number(), now, e.probe())))));
      }
      case Event.Answered e -> {
        Instance it = current(editor, e.id(), e.run());
        if (it == null || !(it.life() instanceof Life.Up(Run run, Findings all))) return;
        Finding finding = all.of(e.kind());
        if (e.number() != finding.number() || !finding.isUnderWay()) return;
        Finding next = e.good() ? finding.good(e.check(), now) : finding.bad(e.check(), now, e.detail());
        editor.put(it.with(new Life.Up(run, all.with(e.kind(), next))));
      }
      case Event.Said e -> {
        Instance it = current(editor, e.id(), e.run());
        if (it == null || !(it.life() instanceof Life.Up(Run run, Findings all)) || all.says().equals(e.status())) return;
        editor.put(it.with(new Life.Up(run, all.saying(e.status()))));
      }
      case Event.Scaled e -> scale(editor, e.action());
    }
  }

  private static Instance ended(Instance it, Life.Ended ended) {
    return switch (it.life()) {
      case Life.Up up -> it.with(Life.Dying.byItself(up.run(), ended));
      case Life.Dying d -> d.ended() == null ? it.with(d.ended(ended)) : it;
      case Life.Down() -> it;
    };
  }

  private static Instance signalled(Instance it, Action.Signal action, MonoTime now) {
    if (action.purpose() == Action.Purpose.REQUESTED) return it.signalled(action.request());
    Instance next = told(it, action.purpose(), now);
    boolean isKill = action.purpose() == Action.Purpose.UNHEALTHY && action.signal().equals(Signal.KILL);
    return isKill && next.life() instanceof Life.Dying d ? next.with(d.killSent(now)) : next;
  }

  private static Instance told(Instance it, Action.Purpose purpose, MonoTime now) {
    return switch (purpose) {
      case REQUESTED -> it;
      case STOP, UNHEALTHY ->
          it.life() instanceof Life.Up up ? it.with(Life.Dying.told(up.run(), now, purpose == Action.Purpose.UNHEALTHY)) : it;
      case NEXT_STEP -> it.life() instanceof Life.Dying d ? it.with(d.stepped(now)) : it;
      case STOP_REST -> it.life() instanceof Life.Dying d ? it.with(d.restSent(now)) : it;
      case KILL, KILL_AGAIN ->
          switch (it.life()) {
            case Life.Up up -> it.with(Life.Dying.told(up.run(), now, false).killSent(now));
            case Life.Dying d -> it.with(d.killSent(now));
            case Life.Down() -> it;
          };
    };
  }

  private static End end(Life.Dying dying, MonoTime now) {
    Life.Ended ended = dying.ended() != null ? dying.ended() : new Life.Ended(new Exit.Unknown(), now);
    Run run = dying.run();
    boolean ran = ended.at().reached(run.runningAt(run.spec().policy()));
    return new End(
        run.number(), run.pid(), run.startedAt(), ended.at(), ran, new End.Exited(ended.exit()), dying.cause(), run.series());
  }

  private static void scale(Observed.Editor editor, Action.Scale scale) {
    ProgramObserved program = editor.program(scale.program());
    List<Instance> kept =
        program.instances().stream().filter(it -> it.id().index() < scale.places() || !it.isDown()).toList();
    editor.put(scale.program(), new ProgramObserved(scale.to(), kept));
  }

  private static Instance known(Observed.Editor editor, InstanceId id) {
    Instance it = editor.find(id);
    return it != null ? it : Instance.fresh(id);
  }

  /** The instance, if this is the run it has now. */
  private static @Nullable Instance current(Observed.Editor editor, InstanceId id, long run) {
    Instance it = editor.find(id);
    Run now = it == null ? null : it.run();
    return now != null && now.number() == run ? it : null;
  }
}
