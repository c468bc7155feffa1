import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the run found out: figures, and breaches of what it is to show. */
final class Report {
  private static final int MOST_ALIKE = 3;

  /** How many characters of a breach say what kind it is. */
  private static final int LIKENESS = 70;

  private final Map<String, Long> counts = new LinkedHashMap<>();
  private final Map<String, String> figures = new LinkedHashMap<>();
  private final Set<String> breaches = new LinkedHashSet<>();

  /** Names that are counted show in this order, with 0 where nothing came. */
  Report(String... counted) {
    for (String name : counted) counts.put(name, 0L);
  }

  void count(String what) {
    count(what, 1);
  }

  synchronized void count(String what, long more) {
    counts.merge(what, more, Long::sum);
  }

  synchronized void figure(String what, String value) {
    figures.put(what, value);
  }

  synchronized void breach(String what) {
    breaches.add(what);
  }

  /** @param holds whether all is as it should be; else {@code what} is a breach */
  void check(boolean holds, String what) {
    if (!holds) breach(what);
  }

  synchronized boolean isClean() {
    return breaches.isEmpty();
  }

  synchronized String show() {
    Map<String, String> all = new LinkedHashMap<>();
    counts.forEach((name, count) -> all.put(name, Long.toString(count)));
    all.putAll(figures);
    int width = all.keySet().stream().mapToInt(String::length).max().orElse(0);
    StringBuilder out = new StringBuilder();
    all.forEach((name, value) -> {
      out.append(name).append(" ".repeat(width - name.length() + 2)).append(value).append('\n');
    });
    out.append('\n');
    shortBreaches().forEach(breach -> out.append(breach).append('\n'));
    if (breaches.isEmpty()) out.append("OK\n");
    return out.toString();
  }

  /** Those that differ in names and numbers only are one finding. */
  private List<String> shortBreaches() {
    Map<String, List<String>> alike = new LinkedHashMap<>();
    for (String breach : breaches) {
      String shape = breach.replaceAll("[a-z-]+-[0-9]+(:[0-9]+)?", "@").replaceAll("[0-9]+", "#");
      alike.computeIfAbsent(shape.substring(0, Math.min(shape.length(), LIKENESS)), s -> new ArrayList<>()).add(breach);
    }
    List<String> lines = new ArrayList<>();
    alike.values().forEach(all -> {
      all.stream().limit(MOST_ALIKE).forEach(breach -> lines.add("BREACH " + breach));
      if (all.size() > MOST_ALIKE) lines.add("BREACH … and " + (all.size() - MOST_ALIKE) + " more like these");
    });
    return lines;
  }

  synchronized List<String> breaches() {
    return List.copyOf(breaches);
  }
}
