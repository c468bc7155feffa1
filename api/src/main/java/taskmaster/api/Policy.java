package taskmaster.api;

import java.time.Duration;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How a program's processes are kept. The current file's policy always holds, for running processes and past exits too.
 *
 * @param rolling whether its instances are replaced one after another, each once the one before is ready
 * @param reloadSignal what makes its process read its own files again; null: nothing does
 */
public record Policy(
    ProgramType type,
    int numprocs,
    boolean autostart,
    AutoRestart autorestart,
    Set<Integer> exitcodes,
    Duration starttime,
    int startretries,
    Backoff backoff,
    Stopping stopping,
    LogPolicy log,
    Dependencies dependencies,
    Checks checks,
    @Nullable Signal reloadSignal,
    Vital vital,
    boolean rolling) {
  public Policy {
    if (numprocs < 0) throw new IllegalArgumentException("numprocs is not negative");
    if (startretries < 0) throw new IllegalArgumentException("startretries is not negative");
    if (starttime.isNegative()) throw new IllegalArgumentException("a time is not negative");
    exitcodes = Collections.unmodifiableSet(new TreeSet<>(exitcodes));
  }

  /** Of a service that nothing depends on, that depends on nothing and is asked nothing. */
  public static Policy plain(
      int numprocs,
      boolean autostart,
      AutoRestart autorestart,
      Set<Integer> exitcodes,
      Duration starttime,
      int startretries,
      Backoff backoff,
      Stopping stopping) {
    return new Policy(
        ProgramType.SERVICE, numprocs, autostart, autorestart, exitcodes, starttime, startretries, backoff, stopping,
        LogPolicy.DEFAULT, Dependencies.NONE, Checks.NONE, null, Vital.NO, false);
  }

  /** Whether an end like this is what the file calls a success. */
  public boolean expects(Exit exit) {
    return exit instanceof Exit.Code(int code) && exitcodes.contains(code);
  }
}
