package taskmaster.controller.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The facts of each program by name, immutable. A changed copy shares the names: what differs is found by comparing places. */
public final class Programs {
  static final Programs NONE = new Programs(List.of(), Map.of(), new ProgramObserved[0]);

  private final List<String> names;
  private final Map<String, Integer> places;
  private final ProgramObserved[] facts;

  private Programs(List<String> names, Map<String, Integer> places, ProgramObserved[] facts) {
    this.names = names;
    this.places = places;
    this.facts = facts;
  }

  public static Programs of(Map<String, ProgramObserved> facts) {
    return NONE.with(facts);
  }

  /** In the order in which they were first seen. */
  public List<String> names() {
    return names;
  }

  public boolean contains(String name) {
    return places.containsKey(name);
  }

  /** NONE of a name that is not there. */
  public ProgramObserved get(String name) {
    return at(place(name));
  }

  int place(String name) {
    return places.getOrDefault(name, -1);
  }

  ProgramObserved at(int place) {
    return place < 0 ? ProgramObserved.NONE : facts[place];
  }

  int size() {
    return facts.length;
  }

  /** Whether each name has the same place here and there. */
  boolean hasPlacesOf(Programs other) {
    return places == other.places;
  }

  /** With these in place of what was there; one that is empty is left out. */
  Programs with(Map<String, ProgramObserved> changes) {
    boolean sameNames = true;
    for (Map.Entry<String, ProgramObserved> change : changes.entrySet()) {
      sameNames &= contains(change.getKey()) && !change.getValue().isEmpty();
    }
    return sameNames ? replaced(changes) : rebuilt(changes);
  }

  private Programs replaced(Map<String, ProgramObserved> changes) {
    ProgramObserved[] next = facts.clone();
    changes.forEach((name, program) -> next[place(name)] = program);
    return new Programs(names, places, next);
  }

  private Programs rebuilt(Map<String, ProgramObserved> changes) {
    List<String> order = new ArrayList<>(names);
    for (String name : changes.keySet()) if (!contains(name)) order.add(name);
    Map<String, Integer> nextPlaces = new HashMap<>();
    List<String> nextNames = new ArrayList<>();
    List<ProgramObserved> next = new ArrayList<>();
    for (String name : order) {
      ProgramObserved program = changes.getOrDefault(name, get(name));
      if (program.isEmpty()) continue;
      nextPlaces.put(name, next.size());
      nextNames.add(name);
      next.add(program);
    }
    return new Programs(List.copyOf(nextNames), nextPlaces, next.toArray(ProgramObserved[]::new));
  }

  interface Change {
    /** Either may be NONE. */
    void accept(String name, ProgramObserved before, ProgramObserved after);
  }

  /** Of those that are there after. */
  static void forEach(Programs before, Programs after, Change action) {
    boolean same = after.hasPlacesOf(before);
    for (int place = 0; place < after.facts.length; place++) {
      ProgramObserved old = same ? before.facts[place] : before.get(after.names.get(place));
      action.accept(after.names.get(place), old, after.facts[place]);
    }
  }

  static void forEachChange(Programs before, Programs after, Change action) {
    boolean same = after.hasPlacesOf(before);
    for (int place = 0; place < after.facts.length; place++) {
      ProgramObserved now = after.facts[place];
      ProgramObserved old = same ? before.facts[place] : before.get(after.names.get(place));
      if (old != now) action.accept(after.names.get(place), old, now);
    }
    if (same) return;
    for (int place = 0; place < before.facts.length; place++) {
      String name = before.names.get(place);
      if (!after.contains(name)) action.accept(name, before.facts[place], ProgramObserved.NONE);
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Programs p && names.equals(p.names) && Arrays.equals(facts, p.facts);
  }

  @Override
  public int hashCode() {
    return 31 * names.hashCode() + Arrays.hashCode(facts);
  }

  @Override
  public String toString() {
    return names + " " + Arrays.toString(facts);
  }
}
