package taskmaster.controller.core;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Signal;

/**
 * What should be: the file's programs, and what operators have said since.
 *
 * @param specs the current file's, in its order
 * @param retired the last specs of programs that the file no longer has and that may still be stopping
 * @param signals operators' signals, each to be sent once
 */
public record Desired(
    Map<String, ProgramSpec> specs,
    Map<String, ProgramSpec> retired,
    Map<String, Wish> wishes,
    List<SignalRequest> signals,
    long signalCount,
    Ending ending) {

  public static final Desired NOTHING =
      new Desired(Map.of(), Map.of(), Map.of(), List.of(), 0, Ending.NO);

  /** Whether the whole is to end. */
  public enum Ending {
    NO,
    GRACEFULLY,
    AT_ONCE,
    /** The daemon leaves and what runs stays, for the next one. */
    KEEPING;

    boolean stopsAll() {
      return this == GRACEFULLY || this == AT_ONCE;
    }
  }

  public record SignalRequest(long number, InstanceId id, long run, Signal signal) {}

  public Desired {
    specs = Collections.unmodifiableMap(new LinkedHashMap<>(specs));
    retired = Map.copyOf(retired);
    wishes = Map.copyOf(wishes);
    signals = List.copyOf(signals);
  }

  public Wish wish(String program) {
    return wishes.getOrDefault(program, Wish.NONE);
  }

  /** How many instances a program of the file should have. */
  public int count(ProgramSpec spec) {
    Integer scaled = wish(spec.name()).count();
    return scaled != null ? scaled : spec.policy().numprocs();
  }

  /** Whether this instance of a program of the file should run. */
  public boolean wants(ProgramSpec spec, int index) {
    if (ending.stopsAll() || index >= count(spec)) return false;
    return switch (wish(spec.name()).wantOf(index)) {
      case START -> true;
      case STOP -> false;
      case AS_FILED -> spec.policy().autostart();
    };
  }

  Desired withWish(String program, Wish wish) {
    Map<String, Wish> next = new LinkedHashMap<>(wishes);
    next.put(program, wish);
    return new Desired(specs, retired, next, signals, signalCount, ending);
  }

  Desired ending(Ending next) {
    return new Desired(specs, retired, wishes, signals, signalCount, next);
  }

  Desired withSignals(List<SignalRequest> next, long count) {
    return new Desired(specs, retired, wishes, next, count, ending);
  }
}
