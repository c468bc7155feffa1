package taskmaster.api;

/** What a command is aimed at: {@code all}, a program {@code web}, one instance {@code web:0}, or a group {@code group:web}. */
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

  record Group(String name) implements Target {
    private static final String PREFIX = "group:";

    /** As of programs, but not digits alone: {@code group:0} is an instance. */
    public static boolean isName(String text) {
      return ProgramSpec.isName(text) && !isDigits(text);
    }

    private static boolean isDigits(String text) {
      for (int i = 0; i < text.length(); i++) if (text.charAt(i) < '0' || text.charAt(i) > '9') return false;
      return true;
    }

    @Override
    public String toString() {
      return PREFIX + name;
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
    if (text.startsWith(Group.PREFIX) && Group.isName(text.substring(Group.PREFIX.length()))) {
      return new Group(text.substring(Group.PREFIX.length()));
    }
    if (!index.matches("[0-9]{1,6}")) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a target: write NAME, NAME:INDEX, group:NAME or all");
    }
    return new Instance(new InstanceId(text.substring(0, colon), Integer.parseInt(index)));
  }
}
