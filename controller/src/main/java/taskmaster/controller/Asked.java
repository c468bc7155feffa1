package taskmaster.controller;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.Observed;
import taskmaster.controller.core.Snapshot;

/** An edit that somebody waits for, with an answer that is made from the facts as they are then. */
final class Asked<T> implements Loop.Edit {
  interface Question<T> {
    Answer<T> ask(Desired desired, Observed observed);
  }

  record Answer<T>(Desired desired, T value) {}

  private final Question<T> question;
  private final T tooLate;
  private final CompletableFuture<T> published = new CompletableFuture<>();
  private @Nullable T value;

  /** @param tooLate the answer where the loop has ended */
  Asked(Question<T> question, T tooLate) {
    this.question = question;
    this.tooLate = tooLate;
  }

  @Override
  public Desired apply(Desired desired, Observed observed) {
    Answer<T> answer = question.ask(desired, observed);
    value = answer.value();
    return answer.desired();
  }

  @Override
  public void applied(Snapshot snapshot) {
    published.complete(value);
  }

  @Override
  public void tooLate() {
    published.complete(tooLate);
  }

  /** Once it is part of the published snapshot. */
  T await() throws InterruptedException {
    try {
      return published.get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("internal error: an edit failed", impossible);
    }
  }
}
