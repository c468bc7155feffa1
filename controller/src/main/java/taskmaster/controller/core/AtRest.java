package taskmaster.controller.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
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

    Part(Desired.Wanted wanted) {
      this.wanted = wanted;
    }

    /** Until when it needs nothing, or null. */
    @Nullable MonoTime until(ProgramObserved program, MonoTime now) {
      return planned == program && !now.reached(until) ? until : null;
    }

    void needsNothing(ProgramObserved program, MonoTime until) {
      this.planned = program;
      this.until = until;
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
    if (otherSpecs || otherPlaces) place(desired, observed.programs());
    this.desired = desired;
    this.observed = observed;
    this.until = null;
  }

  private static void want(Part part, Desired desired) {
    ProgramSpec spec = part.wanted.spec();
    Desired.Wanted wanted = desired.wanted(spec);
    if (!wanted.isSame(part.wanted)) part.planned = null;
    part.wanted = wanted;
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
