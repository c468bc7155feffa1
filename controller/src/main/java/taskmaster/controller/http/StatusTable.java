package taskmaster.controller.http;

import java.util.List;
import java.util.Set;
import taskmaster.api.Durations;
import taskmaster.api.InstanceStatus;
import taskmaster.api.Phase;
import taskmaster.api.ProgramStatus;

/** Statuses as a person reads them. */
final class StatusTable {
  private static final Set<String> PHASES =
      Set.of("RUNNING", "STARTING", "STOPPED", "STOPPING", "BACKOFF", "EXITED", "FATAL");

  private final boolean colour;
  private final Table table;

  private StatusTable(boolean colour, Table table) {
    this.colour = colour;
    this.table = table;
  }

  /** One row a program. */
  static String ofPrograms(List<ProgramStatus> programs, boolean colour) {
    StatusTable t =
        new StatusTable(colour, new Table("PROGRAM", "PHASE", "UP", "PID", "UPTIME", "RESTARTS", "LAST EXIT", "REASON"));
    for (ProgramStatus p : programs) {
      InstanceStatus only = p.instances().size() == 1 ? p.instances().getFirst() : null;
      int restarts = p.instances().stream().mapToInt(InstanceStatus::restarts).sum();
      t.table.row(
          p.name(),
          p.phase().name(),
          p.running() + "/" + p.desired(),
          only == null ? "-" : pid(only),
          only == null ? "-" : uptime(only),
          Integer.toString(restarts),
          only == null ? "-" : lastExit(only),
          reason(p.reason(), p.instances().stream().mapToLong(InstanceStatus::droppedOutput).sum()));
    }
    return t.show();
  }

  /** One row an instance. */
  static String ofInstances(List<InstanceStatus> instances, boolean colour) {
    StatusTable t =
        new StatusTable(
            colour, new Table("INSTANCE", "PHASE", "UP", "PID", "UPTIME", "RESTARTS", "LAST EXIT", "RUN", "REASON"));
    for (InstanceStatus i : instances) {
      boolean up = i.pid() != null && i.phase() != Phase.STOPPING;
      t.table.row(
          i.id().toString(),
          i.phase().name(),
          (up ? 1 : 0) + "/" + (i.stopped() ? 0 : 1),
          pid(i),
          uptime(i),
          Integer.toString(i.restarts()),
          lastExit(i),
          i.run() == 0 ? "-" : Long.toString(i.run()),
          reason(i.reason(), i.droppedOutput()));
    }
    return t.show();
  }

  private static String reason(String reason, long dropped) {
    if (dropped == 0) return reason;
    return (reason.isEmpty() ? "" : reason + "; ") + dropped + " bytes of output dropped";
  }

  private String show() {
    return table.show(cell -> colour && PHASES.contains(cell) ? colourOf(Phase.valueOf(cell)) + cell + "\u001b[0m" : cell);
  }

  private static String colourOf(Phase phase) {
    return switch (phase) {
      case RUNNING -> "\u001b[32m";
      case STARTING, STOPPING -> "\u001b[36m";
      case BACKOFF -> "\u001b[33m";
      case FATAL -> "\u001b[1;31m";
      case EXITED, STOPPED -> "\u001b[2m";
    };
  }

  private static String pid(InstanceStatus i) {
    return i.pid() == null ? "-" : Integer.toString(i.pid());
  }

  private static String uptime(InstanceStatus i) {
    return i.uptime() == null ? "-" : Durations.show(i.uptime());
  }

  private static String lastExit(InstanceStatus i) {
    if (i.lastExit() == null) return "-";
    // why that was stands in the reason already, or matters no longer: it makes the column as wide as the screen
    boolean isKnown = i.pid() != null || i.reason().startsWith(i.lastExit());
    return isKnown && i.lastExit().startsWith("cannot start") ? "not started" : i.lastExit();
  }
}
