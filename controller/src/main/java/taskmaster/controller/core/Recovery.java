package taskmaster.controller.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;

/** What a dead daemon wrote down, read back. */
public final class Recovery {
  private final Map<String, ProgramSpec> specs = new LinkedHashMap<>();
  private final Map<String, ProgramSpec> retired = new LinkedHashMap<>();
  private final Map<String, Wish> wishes = new LinkedHashMap<>();
  private final Map<InstanceId, Entry.Intent> open = new LinkedHashMap<>();
  private final List<Told> told = new ArrayList<>();
  private Observed observed = Observed.NOTHING;
  private Desired desired = Desired.NOTHING;
  private long signalCount;

  private Recovery() {}

  /**
   * @param intents spawns that may or may not have happened
   * @param told what the dead daemon had to tell about it all; it may not have come to it
   */
  public record Recovered(Desired desired, Observed observed, Map<InstanceId, Entry.Intent> intents, List<Told> told) {
    public static final Recovered NOTHING = new Recovered(Desired.NOTHING, Observed.NOTHING, Map.of(), List.of());
  }

  /** @param at when, on the monotonic clock */
  public record Told(Transition transition, MonoTime at) {}

  public static Recovered replay(List<Entry.Batch> batches) {
    Recovery recovery = new Recovery();
    Snapshot lastTick = new Snapshot(Desired.NOTHING, Observed.NOTHING, new MonoTime(0), 0);
    for (Entry.Batch batch : batches) {
      recovery.apply(batch);
      if (batch.kind() != Entry.Batch.Kind.STEP) lastTick = recovery.tell(lastTick, batch.at());
      if (batch.kind() == Entry.Batch.Kind.BASE) recovery.told.clear();
    }
    if (!batches.isEmpty()) recovery.tell(lastTick, batches.getLast().at());
    return new Recovered(recovery.desired, recovery.observed, Map.copyOf(recovery.open), List.copyOf(recovery.told));
  }

  private Snapshot tell(Snapshot lastTick, MonoTime at) {
    Snapshot now = new Snapshot(desired, observed, at, lastTick.version() + 1);
    Transition.ofPhases(lastTick, now, true).forEach(t -> told.add(new Told(t, at)));
    return now;
  }

  private void apply(Entry.Batch batch) {
    Observed before = observed;
    Observed.Editor editor = new Observed.Editor(observed);
    for (Entry entry : batch.entries()) apply(editor, entry);
    editor.used(batch.nextRun() - 1);
    observed = editor.done();
    desired = new Desired(specs, Map.of(), retired, wishes, List.of(), signalCount, Desired.Ending.NO);
    Transition.ofRuns(desired, before, observed).forEach(t -> told.add(new Told(t, batch.at())));
  }

  private void apply(Observed.Editor editor, Entry entry) {
    switch (entry) {
      case Entry.Intent e -> {
        editor.used(e.run());
        open.put(e.id(), e);
      }
      case Entry.Born e -> {
        Entry.Intent intent = open.remove(e.id());
        if (intent == null || intent.run() != e.run()) return;
        Instance it = editor.find(e.id());
        Run run = new Run(e.run(), e.pid(), e.born(), e.at(), intent.spec(), intent.series());
        editor.put((it == null ? Instance.fresh(e.id()) : it).up(run));
      }
      case Entry.Known(Instance it) -> {
        Entry.Intent intent = open.get(it.id());
        if (intent != null && intent.run() <= it.latestRun()) open.remove(it.id());
        editor.used(it.latestRun());
        editor.put(it);
        signalCount = Math.max(signalCount, it.signalled());
      }
      case Entry.Forgotten(InstanceId id) -> editor.forget(id);
      case Entry.Scaled(String program, int scale) ->
          editor.put(program, new ProgramObserved(scale, editor.program(program).instances()));
      case Entry.Filed(ProgramSpec spec) -> {
        specs.put(spec.name(), spec);
        retired.remove(spec.name());
      }
      case Entry.Unfiled(String program) -> {
        ProgramSpec last = specs.remove(program);
        if (last != null) retired.put(program, last);
      }
      case Entry.Wished(String program, Wish wish) -> {
        if (wish.equals(Wish.NONE)) wishes.remove(program);
        else wishes.put(program, wish);
      }
    }
  }
}
