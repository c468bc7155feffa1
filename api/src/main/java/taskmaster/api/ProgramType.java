package taskmaster.api;

/** What a program is there for. */
public enum ProgramType {
  /** To run until it is stopped. */
  SERVICE,
  /** To do one thing and end: an expected exit is its completion, any other one a failed attempt. */
  JOB
}
