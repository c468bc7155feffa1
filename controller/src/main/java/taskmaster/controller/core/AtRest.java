package taskmaster.controller.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Dependencies;
import taskmaster.api.ProgramSpec;

/**
 * Remembers which programs needed nothing, and until when, so that a tick costs what has changed. It only saves work: the
 * plan is the same without it, because a program's part follows from what is compared here and from the time.
 */
public final class AtRest {
  /** A program of the file, what is wanted of it, and where its facts are. */
  static final class Part {
    Desired.Wanted wanted;
    private int place;
    private @Nullable ProgramObserved planned;
    private MonoTime until = new MonoTime(0);
    /** All others that its plan follows from: what it depends on, what depends on it, and what each of these depends on. */
    private List<Part> neighbours = List.of();
    private List<ProgramObserved> plannedBeside = List.of();
    /** Something that the file no longer has depends on it. */
    private boolean restless;

    Part(Desired.Wanted wanted) {
      this.wanted = wanted;
    }

    /** Until when it needs nothing, or null. */
    @Nullable MonoTime until(Programs programs, MonoTime now) {
      return planned == facts(programs) && !now.reached(until) && isSameBeside(programs) ? until : null;
    }

    void needsNothing(Programs programs, MonoTime until) {
      this.planned = restless ? null : facts(programs);
      this.until = until;
      if (!neighbours.isEmpty()) plannedBeside = neighbours.stream().map(it -> it.facts(programs)).toList();
    }

    private boolean isSameBeside(Programs programs) {
      for (int i = 0; i < neighbours.size(); i++) {
        if (plannedBeside.get(i) != neighbours.get(i).facts(programs)) return false;
      }
      return true;
    }

    ProgramObserved facts(Programs programs) {
      return programs.at(place);
    }
  }

  private Desired desired = Desired.NOTHING;
  private Observed observed = Observed.NOTHING;
  private @Nullable MonoTime until;
  private List<Part> parts = List.of();
  private List<String> removed = List.of();
  private Dependents dependents = Dependents.NONE;

  /** Until when nothing at all is needed, or null. */
  @Nullable MonoTime until(Desired desired, Observed observed, MonoTime now) {
    boolean same = this.desired == desired && this.observed == observed;
    return same && until != null && !now.reached(until) ? until : null;
  }

  void needsNothing(MonoTime until) {
    this.until = until;
  }

  /** What is remembered that still holds. */
  void update(Desired desired, Observed observed) {
    boolean otherSpecs = this.desired.specs() != desired.specs();
    boolean otherPlaces = !this.observed.programs().hasPlacesOf(observed.programs());
    if (otherSpecs) parts = desired.specs().values().stream().map(spec -> new Part(desired.wanted(spec))).toList();
    else if (this.desired != desired) parts.forEach(part -> want(part, desired));
    if (otherSpecs || this.desired.retired() != desired.retired()) meet(desired);
    if (otherSpecs || otherPlaces) place(desired, observed.programs());
    this.desired = desired;
    this.observed = observed;
    this.until = null;
  }

  private static void want(Part part, Desired desired) {
    ProgramSpec spec = part.wanted.spec();
    Desired.Wanted wanted = desired.wanted(spec);
    if (!wanted.isSame(part.wanted) || !part.neighbours.isEmpty()) part.planned = null;
    part.wanted = wanted;
  }

  private void meet(Desired desired) {
    dependents = Dependents.in(desired);
    if (dependents == Dependents.NONE) return;
    Map<String, Part> byName = new HashMap<>();
    for (Part part : parts) byName.put(part.wanted.spec().name(), part);
    for (Part part : parts) {
      ProgramSpec spec = part.wanted.spec();
      Set<String> beside = new LinkedHashSet<>();
      addWithNeeds(spec.policy().dependencies(), beside, desired);
      part.restless = false;
      for (ProgramSpec dependent : dependents.of(spec.name())) {
        part.restless |= !byName.containsKey(dependent.name());
        beside.add(dependent.name());
        beside.addAll(dependent.policy().dependencies().conditions().keySet());
      }
      beside.remove(spec.name());
      part.neighbours = beside.stream().flatMap(name -> Stream.ofNullable(byName.get(name))).toList();
      part.planned = null;
    }
  }

  private static void addWithNeeds(Dependencies needs, Set<String> to, Desired desired) {
    for (String name : needs.conditions().keySet()) {
      to.add(name);
      ProgramSpec spec = desired.specs().get(name);
      if (spec != null) to.addAll(spec.policy().dependencies().conditions().keySet());
    }
  }

  Dependents dependents() {
    return dependents;
  }

  private void place(Desired desired, Programs programs) {
    for (Part part : parts) part.place = programs.place(part.wanted.spec().name());
    List<String> rest = new ArrayList<>();
    for (String name : programs.names()) if (!desired.specs().containsKey(name)) rest.add(name);
    removed = List.copyOf(rest);
  }

  List<Part> parts() {
    return parts;
  }

  /** Programs with facts that the file no longer has. */
  List<String> removed() {
    return removed;
  }
}
