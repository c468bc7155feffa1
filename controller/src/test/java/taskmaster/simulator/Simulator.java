package taskmaster.simulator;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Runs seeds from the command line: {@code --seeds N}, {@code --seed S}, {@code --seconds T}. */
public final class Simulator {
  private static final long PROGRESS_NANOS = 200_000_000;

  private Simulator() {}

  public static void main(String[] args) {
    long seeds = 1000;
    long first = 1;
    long seconds = Long.MAX_VALUE;
    boolean one = false;
    if (args.length == 1 && args[0].equals("--ticks")) {
      for (int i = 0; i < 5; i++) ticks();
      return;
    }
    for (int i = 0; i + 1 < args.length; i += 2) {
      long value = Long.parseLong(args[i + 1]);
      switch (args[i]) {
        case "--seeds" -> seeds = value;
        case "--seed" -> {
          first = value;
          one = true;
        }
        case "--seconds" -> seconds = value;
        default -> throw new IllegalArgumentException("unknown argument " + args[i]);
      }
    }
    if (one && args.length <= 2) seeds = 1;
    System.exit(run(first, seeds, seconds) ? 0 : 1);
  }

  private static void ticks() {
    long began = System.nanoTime();
    long ticks = 0;
    for (int i = 0; i < 60; i++) ticks += Simulation.steady(Duration.ofMinutes(5)).ticks();
    double seconds = (System.nanoTime() - began) / 1e9;
    System.out.printf(Locale.ROOT, "20 instances: %d ticks in %.1f s, %,.0f ticks/s%n", ticks, seconds, ticks / seconds);
  }

  private static boolean run(long first, long seeds, long seconds) {
    System.out.println("seed " + first + (seeds > 1 ? ", and the " + (seeds - 1) + " after it" : ""));
    boolean terminal = System.console() != null && System.console().isTerminal();
    long began = System.nanoTime();
    long shown = began;
    long ticks = 0;
    Duration simulated = Duration.ZERO;
    long done = 0;
    for (; done < seeds && (System.nanoTime() - began) / 1_000_000_000 < seconds; done++) {
      Simulation.Result result = Simulation.run(Schedule.of(first + done));
      ticks += result.ticks();
      simulated = simulated.plus(result.time());
      if (result.breach() != null) {
        if (terminal) System.out.print("\r\u001b[K");
        explain(first + done);
        return false;
      }
      long now = System.nanoTime();
      if (terminal && now - shown > PROGRESS_NANOS) {
        shown = now;
        System.out.print("\r\u001b[K" + bar(done, seeds) + "  " + figures(done, ticks, simulated, now - began));
        System.out.flush();
      }
    }
    if (terminal) System.out.print("\r\u001b[K");
    System.out.println("OK " + figures(done, ticks, simulated, System.nanoTime() - began));
    return true;
  }

  private static String bar(long done, long seeds) {
    int filled = (int) (done * 30 / seeds);
    return "[" + "#".repeat(filled) + " ".repeat(30 - filled) + "]";
  }

  private static String figures(long seeds, long ticks, Duration simulated, long nanos) {
    double seconds = nanos / 1e9;
    return String.format(
        Locale.ROOT,
        "%d seeds, %.1f h simulated in %.1f s, %d ticks, %,.0f ticks/s",
        seeds,
        simulated.toMillis() / 3.6e6,
        seconds,
        ticks,
        ticks / seconds);
  }

  private static void explain(long seed) {
    System.out.println("FAILED seed " + seed + " (again: simulate.sh --seed " + seed + ")");
    Schedule shortest = Shrinker.shrink(Schedule.of(seed));
    System.out.println("shortest schedule that still fails:");
    shortest.steps().forEach(step -> System.out.println("  " + step));
    System.out.println("trace:");
    List<String> trace = Simulation.trace(shortest);
    trace.forEach(line -> System.out.println("  " + line));
    System.out.println("broken: " + Simulation.run(shortest).breach());
    System.out.println(Programs.file(shortest.programsSeed()));
  }
}
