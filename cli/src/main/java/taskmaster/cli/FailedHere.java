package taskmaster.cli;

/** A command cannot do what it was asked, and knows why. */
public final class FailedHere extends Exception {
  private static final long serialVersionUID = 1L;
  private final int exitCode;

  public FailedHere(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  int exitCode() {
    return exitCode;
  }
}
