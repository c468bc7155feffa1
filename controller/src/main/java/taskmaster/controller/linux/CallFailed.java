package taskmaster.controller.linux;

import java.io.IOException;
import java.io.UncheckedIOException;

/** What the system refused, in words for a person: "/proc/7/stat: Too many open files". */
public final class CallFailed extends UncheckedIOException {
  private static final long serialVersionUID = 1;

  private final int errno;

  /**
   * @param what it was about
   * @param result of the call: the negative errno
   */
  public CallFailed(String what, long result) {
    this(what + ": " + Errno.text((int) result), (int) -result);
  }

  private CallFailed(String text, int errno) {
    super(text, new IOException(text));
    this.errno = errno;
  }

  boolean isForbidden() {
    return errno == Errno.EACCES || errno == Errno.EPERM;
  }
}
