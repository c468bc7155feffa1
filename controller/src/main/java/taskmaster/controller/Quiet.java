package taskmaster.controller;

/** Tells how long a busy time has been over: a start of thousands, or a storm of deaths. */
final class Quiet {
  private long lastVersion = -1;
  private int looks;

  /**
   * To be called now and then.
   *
   * @param version of the loop's snapshot: it stands still while nothing happens
   * @return how many times in a row nothing had happened since the time before
   */
  int looks(long version) {
    looks = version == lastVersion ? looks + 1 : 0;
    lastVersion = version;
    return looks;
  }
}
