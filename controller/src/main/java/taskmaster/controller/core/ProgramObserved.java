package taskmaster.controller.core;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The instances of one program that are known.
 *
 * @param scale how many we last set out to keep running
 * @param instances by index; one that was never wanted is not there
 */
public record ProgramObserved(int scale, SortedMap<Integer, Instance> instances) {
  static final ProgramObserved NONE = new ProgramObserved(0, Collections.emptySortedMap());

  ProgramObserved with(Instance instance) {
    SortedMap<Integer, Instance> next = new TreeMap<>(instances);
    next.put(instance.id().index(), instance);
    return new ProgramObserved(scale, Collections.unmodifiableSortedMap(next));
  }
}
