package taskmaster.api;

/** What an instance is doing, in supervisord's words. Never stored: derived from spec, facts and time. */
public enum Phase {
  STOPPED,
  STARTING,
  RUNNING,
  BACKOFF,
  STOPPING,
  EXITED,
  FATAL;

  /** Of several instances the one to show for all: the larger is the worse. */
  public int severity() {
    return switch (this) {
      case RUNNING -> 0;
      case STOPPED -> 1;
      case EXITED -> 2;
      case STARTING -> 3;
      case STOPPING -> 4;
      case BACKOFF -> 5;
      case FATAL -> 6;
    };
  }
}
