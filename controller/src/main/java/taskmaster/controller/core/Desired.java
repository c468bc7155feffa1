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
 * @param groups the file's: the programs of each
 * @param retired the last specs of programs that the file no longer has and that may still be stopping
 * @param signals operators' signals, each to be sent once
 */
public record Desired(
    Map<String, ProgramSpec> specs,
    Map<String, List<String>> groups,
    Map<String, ProgramSpec> retired,
    Map<String, Wish> wishes,
    List<SignalRequest> signals,
    long signalCount,
    Ending ending) {

  public static final Desired NOTHING =
      new Desired(Map.of(), Map.of(), Map.of(), Map.of(), List.of(), 0, Ending.NO);

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
    specs = ordered(specs);
    groups = ordered(groups);
    retired = Map.copyOf(retired);
    wishes = Map.copyOf(wishes);
    signals = List.copyOf(signals);
  }

  public Wish wish(String program) {
    return wishes.getOrDefault(program, Wish.NONE);
  }

  /** A copy, unless it is one: what stays the same stays the same object. */
  private static <V> Map<String, V> ordered(Map<String, V> map) {
    Map<String, V> view = Collections.unmodifiableMap(map);
    return view == map ? map : Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }

  /** How many instances a program of the file should have. */
  public int count(ProgramSpec spec) {
    return wanted(spec).count();
  }

  /** Whether this instance of a program of the file should run. */
  public boolean wants(ProgramSpec spec, int index) {
    return wanted(spec).is(index);
  }

  /** What is wanted of one program of the file. */
  Wanted wanted(ProgramSpec spec) {
    return new Wanted(spec, wish(spec.name()), ending);
  }

  /** What is wanted of a program that the file no longer has: nothing. */
  Wanted unwanted(ProgramSpec spec) {
    return new Wanted(spec, Wish.NONE.counting(0), ending);
  }

  /** All that decides about one program. */
  record Wanted(ProgramSpec spec, Wish wish, Ending ending) {
    int count() {
      Integer scaled = wish.count();
      return scaled != null ? scaled : spec.policy().numprocs();
    }

    boolean is(int index) {
      if (ending.stopsAll() || index >= count()) return false;
      return switch (wish.wantOf(index)) {
        case START -> true;
        case STOP -> false;
        case AS_FILED -> spec.policy().autostart();
      };
    }

    boolean isSame(Wanted other) {
      return spec == other.spec && wish == other.wish && ending == other.ending;
    }
  }

  public Desired withGroups(Map<String, List<String>> next) {
    return new Desired(specs, next, retired, wishes, signals, signalCount, ending);
  }

  Desired withWishes(Map<String, Wish> next) {
    return new Desired(specs, groups, retired, next, signals, signalCount, ending);
  }

  Desired ending(Ending next) {
    return new Desired(specs, groups, retired, wishes, signals, signalCount, next);
  }

  Desired withSignals(List<SignalRequest> next, long count) {
    return new Desired(specs, groups, retired, wishes, next, count, ending);
  }
}
