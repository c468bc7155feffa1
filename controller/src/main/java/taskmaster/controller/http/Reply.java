package taskmaster.controller.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.json.JsonMapper;

/** Answers in the form that was asked for: JSON, YAML, or the lines that the command line prints. */
final class Reply {
  private static final String EXIT_CODE = "Taskmaster-Exit-Code";

  private final JsonMapper json = new JsonMapper();

  void send(ServerRequest q, ServerResponse s, Object body, String text) {
    String accept = accepted(q);
    if (accept.startsWith("text/plain")) {
      send(s, "text/plain; charset=utf-8", text);
    } else if (accept.startsWith("application/yaml")) {
      DumperOptions options = new DumperOptions();
      options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
      send(s, "application/yaml; charset=utf-8", new Yaml(options).dump(body));
    } else {
      send(s, "application/json", json.writeValueAsString(body) + "\n");
    }
  }

  void problem(ServerRequest q, ServerResponse s, Problem problem) {
    s.status(problem.status());
    exitCode(s, problem.exitCode());
    String detail = String.valueOf(problem.getMessage());
    if (accepted(q).startsWith("text/plain")) {
      send(s, "text/plain; charset=utf-8", "ERR " + detail + "\n");
      return;
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("type", "about:blank");
    body.put("title", problem.status().reasonPhrase());
    body.put("status", problem.status().code());
    body.put("detail", detail);
    send(s, "application/problem+json", json.writeValueAsString(body) + "\n");
  }

  /** What the command line ends with, where that is not 0. */
  static void exitCode(ServerResponse s, int code) {
    s.header(EXIT_CODE, Integer.toString(code));
  }

  private static String accepted(ServerRequest q) {
    return q.headers().first(HeaderNames.ACCEPT).orElse("");
  }

  private static void send(ServerResponse s, String type, String text) {
    s.header(HeaderNames.CONTENT_TYPE, type);
    s.send(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds what else is to be said, where there is anything. */
  static Map<String, Object> noting(Map<String, Object> body, List<String> notes) {
    if (!notes.isEmpty()) body.put("notes", notes);
    return body;
  }

  static String notes(List<String> notes) {
    StringBuilder text = new StringBuilder();
    notes.forEach(note -> text.append("NOTE: ").append(note).append('\n'));
    return text.toString();
  }

  static String properties(Map<String, Object> map) {
    int width = map.keySet().stream().mapToInt(String::length).max().orElse(0);
    StringBuilder out = new StringBuilder();
    map.forEach((k, v) -> out.append(k).append(" ".repeat(width - k.length() + 2)).append(v).append('\n'));
    return out.toString();
  }
}
