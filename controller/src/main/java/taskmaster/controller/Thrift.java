package taskmaster.controller;

import taskmaster.controller.linux.Host;

/**
 * Gives memory back after a busy time, which needs some hundreds of megabytes for a moment: whoever looks at the machine
 * afterwards should not have to wonder.
 */
final class Thrift {
  private static final long WORTH_IT = 2L << 20;
  private static final long FILES_WORTH_IT = 8L << 20;

  private long keptBefore;
  private long filesKeptBefore;

  void giveBack() {
    Runtime runtime = Runtime.getRuntime();
    if (runtime.totalMemory() - keptBefore < WORTH_IT) return;
    Host.returnMemory();
    keptBefore = runtime.totalMemory();
  }

  /** Of what was read of the program's own files: a start needs nearly all, a question some of it. */
  void letGoOfFiles() {
    if (Host.residentOfFiles() - filesKeptBefore < FILES_WORTH_IT) return;
    Host.letGoOfFiles();
    filesKeptBefore = Host.residentOfFiles();
  }
}
