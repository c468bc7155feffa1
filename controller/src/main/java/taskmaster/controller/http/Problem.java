package taskmaster.controller.http;

import io.helidon.http.Status;
import taskmaster.api.ExitCode;

/** Ends a request with a problem document (RFC 9457). */
final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final transient Status status;
  private final int exitCode;

  Problem(Status status, int exitCode, String detail) {
    super(detail);
    this.status = status;
    this.exitCode = exitCode;
  }

  static Problem usage(String detail) {
    return new Problem(Status.BAD_REQUEST_400, ExitCode.USAGE, detail);
  }

  static Problem failed(String detail) {
    return new Problem(Status.CONFLICT_409, ExitCode.FAILED, detail);
  }

  Status status() {
    return status;
  }

  /** What the command line ends with. */
  int exitCode() {
    return exitCode;
  }
}
