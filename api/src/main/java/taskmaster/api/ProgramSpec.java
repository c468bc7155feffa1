package taskmaster.api;

/** A named entry of the file, defaults filled in. */
public record ProgramSpec(String name, Shape shape, Policy policy) {
  private static final int LONGEST_NAME = 100;

  public ProgramSpec {
    if (!isName(name)) throw new IllegalArgumentException("not a program's name: '" + name + "'");
  }

  public static boolean isName(String text) {
    if (text.isEmpty() || text.length() > LONGEST_NAME || text.equals("all")) return false;
    for (int i = 0; i < text.length(); i++) if (!isOfName(text.charAt(i))) return false;
    return true;
  }

  private static boolean isOfName(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-';
  }
}
