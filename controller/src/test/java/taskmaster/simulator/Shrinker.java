package taskmaster.simulator;

/** Makes a failing schedule shorter as long as the rest still breaks the same rule. */
final class Shrinker {
  private Shrinker() {}

  static Schedule shrink(Schedule failing) {
    String rule = rule(failing);
    Schedule best = failing;
    for (int size = Math.max(1, best.steps().size() / 2); size >= 1; size = size == 1 ? 0 : size / 2) {
      for (int from = 0; from < best.steps().size(); ) {
        Schedule shorter = best.without(from, Math.min(best.steps().size(), from + size));
        if (rule.equals(rule(shorter))) best = shorter;
        else from += size;
      }
    }
    return best;
  }

  private static String rule(Schedule schedule) {
    String breach = Simulation.run(schedule).breach();
    return breach == null ? "" : breach.substring(0, Math.max(0, breach.indexOf(':')));
  }
}
