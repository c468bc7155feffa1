package taskmaster.controller.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The instances of one program that are known.
 *
 * @param scale how many we last set out to keep running
 * @param instances in the order of their indices; one that was never wanted is not there
 */
public record ProgramObserved(int scale, List<Instance> instances) {
  static final ProgramObserved NONE = new ProgramObserved(0, List.of());

  public ProgramObserved {
    instances = List.copyOf(instances);
  }

  boolean isEmpty() {
    return scale == 0 && instances.isEmpty();
  }

  public @Nullable Instance instance(int index) {
    int place = place(index);
    return place < instances.size() && indexAt(place) == index ? instances.get(place) : null;
  }

  /** Those with this index and above. */
  public List<Instance> from(int index) {
    return instances.subList(place(index), instances.size());
  }

  ProgramObserved with(Instance instance) {
    int index = instance.id().index();
    int place = place(index);
    List<Instance> next = new ArrayList<>(instances.size() + 1);
    next.addAll(instances);
    if (place < next.size() && indexAt(place) == index) next.set(place, instance);
    else next.add(place, instance);
    return new ProgramObserved(scale, next);
  }

  ProgramObserved without(int index) {
    return new ProgramObserved(scale, instances.stream().filter(it -> it.id().index() != index).toList());
  }

  private int indexAt(int place) {
    return instances.get(place).id().index();
  }

  /** Where the instance is or would be. Without gaps, and that is the rule, this is its index. */
  private int place(int index) {
    int low = 0;
    int high = Math.min(index, instances.size());
    if (high == 0 || indexAt(high - 1) < index) return high;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (indexAt(middle) < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
