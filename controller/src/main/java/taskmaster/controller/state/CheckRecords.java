package taskmaster.controller.state;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Check;
import taskmaster.api.Checks;
import taskmaster.api.Probe;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

/** The part of a record that says how a program is asked after. */
final class CheckRecords {
  private CheckRecords() {}

  static void write(JsonGenerator json, Checks checks) {
    json.writeObjectPropertyStart("checks");
    check(json, "ready", checks.ready());
    check(json, "health", checks.health());
    json.writeBooleanProperty("restarts_unhealthy", checks.restartsUnhealthy());
    json.writeEndObject();
  }

  private static void check(JsonGenerator json, String kind, @Nullable Check check) {
    if (check == null) return;
    json.writeObjectPropertyStart(kind);
    probe(json, check.probe());
    json.writeNumberProperty("interval", check.interval().toNanos());
    json.writeNumberProperty("timeout", check.timeout().toNanos());
    json.writeNumberProperty("successes", check.successes());
    json.writeNumberProperty("failures", check.failures());
    json.writeNumberProperty("initial_delay", check.initialDelay().toNanos());
    json.writeEndObject();
  }

  static void probe(JsonGenerator json, Probe probe) {
    switch (probe) {
      case Probe.Exec(var cmd) -> {
        json.writeArrayPropertyStart("exec");
        cmd.forEach(json::writeString);
        json.writeEndArray();
      }
      case Probe.Http(String url, int lowest, int highest, var headers) -> {
        json.writeStringProperty("http", url);
        json.writeNumberProperty("lowest", lowest);
        json.writeNumberProperty("highest", highest);
        json.writeObjectPropertyStart("headers");
        headers.forEach(json::writeStringProperty);
        json.writeEndObject();
      }
      case Probe.Tcp(String host, String port) -> {
        json.writeStringProperty("tcp", host);
        json.writeStringProperty("port", port);
      }
      case Probe.Log(String pattern) -> json.writeStringProperty("log", pattern);
      case Probe.Notify() -> json.writeBooleanProperty("notify", true);
    }
  }

  static Checks read(JsonNode c) {
    return new Checks(check(c, "ready"), check(c, "health"), c.path("restarts_unhealthy").asBoolean(true));
  }

  private static @Nullable Check check(JsonNode checks, String kind) {
    if (!checks.has(kind)) return null;
    JsonNode c = checks.get(kind);
    return new Check(
        probe(c),
        duration(c, "interval"),
        duration(c, "timeout"),
        c.path("successes").asInt(1),
        c.path("failures").asInt(1),
        duration(c, "initial_delay"));
  }

  private static Duration duration(JsonNode c, String key) {
    return Duration.ofNanos(c.path(key).asLong(0));
  }

  static Probe probe(JsonNode c) {
    if (c.has("exec")) {
      List<String> cmd = new ArrayList<>();
      for (JsonNode word : c.get("exec")) cmd.add(word.asString());
      return new Probe.Exec(cmd);
    }
    if (c.has("http")) {
      Map<String, String> headers = new LinkedHashMap<>();
      c.path("headers").forEachEntry((name, value) -> headers.put(name, value.asString()));
      return new Probe.Http(c.get("http").asString(), c.path("lowest").asInt(200), c.path("highest").asInt(399), headers);
    }
    if (c.has("tcp")) return new Probe.Tcp(c.get("tcp").asString(), c.path("port").asString(""));
    return c.has("log") ? new Probe.Log(c.get("log").asString()) : new Probe.Notify();
  }
}
