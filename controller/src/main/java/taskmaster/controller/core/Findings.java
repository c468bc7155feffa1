package taskmaster.controller.core;

import taskmaster.api.Checks;

/**
 * What is known of a run beyond that it lives.
 *
 * @param says the last STATUS= that it sent (sd_notify(3)), or nothing
 */
public record Findings(Finding ready, Finding health, String says) {
  public static final Findings NONE = new Findings(Finding.NONE, Finding.NONE, "");

  public Finding of(Checks.Kind kind) {
    return kind == Checks.Kind.READY ? ready : health;
  }

  /** What the next daemon must know of them: the answers on the way are not for it. */
  public Findings concluded() {
    return new Findings(ready.concluded(), health.concluded(), says);
  }

  Findings with(Checks.Kind kind, Finding finding) {
    return kind == Checks.Kind.READY ? new Findings(finding, health, says) : new Findings(ready, finding, says);
  }

  Findings saying(String text) {
    return new Findings(ready, health, text);
  }
}
