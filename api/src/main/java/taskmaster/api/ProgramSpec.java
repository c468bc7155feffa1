package taskmaster.api;

/** A named entry of the file, defaults filled in. */
public record ProgramSpec(String name, Shape shape, Policy policy) {
  private static final String NAME = "[A-Za-z0-9._-]+";

  public ProgramSpec {
    if (!isName(name)) throw new IllegalArgumentException("not a program's name: '" + name + "'");
  }

  public static boolean isName(String text) {
    return text.matches(NAME) && !text.equals("all") && text.length() <= 100;
  }
}
