package taskmaster.api;

/** What a command is aimed at: {@code all}, a program {@code web}, or one instance {@code web:0}. */
public sealed interface Target {
  record All() implements Target {
    @Override
    public String toString() {
      return "all";
    }
  }

  record Program(String name) implements Target {
    @Override
    public String toString() {
      return name;
    }
  }

  record Instance(InstanceId id) implements Target {
    @Override
    public String toString() {
      return id.toString();
    }
  }

  /**
   * Reads a target as a user types it.
   *
   * @throws IllegalArgumentException with a sentence for the user if it is none
   */
  static Target parse(String text) {
    if (text.equals("all")) return new All();
    int colon = text.lastIndexOf(':');
    if (colon < 0) return new Program(text);
    String index = text.substring(colon + 1);
    if (!index.matches("[0-9]{1,6}")) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a target: write NAME, NAME:INDEX or all");
    }
    return new Instance(new InstanceId(text.substring(0, colon), Integer.parseInt(index)));
  }
}
