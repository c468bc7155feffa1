package taskmaster.controller;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import taskmaster.api.AutoRestart;
import taskmaster.api.Backoff;
import taskmaster.api.Check;
import taskmaster.api.Checks;
import taskmaster.api.Dependencies;
import taskmaster.api.LogPolicy;
import taskmaster.api.Output;
import taskmaster.api.Policy;
import taskmaster.api.ProgramSpec;
import taskmaster.api.ProgramType;
import taskmaster.api.Shape;
import taskmaster.api.Signal;
import taskmaster.api.Stopping;
import taskmaster.api.Vital;

/** Programs for tests: the file's defaults, and what a test changes of them. */
public record Specs(String name, List<String> cmd, Policy policy) {
  public static final Backoff USUAL =
      new Backoff(Duration.ofSeconds(1), 2, Duration.ofSeconds(60), Duration.ofSeconds(60));

  public static Specs program(String name) {
    Policy policy =
        Policy.plain(
            1, true, AutoRestart.UNEXPECTED, Set.of(0), Duration.ofSeconds(1), 3, USUAL, Stopping.by(Signal.TERM, Duration.ofSeconds(10), true));
    return new Specs(name, List.of("sleep", "100000"), policy);
  }

  public static Specs job(String name) {
    return program(name).with(d -> {
      d.type = ProgramType.JOB;
      d.starttime = Duration.ZERO;
    });
  }

  private static final class Draft {
    ProgramType type;
    int numprocs;
    boolean autostart;
    AutoRestart autorestart;
    Duration starttime;
    int startretries;
    Backoff backoff;
    Stopping stopping;
    LogPolicy log;
    Dependencies dependencies;
    Checks checks;
    @Nullable Signal reloadSignal;
    Vital vital;
    boolean rolling;

    Draft(Policy p) {
      type = p.type();
      numprocs = p.numprocs();
      autostart = p.autostart();
      autorestart = p.autorestart();
      starttime = p.starttime();
      startretries = p.startretries();
      backoff = p.backoff();
      stopping = p.stopping();
      log = p.log();
      dependencies = p.dependencies();
      checks = p.checks();
      reloadSignal = p.reloadSignal();
      vital = p.vital();
      rolling = p.rolling();
    }
  }

  private Specs with(Consumer<Draft> change) {
    Draft d = new Draft(policy);
    change.accept(d);
    Policy next =
        new Policy(
            d.type, d.numprocs, d.autostart, d.autorestart, policy.exitcodes(), d.starttime, d.startretries, d.backoff, d.stopping, d.log,
            d.dependencies, d.checks, d.reloadSignal, d.vital, d.rolling);
    return new Specs(name, cmd, next);
  }

  public Specs cmd(String... words) {
    return new Specs(name, List.of(words), policy);
  }

  public Specs numprocs(int n) {
    return with(d -> d.numprocs = n);
  }

  public Specs autostart(boolean b) {
    return with(d -> d.autostart = b);
  }

  public Specs autorestart(AutoRestart a) {
    return with(d -> d.autorestart = a);
  }

  public Specs starttime(int seconds) {
    return with(d -> d.starttime = Duration.ofSeconds(seconds));
  }

  public Specs startretries(int n) {
    return with(d -> d.startretries = n);
  }

  public Specs backoff(Backoff b) {
    return with(d -> d.backoff = b);
  }

  public Specs stoptime(int seconds) {
    return with(d -> d.stopping = Stopping.by(d.stopping.firstSignal(), Duration.ofSeconds(seconds), d.stopping.group()));
  }

  public Specs stopGroup(boolean b) {
    return with(d -> d.stopping = new Stopping(d.stopping.steps(), b));
  }

  public Specs stop(Stopping.Step... steps) {
    return with(d -> d.stopping = new Stopping(List.of(steps), d.stopping.group()));
  }

  public Specs log(LogPolicy log) {
    return with(d -> d.log = log);
  }

  public Specs needs(String other, Dependencies.Condition condition) {
    return with(d -> {
      Map<String, Dependencies.Condition> all = new LinkedHashMap<>(d.dependencies.conditions());
      all.put(other, condition);
      d.dependencies = new Dependencies(all, d.dependencies.restartsWith());
    });
  }

  public Specs restartsWithDependencies() {
    return with(d -> d.dependencies = new Dependencies(d.dependencies.conditions(), true));
  }

  public Specs ready(Check check) {
    return with(d -> d.checks = new Checks(check, d.checks.health(), d.checks.restartsUnhealthy()));
  }

  public Specs health(Check check, boolean restarts) {
    return with(d -> d.checks = new Checks(d.checks.ready(), check, restarts));
  }

  public Specs reloadSignal(Signal signal) {
    return with(d -> d.reloadSignal = signal);
  }

  public Specs vital(Vital vital) {
    return with(d -> d.vital = vital);
  }

  public Specs rolling() {
    return with(d -> d.rolling = true);
  }

  public ProgramSpec spec() {
    Shape shape = new Shape(cmd, Map.of(), Path.of("/"), null, new Output.Discard(), new Output.Discard());
    return new ProgramSpec(name, shape, policy);
  }
}
