package taskmaster.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** @param programsSeed of the file that the machine starts with */
record Schedule(int programsSeed, List<Step> steps) {
  static Schedule of(long seed) {
    Random r = new Random(seed * 0x9E3779B97F4A7C15L);
    int programs = r.nextInt(1 << 30);
    int count = 5 + r.nextInt(60);
    boolean deadly = r.nextInt(3) > 0;
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Step.Kind kind = Step.Kind.values()[r.nextInt(Step.Kind.values().length)];
      if (kind == Step.Kind.KILL_DAEMON && !deadly) kind = Step.Kind.EXIT;
      if (r.nextInt(4) == 0) kind = deadly && r.nextBoolean() ? Step.Kind.KILL_DAEMON : Step.Kind.EXIT;
      int delay = switch (r.nextInt(4)) {
        case 0 -> 0;
        case 1 -> r.nextInt(100);
        case 2 -> r.nextInt(2_000);
        default -> r.nextInt(8_000);
      };
      steps.add(new Step(delay, kind, r.nextInt(1 << 20), r.nextInt(1 << 20)));
    }
    return new Schedule(programs, steps);
  }

  Schedule without(int from, int to) {
    List<Step> rest = new ArrayList<>(steps.subList(0, from));
    rest.addAll(steps.subList(to, steps.size()));
    return new Schedule(programsSeed, rest);
  }
}
