package taskmaster.controller;

/** Tells how long a busy time has been over: a start of thousands, or a storm of deaths. */
final class Quiet {
  private long last = -1;
  private int looks;

  /**
   * To be called now and then.
   *
   * @param count of something: it stands still while nothing happens
   * @return how many times in a row nothing had happened since the time before
   */
  int looks(long count) {
    looks = count == last ? looks + 1 : 0;
    last = count;
    return looks;
  }
}
