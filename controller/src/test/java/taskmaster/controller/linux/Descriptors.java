package taskmaster.controller.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What a process is like that has used up all of its own. */
final class Descriptors {
  private static final int RLIMIT_NOFILE = 7;

  private Descriptors() {}

  /** What it throws, or null. What it needs of classes has to be there: to load one from a folder takes a descriptor. */
  static Throwable without(ThrowingCallable what) {
    FileLimit.heard(-Errno.EMFILE); // it takes all that it may have once
    NativeBuffer before = new NativeBuffer(16);
    NativeBuffer none = new NativeBuffer(16);
    assertThat(Libc.PRLIMIT.call(0, RLIMIT_NOFILE, 0, before.address())).isZero();
    none.putLong(8, before.getLong(8));
    Libc.PRLIMIT.call(0, RLIMIT_NOFILE, none.address(), 0);
    try {
      return catchThrowable(what);
    } finally {
      Libc.PRLIMIT.call(0, RLIMIT_NOFILE, before.address(), 0);
    }
  }
}
