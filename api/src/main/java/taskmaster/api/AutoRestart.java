package taskmaster.api;

/** Whether a run that reached RUNNING and ended by itself is followed by another. */
public enum AutoRestart {
  ALWAYS,
  NEVER,
  UNEXPECTED
}
