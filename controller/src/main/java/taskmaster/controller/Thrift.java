package taskmaster.controller;

import taskmaster.controller.linux.Host;

/**
 * Gives memory back after a busy time, which needs some hundreds of megabytes for a moment: whoever looks at the machine
 * afterwards should not have to wonder.
 */
final class Thrift {
  private static final long WORTH_IT = 2L << 20;

  private long keptBefore;

  void giveBack() {
    Runtime runtime = Runtime.getRuntime();
    if (runtime.totalMemory() - keptBefore < WORTH_IT) return;
    Host.returnMemory();
    keptBefore = runtime.totalMemory();
  }
}
