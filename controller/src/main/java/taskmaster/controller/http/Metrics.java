package taskmaster.controller.http;

import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import taskmaster.api.InstanceStatus;
import taskmaster.api.Phase;
import taskmaster.api.ProgramStatus;

/** What a monitoring system scrapes: the Prometheus text format, version 0.0.4. */
final class Metrics {
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final List<ProgramStatus> programs;
  private final StringBuilder out = new StringBuilder();

  private Metrics(List<ProgramStatus> programs) {
    this.programs = programs;
  }

  static String of(List<ProgramStatus> programs) {
    Metrics metrics = new Metrics(programs);
    metrics.perInstance("up", "gauge", "Whether it is RUNNING.", i -> i.phase() == Phase.RUNNING ? 1 : 0);
    metrics.perInstance("ready", "gauge", "Whether others may rely on it; of a job: whether it has completed.", i -> i.ready() ? 1 : 0);
    metrics.perInstance(
        "healthy", "gauge", "Whether its health check passes, where there is one and it has an answer.",
        i -> i.healthy() != null, i -> Boolean.TRUE.equals(i.healthy()) ? 1 : 0);
    metrics.perInstance("restarts_total", "counter", "Runs after the first.", InstanceStatus::restarts);
    metrics.perInstance(
        "dropped_output_bytes_total", "counter", "Output that the disk refused.", InstanceStatus::droppedOutput);
    return metrics.out.toString();
  }

  private void perInstance(String name, String type, String help, ToLongFunction<InstanceStatus> value) {
    perInstance(name, type, help, i -> true, value);
  }

  private void perInstance(
      String name, String type, String help, Predicate<InstanceStatus> has, ToLongFunction<InstanceStatus> value) {
    String full = "taskmaster_instance_" + name;
    out.append("# HELP ").append(full).append(' ').append(help).append('\n');
    out.append("# TYPE ").append(full).append(' ').append(type).append('\n');
    for (ProgramStatus program : programs) {
      for (InstanceStatus i : program.instances()) {
        if (!has.test(i)) continue;
        // names have no characters that would need escaping
        out.append(full).append("{program=\"").append(program.name()).append("\",instance=\"").append(i.id()).append("\"} ");
        out.append(value.applyAsLong(i)).append('\n');
      }
    }
  }
}
