package taskmaster.controller.kernel;

import taskmaster.controller.core.Entry;
import taskmaster.controller.core.Snapshot;

/** The run records: what the next daemon must know of this one, should it die now. The loop's thread's alone. */
public interface Journal {
  /** Whole or not at all, and safe from the death of this process when it returns. */
  void append(Entry.Batch batch);

  /** The facts as a whole, at a moment when nothing is under way: what was appended before may be let go. */
  void mayCompact(Snapshot snapshot);
}
