package taskmaster.api;

/** How a process ended (wait(2)). */
public sealed interface Exit {
  /** By exit(2). */
  record Code(int code) implements Exit {
    @Override
    public String toString() {
      return "code " + code;
    }
  }

  /** By a signal. */
  record Killed(Signal signal, boolean coreDumped) implements Exit {
    @Override
    public String toString() {
      return "signal " + signal + (coreDumped ? " (core dumped)" : "");
    }
  }

  /** Nobody was there to see it. */
  record Unknown() implements Exit {
    @Override
    public String toString() {
      return "unknown";
    }
  }
}
