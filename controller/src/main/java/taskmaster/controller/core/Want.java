package taskmaster.controller.core;

/** What an operator last said. */
public enum Want {
  /** Nothing: the file's autostart holds. */
  AS_FILED,
  START,
  STOP
}
