package taskmaster.simulator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.Entry;
import taskmaster.controller.core.Instance;
import taskmaster.controller.core.Life;
import taskmaster.controller.core.Observed;
import taskmaster.controller.core.Recovery;
import taskmaster.controller.core.Snapshot;
import taskmaster.controller.kernel.Journal;
import taskmaster.controller.state.RecordBytes;

/** The run records as they are on disk, written and read by the real code whenever a daemon dies. */
final class SimDisk implements Journal {
  private static final int COMPACT_FROM = 60;
  private final List<Entry.Batch> batches = new ArrayList<>();
  private final Fate fate;
  private final Alerts alerts;
  private Entry.@Nullable Batch halfWritten;
  private int crashes;

  /** @param seed says which crashes go over bytes */
  SimDisk(int seed, Fate fate, Alerts alerts) {
    this.crashes = seed;
    this.fate = fate;
    this.alerts = alerts;
  }

  @Override
  public void append(Entry.Batch batch) {
    try {
      fate.before();
    } catch (Fate.Died e) {
      halfWritten = batch;
      throw e;
    }
    batches.add(asWritten(batch));
    fate.after();
  }

  /** As on disk: what was asked and not decided is not for the next daemon. */
  private static Entry.Batch asWritten(Entry.Batch batch) {
    if (batch.entries().stream().noneMatch(SimDisk::isOfOneThatIsUp)) return batch;
    return new Entry.Batch(batch.at(), batch.nextRun(), batch.kind(), batch.entries().stream().map(SimDisk::asWritten).toList());
  }

  private static boolean isOfOneThatIsUp(Entry entry) {
    return entry instanceof Entry.Known(Instance it) && it.isUp();
  }

  private static Entry asWritten(Entry entry) {
    if (!(entry instanceof Entry.Known(Instance it)) || !(it.life() instanceof Life.Up(var run, var findings))) return entry;
    Life.Up up = new Life.Up(run, findings.concluded());
    return new Entry.Known(new Instance(it.id(), up, it.lastEnd(), it.spawns(), it.signalled()));
  }

  @Override
  public void mayCompact(Snapshot snapshot) {
    if (batches.size() < COMPACT_FROM || !alerts.allTold()) return;
    List<Entry> all = new ArrayList<>(Entry.between(Desired.NOTHING, snapshot.desired()));
    all.addAll(Entry.between(Observed.NOTHING, snapshot.observed()));
    batches.clear();
    alerts.countFromHere();
    batches.add(asWritten(new Entry.Batch(snapshot.at(), snapshot.observed().nextRun(), Entry.Batch.Kind.BASE, all)));
  }

  /** A daemon has died; of a batch that it was just writing, a part may be there. What is found by the next one. */
  Recovery.Recovered crash() {
    Entry.Batch torn = halfWritten;
    halfWritten = null;
    // the way over bytes costs more than all else, so only one in eight takes it
    if (crashes++ % 8 != 0) return Recovery.replay(batches);
    byte[] whole = RecordBytes.of(batches);
    if (torn == null) return RecordBytes.read(whole).recovered();
    List<Entry.Batch> all = new ArrayList<>(batches);
    all.add(torn);
    byte[] more = RecordBytes.of(all);
    int length = whole.length + Math.floorMod(crashes * 37, more.length - whole.length);
    return RecordBytes.read(Arrays.copyOf(more, length)).recovered();
  }
}
