package taskmaster.controller.linux;

import java.util.LinkedHashMap;
import java.util.Map;
import taskmaster.api.InstanceId;

/** The environment of children: the daemon's own, less what speaks of the daemon, and what the file and we add. */
final class Environment {
  private final Map<String, String> base;

  private Environment(Map<String, String> base) {
    this.base = base;
  }

  static Environment inherited() {
    Map<String, String> base = new LinkedHashMap<>();
    System.getenv().forEach((name, value) -> {
      boolean ours = name.startsWith("TASKMASTER_") || name.startsWith("LISTEN_") || name.equals("NOTIFY_SOCKET");
      if (!ours) base.put(name, value);
    });
    return new Environment(base);
  }

  Map<String, String> of(InstanceId id, Map<String, String> filed, String markName, String mark) {
    Map<String, String> env = new LinkedHashMap<>(base);
    env.putAll(filed);
    env.put("TASKMASTER_PROGRAM", id.program());
    env.put("TASKMASTER_INSTANCE", id.toString());
    env.put(markName, mark);
    return env;
  }
}
