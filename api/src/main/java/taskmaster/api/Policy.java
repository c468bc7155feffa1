package taskmaster.api;

import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.Collections;

/** How a program's processes are kept. The current file's policy always holds, for running processes and past exits too. */
public record Policy(
    int numprocs,
    boolean autostart,
    AutoRestart autorestart,
    Set<Integer> exitcodes,
    Duration starttime,
    int startretries,
    Backoff backoff,
    Signal stopsignal,
    Duration stoptime,
    boolean stopGroup,
    LogPolicy log) {
  public Policy {
    if (numprocs < 0) throw new IllegalArgumentException("numprocs is not negative");
    if (startretries < 0) throw new IllegalArgumentException("startretries is not negative");
    if (starttime.isNegative() || stoptime.isNegative()) {
      throw new IllegalArgumentException("a time is not negative");
    }
    exitcodes = Collections.unmodifiableSet(new TreeSet<>(exitcodes));
  }

  /** Whether an end like this is what the file calls a success. */
  public boolean expects(Exit exit) {
    return exit instanceof Exit.Code(int code) && exitcodes.contains(code);
  }
}
