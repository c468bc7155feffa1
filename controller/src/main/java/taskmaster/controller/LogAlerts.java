package taskmaster.controller;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import taskmaster.api.InstanceId;
import taskmaster.controller.alerts.Teller;
import taskmaster.controller.logs.Capture;

/** A disk that refuses programs' output, and the end of that, as alerts. */
record LogAlerts(Teller teller) implements Capture.Listener {
  @Override
  public void degraded(Path log, List<InstanceId> instances, String why) {
    teller.alert("log_degraded", Map.of("log", log.toString(), "instances", names(instances), "reason", why));
  }

  @Override
  public void recovered(Path log, List<InstanceId> instances, long dropped) {
    teller.alert("log_recovered", Map.of("log", log.toString(), "instances", names(instances), "dropped_bytes", dropped));
  }

  private static List<String> names(List<InstanceId> instances) {
    return instances.stream().map(InstanceId::toString).toList();
  }
}
