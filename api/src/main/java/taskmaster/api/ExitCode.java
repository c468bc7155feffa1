package taskmaster.api;

/** What the command line ends with. */
public final class ExitCode {
  public static final int OK = 0;
  public static final int FAILED = 1;
  public static final int USAGE = 2;
  public static final int NOT_RUNNING = 3;
  public static final int NO_DAEMON = 4;

  /** Of the daemon: a program that it was not to go on without has failed. */
  public static final int VITAL_ENDED = 5;

  private ExitCode() {}
}
