package taskmaster.controller.core;

import org.jspecify.annotations.Nullable;
import taskmaster.api.Check;
import taskmaster.api.Checks;
import taskmaster.api.Exit;
import taskmaster.api.Probe;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Stopping;

/** The facts of an instance that decide what may happen to it next. */
public sealed interface Life {
  /** No process of it is alive. */
  record Down() implements Life {}

  /** Its main process lives and nobody has asked it to end. */
  record Up(Run run, Findings findings) implements Life {
    /** How this run is asked after: one that was started without a socket for its word (sd_notify(3)) is not waited for. */
    Checks checks(ProgramSpec spec) {
      // what the file asks of another process says nothing about this one, which waits to be replaced
      Checks now = run.isOf(spec) ? spec.policy().checks() : run.spec().policy().checks();
      boolean hasSocket = isNotify(run.spec().policy().checks().ready()) || isNotify(run.spec().policy().checks().health());
      if (hasSocket || !isNotify(now.ready()) && !isNotify(now.health())) return now;
      return new Checks(isNotify(now.ready()) ? null : now.ready(), isNotify(now.health()) ? null : now.health(), now.restartsUnhealthy());
    }

    private static boolean isNotify(@Nullable Check check) {
      return check != null && check.probe() instanceof Probe.Notify;
    }

    /** What is known by these checks, and not by others that it had before. */
    Finding ready(ProgramSpec spec) {
      Check check = checks(spec).ready();
      return check == null ? findings.ready() : findings.ready().about(check);
    }

    Finding health(ProgramSpec spec) {
      Check check = checks(spec).health();
      return check == null ? Finding.NONE : findings.health().about(check);
    }
  }

  /**
   * It was told to end, or its main process has ended; the rest of its tree may still live.
   *
   * @param stopSentAt when the first step of its stop was taken while the main process lived
   * @param restSentAt when the stop signal went to what the main process left behind
   * @param killSentAt when SIGKILL last went out
   * @param ended how and when the main process ended
   * @param lookedAt when we last looked for what is left; null: something happened since
   * @param remains how many we saw then
   * @param kills how often SIGKILL went out
   * @param steps how many of {@link taskmaster.api.Stopping} were taken
   * @param steppedAt when the last of them was
   * @param unhealthy it was told to end since its health check failed
   * @param trouble why the last step, a command, failed; or nothing
   */
  record Dying(
      Run run,
      @Nullable MonoTime stopSentAt,
      @Nullable MonoTime restSentAt,
      @Nullable MonoTime killSentAt,
      @Nullable Ended ended,
      @Nullable MonoTime lookedAt,
      int remains,
      int kills,
      int steps,
      @Nullable MonoTime steppedAt,
      boolean unhealthy,
      String trouble)
      implements Life {

    static Dying told(Run run, MonoTime at, boolean unhealthy) {
      return new Dying(run, at, null, null, null, null, 0, 0, 1, at, unhealthy, "");
    }

    static Dying byItself(Run run, Ended ended) {
      return new Dying(run, null, null, null, ended, null, 0, 0, 0, null, false, "");
    }

    Dying restSent(MonoTime at) {
      return new Dying(run, stopSentAt, at, killSentAt, ended, lookedAt, remains, kills, steps, steppedAt, unhealthy, trouble);
    }

    Dying killSent(MonoTime at) {
      return new Dying(run, stopSentAt, restSentAt, at, ended, lookedAt, remains, kills + 1, steps, steppedAt, unhealthy, trouble);
    }

    Dying stepped(MonoTime at) {
      return new Dying(run, stopSentAt, restSentAt, killSentAt, ended, lookedAt, remains, kills, steps + 1, at, unhealthy, "");
    }

    Dying moved(Run to) {
      return new Dying(to, stopSentAt, restSentAt, killSentAt, ended, lookedAt, remains, kills, steps, steppedAt, unhealthy, trouble);
    }

    Dying failed(String why) {
      return new Dying(run, stopSentAt, restSentAt, killSentAt, ended, lookedAt, remains, kills, steps, steppedAt, unhealthy, why);
    }

    Dying ended(Ended how) {
      return new Dying(run, stopSentAt, restSentAt, killSentAt, how, null, remains, kills, steps, steppedAt, unhealthy, trouble);
    }

    Dying looked(MonoTime at, int count) {
      return new Dying(run, stopSentAt, restSentAt, killSentAt, ended, at, count, kills, steps, steppedAt, unhealthy, trouble);
    }

    Dying stirred() {
      return new Dying(run, stopSentAt, restSentAt, killSentAt, ended, null, remains, kills, steps, steppedAt, unhealthy, trouble);
    }

    /** Whether we, and not the process itself, began this. */
    public boolean byUs() {
      return stopSentAt != null;
    }

    End.Cause cause() {
      return !byUs() ? End.Cause.ITSELF : unhealthy ? End.Cause.UNHEALTHY : End.Cause.STOPPED;
    }

    /** When what follows the last step is due, whatever it is, while the main process lives; null before the first. */
    @Nullable MonoTime nextStepAt(Stopping stopping) {
      if (steppedAt == null || steps == 0) return null;
      int last = Math.min(steps, stopping.steps().size()) - 1;
      return steppedAt.plus(stopping.steps().get(last).patience());
    }

    /** From when on it has its time. */
    @Nullable MonoTime toldAt() {
      return stopSentAt != null ? stopSentAt : restSentAt;
    }
  }

  record Ended(Exit exit, MonoTime at) {}
}
