package taskmaster.controller;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import taskmaster.api.AutoRestart;
import taskmaster.api.Backoff;
import taskmaster.api.Output;
import taskmaster.api.LogPolicy;
import taskmaster.api.Policy;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Shape;
import taskmaster.api.Signal;

/** Programs for tests: the file's defaults, and what a test changes of them. */
public record Specs(String name, List<String> cmd, Policy policy) {
  public static final Backoff USUAL =
      new Backoff(Duration.ofSeconds(1), 2, Duration.ofSeconds(60), Duration.ofSeconds(60));

  public static Specs program(String name) {
    Policy policy =
        new Policy(
            1, true, AutoRestart.UNEXPECTED, Set.of(0), Duration.ofSeconds(1), 3, USUAL, Signal.TERM, Duration.ofSeconds(10), true, LogPolicy.DEFAULT);
    return new Specs(name, List.of("sleep", "100000"), policy);
  }

  private Specs with(UnaryOperator<Policy> change) {
    return new Specs(name, cmd, change.apply(policy));
  }

  public Specs cmd(String... words) {
    return new Specs(name, List.of(words), policy);
  }

  public Specs numprocs(int n) {
    return with(p -> new Policy(n, p.autostart(), p.autorestart(), p.exitcodes(), p.starttime(), p.startretries(), p.backoff(), p.stopsignal(), p.stoptime(), p.stopGroup(), p.log()));
  }

  public Specs autostart(boolean b) {
    return with(p -> new Policy(p.numprocs(), b, p.autorestart(), p.exitcodes(), p.starttime(), p.startretries(), p.backoff(), p.stopsignal(), p.stoptime(), p.stopGroup(), p.log()));
  }

  public Specs autorestart(AutoRestart a) {
    return with(p -> new Policy(p.numprocs(), p.autostart(), a, p.exitcodes(), p.starttime(), p.startretries(), p.backoff(), p.stopsignal(), p.stoptime(), p.stopGroup(), p.log()));
  }

  public Specs starttime(int seconds) {
    return with(p -> new Policy(p.numprocs(), p.autostart(), p.autorestart(), p.exitcodes(), Duration.ofSeconds(seconds), p.startretries(), p.backoff(), p.stopsignal(), p.stoptime(), p.stopGroup(), p.log()));
  }

  public Specs startretries(int n) {
    return with(p -> new Policy(p.numprocs(), p.autostart(), p.autorestart(), p.exitcodes(), p.starttime(), n, p.backoff(), p.stopsignal(), p.stoptime(), p.stopGroup(), p.log()));
  }

  public Specs backoff(Backoff b) {
    return with(p -> new Policy(p.numprocs(), p.autostart(), p.autorestart(), p.exitcodes(), p.starttime(), p.startretries(), b, p.stopsignal(), p.stoptime(), p.stopGroup(), p.log()));
  }

  public Specs stoptime(int seconds) {
    return with(p -> new Policy(p.numprocs(), p.autostart(), p.autorestart(), p.exitcodes(), p.starttime(), p.startretries(), p.backoff(), p.stopsignal(), Duration.ofSeconds(seconds), p.stopGroup(), p.log()));
  }

  public Specs stopGroup(boolean b) {
    return with(p -> new Policy(p.numprocs(), p.autostart(), p.autorestart(), p.exitcodes(), p.starttime(), p.startretries(), p.backoff(), p.stopsignal(), p.stoptime(), b, p.log()));
  }

  public Specs log(LogPolicy log) {
    return with(p -> new Policy(p.numprocs(), p.autostart(), p.autorestart(), p.exitcodes(), p.starttime(), p.startretries(), p.backoff(), p.stopsignal(), p.stoptime(), p.stopGroup(), log));
  }

  public ProgramSpec spec() {
    Shape shape = new Shape(cmd, Map.of(), Path.of("/"), null, new Output.Discard(), new Output.Discard());
    return new ProgramSpec(name, shape, policy);
  }
}
