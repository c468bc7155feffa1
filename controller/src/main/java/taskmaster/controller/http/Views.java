package taskmaster.controller.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import taskmaster.api.InstanceStatus;
import taskmaster.api.ProgramStatus;
import taskmaster.controller.core.Preview;

/** The API's answers as plain maps, in the words and the order in which JSON and YAML show them. */
final class Views {
  private Views() {}

  static Map<String, Object> program(ProgramStatus p) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("program", p.name());
    map.put("phase", p.phase().name());
    map.put("running", p.running());
    map.put("desired", p.desired());
    map.put("reason", p.reason());
    map.put("instances", p.instances().stream().map(Views::instance).toList());
    return map;
  }

  static Map<String, Object> instance(InstanceStatus i) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("instance", i.id().toString());
    map.put("phase", i.phase().name());
    map.put("pid", i.pid());
    map.put("run", i.run());
    map.put("since", i.since() == null ? null : i.since().toString());
    map.put("uptime_seconds", i.uptime() == null ? null : Math.max(0, i.uptime().toMillis()) / 1000.0);
    map.put("restarts", i.restarts());
    map.put("last_exit", i.lastExit());
    map.put("reason", i.reason());
    map.put("wanted", i.wanted());
    map.put("ready", i.ready());
    map.put("healthy", i.healthy());
    map.put("dropped_output_bytes", i.droppedOutput());
    return unchecked(map);
  }

  static Map<String, Object> preview(Preview preview) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (Preview.Kind kind : Preview.Kind.values()) {
      List<Object> ofKind = new ArrayList<>();
      for (Preview.Change c : preview.changes()) {
        if (c.kind() != kind) continue;
        ofKind.add(kind == Preview.Kind.CHANGED ? Map.of("program", c.program(), "details", c.details()) : c.program());
      }
      map.put(kind.word(), ofKind);
    }
    map.put("unchanged", preview.unchanged());
    map.put(
        "steps",
        preview.steps().stream()
            .map(s -> {
              Map<String, Object> step = new LinkedHashMap<>();
              step.put("instance", s.instance().toString());
              step.put("action", s.action());
              step.put("why", s.why());
              return step;
            })
            .toList());
    return map;
  }

  /** For people: what changed, then what that means instance by instance. */
  static String previewText(Preview preview) {
    StringBuilder out = new StringBuilder();
    for (Preview.Change c : preview.changes()) {
      char sign = switch (c.kind()) {
        case ADDED -> '+';
        case REMOVED -> '-';
        case CHANGED -> '~';
      };
      String details = c.details().isEmpty() ? "" : ": " + String.join(", ", c.details());
      out.append(sign).append(' ').append(c.program()).append(' ').append(c.kind().word()).append(details).append('\n');
    }
    if (preview.unchanged() > 0) out.append("= ").append(preview.unchanged()).append(" unchanged\n");
    if (!preview.steps().isEmpty()) {
      Table table = new Table("INSTANCE", "ACTION", "WHY");
      for (Preview.Step s : preview.steps()) table.row(s.instance().toString(), s.action(), s.why());
      out.append(table.show(cell -> cell));
    }
    return out.toString();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> unchecked(Map<String, @Nullable Object> map) {
    return (Map<String, Object>) (Map<String, ?>) map;
  }
}
