package taskmaster.simulator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.Entry;
import taskmaster.controller.core.Observed;
import taskmaster.controller.core.Recovery;
import taskmaster.controller.core.Snapshot;
import taskmaster.controller.kernel.Journal;
import taskmaster.controller.state.RecordBytes;

/** The run records as they are on disk, written and read by the real code whenever a daemon dies. */
final class SimDisk implements Journal {
  private static final int COMPACT_FROM = 200;
  private final List<Entry.Batch> batches = new ArrayList<>();
  private final Fate fate;
  private final Alerts alerts;
  private Recovery.Recovered recovered = Recovery.Recovered.NOTHING;

  SimDisk(Fate fate, Alerts alerts) {
    this.fate = fate;
    this.alerts = alerts;
  }

  @Override
  public void append(Entry.Batch batch) {
    fate.before();
    batches.add(batch);
    fate.after();
  }

  @Override
  public void mayCompact(Snapshot snapshot) {
    if (batches.size() < COMPACT_FROM || !alerts.allTold()) return;
    List<Entry> all = new ArrayList<>(Entry.between(Desired.NOTHING, snapshot.desired()));
    all.addAll(Entry.between(Observed.NOTHING, snapshot.observed()));
    batches.clear();
    batches.add(new Entry.Batch(snapshot.at(), snapshot.observed().nextRun(), true, all));
  }

  /** A daemon has died; of a batch that it was just writing, a part may be there. */
  void tear(int bytesOfNext, Entry.Batch next) {
    List<Entry.Batch> all = new ArrayList<>(batches);
    int whole = RecordBytes.of(all).length;
    all.add(next);
    byte[] bytes = RecordBytes.of(all);
    int length = whole + Math.floorMod(bytesOfNext, bytes.length - whole);
    recovered = RecordBytes.read(Arrays.copyOf(bytes, length)).recovered();
  }

  void crash() {
    recovered = RecordBytes.read(RecordBytes.of(batches)).recovered();
  }

  Recovery.Recovered recovered() {
    return recovered;
  }
}
