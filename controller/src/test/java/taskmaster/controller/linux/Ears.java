package taskmaster.controller.linux;

import java.util.function.Consumer;
import taskmaster.api.Checks;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.MonoTime;

/** What a kernel makes of what runs say by themselves, without sockets and pipes. */
public final class Ears {
  private final Heard heard = new Heard();

  public void ask(Action.Probe probe, MonoTime now) {
    heard.ask(probe, now);
  }

  public void hear(long run, Checks.Kind kind, boolean byNotify) {
    heard.hear(new Heard.Word(run, kind, byNotify));
  }

  public void tell(MonoTime now, Consumer<Event> hearer) {
    heard.tell(now, hearer);
  }

  /** When the next answer is due; NEVER where none is known. */
  public MonoTime next() {
    MonoTime next = heard.next();
    return next == null ? MonoTime.NEVER : next;
  }

  public void end(long run, Checks.Kind kind) {
    heard.end(run, kind);
  }

  public void end(long run) {
    for (Checks.Kind kind : Checks.Kind.values()) heard.end(run, kind);
  }

  public void forget(long run) {
    heard.forget(run);
  }
}
