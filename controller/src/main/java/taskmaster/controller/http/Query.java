package taskmaster.controller.http;

import io.helidon.webserver.http.ServerRequest;
import java.util.Optional;

/** What stands after the question mark. */
final class Query {
  private Query() {}

  /** Not by Helidon's own {@code first}, which looks for services that would turn the text into something else. */
  static Optional<String> first(ServerRequest request, String name) {
    return request.query().contains(name) ? Optional.of(request.query().get(name)) : Optional.empty();
  }
}
