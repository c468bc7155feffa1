package taskmaster.controller;

import taskmaster.controller.linux.Host;

/**
 * Gives memory back once a busy time is over: a start of thousands, or a storm of deaths, needs some hundreds of
 * megabytes for a moment, and whoever looks at the machine afterwards should not have to wonder.
 */
final class Thrift {
  private static final long WORTH_IT = 2L << 20;
  private static final int QUIET_LOOKS = 2;

  private long lastVersion = -1;
  private int quiet;
  private long keptBefore;

  /** Called now and then. @param version of the loop's snapshot: it stands still while nothing happens */
  void look(long version) {
    quiet = version == lastVersion ? quiet + 1 : 0;
    lastVersion = version;
    if (quiet != QUIET_LOOKS) return;
    Runtime runtime = Runtime.getRuntime();
    if (runtime.totalMemory() - keptBefore < WORTH_IT) return;
    Host.returnMemory();
    keptBefore = runtime.totalMemory();
  }
}
