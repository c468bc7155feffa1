package taskmaster.controller.linux;

import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.MonoTime;

/** What runs say of their status. Of one that says more than people can read, the last word every now and then. */
final class Sayings {
  static final Duration PAUSE = Duration.ofMillis(250);

  private final Map<Long, Event.Said> waiting = new LinkedHashMap<>();
  private final Map<Long, MonoTime> toldAt = new HashMap<>();

  void say(Event.Said said) {
    waiting.put(said.run(), said);
  }

  void tell(MonoTime now, Consumer<Event> hearer) {
    for (Iterator<Event.Said> it = waiting.values().iterator(); it.hasNext(); ) {
      Event.Said said = it.next();
      if (!now.reached(dueAt(said.run(), now))) continue;
      it.remove();
      toldAt.put(said.run(), now);
      hearer.accept(said);
    }
  }

  private MonoTime dueAt(long run, MonoTime now) {
    MonoTime last = toldAt.get(run);
    return last == null ? now : last.plus(PAUSE);
  }

  /** When the next is to be told. */
  MonoTime next(MonoTime now) {
    MonoTime next = MonoTime.NEVER;
    for (long run : waiting.keySet()) next = next.earlierOf(dueAt(run, now));
    return next;
  }

  void forget(long run) {
    waiting.remove(run);
    toldAt.remove(run);
  }
}
