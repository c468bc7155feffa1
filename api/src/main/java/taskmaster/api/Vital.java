package taskmaster.api;

/** When a program takes the whole daemon along. */
public record Vital(boolean onFatal, boolean onExit) {
  public static final Vital NO = new Vital(false, false);
}
