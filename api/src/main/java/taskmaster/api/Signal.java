package taskmaster.api;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A signal of Linux on x86-64 and arm64 (signal(7)).
 *
 * @param number 1 to 64
 * @param name without SIG: {@code TERM}
 */
public record Signal(int number, String name) {
  private static final int MOST = 64;
  private static final Map<String, Signal> BY_NAME = new LinkedHashMap<>();
  private static final Signal[] BY_NUMBER = new Signal[MOST + 1];

  static {
    String[] names = {
      "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
      "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ",
      "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS"
    };
    for (int i = 0; i < names.length; i++) BY_NAME.put(names[i], new Signal(i + 1, names[i]));
    for (int i = 34; i <= MOST; i++) {
      String name = i == 34 ? "RTMIN" : i == MOST ? "RTMAX" : "RTMIN+" + (i - 34);
      BY_NAME.put(name, new Signal(i, name));
    }
    for (int i = 0; i <= MOST; i++) BY_NUMBER[i] = new Signal(i, Integer.toString(i));
    BY_NAME.values().forEach(signal -> BY_NUMBER[signal.number] = signal);
  }

  public static final Signal HUP = named("HUP");
  public static final Signal INT = named("INT");
  public static final Signal KILL = named("KILL");
  public static final Signal TERM = named("TERM");

  private static Signal named(String name) {
    Signal signal = BY_NAME.get(name);
    if (signal == null) throw new IllegalArgumentException("no signal " + name);
    return signal;
  }

  /** Reads {@code TERM}, {@code SIGTERM} (any case) or {@code 15}. */
  public static Optional<Signal> parse(String text) {
    if (text.matches("[0-9]{1,2}")) return Optional.of(of(Integer.parseInt(text))).filter(Signal::isNamed);
    String name = text.toUpperCase(Locale.ROOT);
    return Optional.ofNullable(BY_NAME.get(name.startsWith("SIG") ? name.substring(3) : name));
  }

  /** The signal with this number; one that signal(7) does not name is called by its number. */
  public static Signal of(int number) {
    return number >= 0 && number <= MOST ? BY_NUMBER[number] : new Signal(number, Integer.toString(number));
  }

  private boolean isNamed() {
    return BY_NAME.containsKey(name);
  }

  /** Every name that {@link #parse} knows, for completion and "did you mean". */
  public static Iterable<String> names() {
    return BY_NAME.keySet();
  }

  @Override
  public String toString() {
    return name;
  }
}
