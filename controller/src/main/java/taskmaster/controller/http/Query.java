package taskmaster.controller.http;

import io.helidon.webserver.http.ServerRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Durations;
import taskmaster.api.Target;
import taskmaster.api.Waits;

/** What stands after the question mark. What cannot be understood ends the request with a {@link Problem}. */
final class Query {
  private Query() {}

  /** Not by Helidon's own {@code first}, which looks for services that would turn the text into something else. */
  static Optional<String> first(ServerRequest request, String name) {
    return request.query().contains(name) ? Optional.of(request.query().get(name)) : Optional.empty();
  }

  static String required(ServerRequest q, String name) {
    return first(q, name).orElseThrow(() -> Problem.usage("no " + name + " given"));
  }

  static boolean flag(ServerRequest q, String name) {
    return q.query().contains(name) && !"false".equals(q.query().get(name));
  }

  static List<Target> targets(ServerRequest q) {
    List<String> texts = q.query().contains("target") ? q.query().all("target") : List.of();
    return texts.stream().map(Target::parse).toList();
  }

  static List<Target> someTargets(ServerRequest q) {
    List<Target> targets = targets(q);
    if (targets.isEmpty()) throw Problem.usage("no target: say which program, instance or all");
    return targets;
  }

  static int number(String text, int most) {
    if (!text.matches("[0-9]{1,6}") || Integer.parseInt(text) > most) {
      throw Problem.usage("'" + text + "' is not a number from 0 to " + most);
    }
    return Integer.parseInt(text);
  }

  static Duration timeout(ServerRequest q) {
    return first(q, "timeout").map(Durations::parse).map(t -> t.compareTo(Waits.LONGEST) < 0 ? t : Waits.LONGEST).orElse(Waits.USUAL);
  }

  /** Null where nothing is said of it. */
  static @Nullable Boolean sync(ServerRequest q) {
    return q.query().contains("sync") ? Boolean.valueOf(flag(q, "sync")) : null;
  }
}
