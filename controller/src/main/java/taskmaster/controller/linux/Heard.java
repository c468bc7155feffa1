package taskmaster.controller.linux;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Checks;
import taskmaster.api.Probe;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.MonoTime;

/**
 * Probes whose answer is what a run says by itself. That it is ready counts whenever it was said; that it is well only
 * since it was asked, and is told after a while, or one that says so all the time would be asked all the time.
 */
final class Heard {
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  /** @param byNotify said on its socket, else in its output */
  record Word(long run, Checks.Kind kind, boolean byNotify) {}

  private static final class Question {
    final Action.Probe probe;
    final MonoTime from;
    boolean isAnswered;

    Question(Action.Probe probe, MonoTime from) {
      this.probe = probe;
      this.from = from;
    }
  }

  private final Map<Word, Question> open = new HashMap<>();
  private final Set<Word> said = new HashSet<>();

  static Word wordFor(Action.Probe probe) {
    return new Word(probe.run(), probe.kind(), probe.check().probe() instanceof Probe.Notify);
  }

  void ask(Action.Probe probe, MonoTime now) {
    Duration pause = probe.check().timeout().dividedBy(4);
    if (pause.compareTo(LONGEST_PAUSE) > 0) pause = LONGEST_PAUSE;
    Question question = new Question(probe, probe.kind() == Checks.Kind.HEALTH ? now.plus(pause) : now);
    Word word = wordFor(probe);
    question.isAnswered = said.contains(word);
    open.put(word, question);
  }

  void hear(Word word) {
    if (word.kind() == Checks.Kind.READY) said.add(word);
    Question question = open.get(word);
    if (question != null) question.isAnswered = true;
  }

  /** Tells the answers that are due. */
  void tell(MonoTime now, Consumer<Event> hearer) {
    for (Iterator<Question> it = open.values().iterator(); it.hasNext(); ) {
      Question question = it.next();
      if (!question.isAnswered || !now.reached(question.from)) continue;
      it.remove();
      hearer.accept(Probing.answered(question.probe, null));
    }
  }

  /** When the next answer is due; null: none is known. */
  @Nullable MonoTime next() {
    MonoTime next = null;
    for (Question question : open.values()) {
      if (question.isAnswered) next = next == null ? question.from : next.earlierOf(question.from);
    }
    return next;
  }

  void end(long run, Checks.Kind kind) {
    open.remove(new Word(run, kind, true));
    open.remove(new Word(run, kind, false));
  }

  void forget(long run) {
    open.keySet().removeIf(word -> word.run() == run);
    said.removeIf(word -> word.run() == run);
  }
}
