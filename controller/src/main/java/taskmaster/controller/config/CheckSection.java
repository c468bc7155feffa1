package taskmaster.controller.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import taskmaster.api.Check;
import taskmaster.api.Probe;

/** {@code ready} or {@code health} of a program. */
final class CheckSection {
  private static final List<String> PROBES = List.of("exec", "http", "tcp", "log", "notify");
  private static final Set<String> KEYS =
      Set.of("exec", "http", "tcp", "log", "notify", "interval", "timeout", "successes", "failures", "initial_delay", "action");

  private static final Duration SHORTEST = Duration.ofMillis(10);

  /** What a program has until it says that it is ready, before that is told. */
  private static final Duration LONGEST_START = Duration.ofMinutes(1);

  private static final String LOCAL = "127.0.0.1";

  private final Source source;
  private final String name;
  private final Node node;
  private final Section section;
  private final Substitution substitution;

  private CheckSection(Source source, String name, Node node, Section section, Substitution substitution) {
    this.source = source;
    this.name = name;
    this.node = node;
    this.section = section;
    this.substitution = substitution;
  }

  /** Empty where the key is left out, or nothing can be made of it, which is then an error. */
  static Optional<CheckSection> of(Source source, Section program, String key, Substitution substitution) {
    return program.section(key, KEYS).map(section -> new CheckSection(source, key, program.node(key).orElseThrow(), section, substitution));
  }

  @Nullable Check check(Duration interval) {
    Probe probe = probe();
    Duration every = atLeast("interval", interval);
    boolean isAwaited = name.equals("ready") && probe != null && probe.isHeard();
    Check check =
        new Check(
            probe == null ? new Probe.Notify() : probe,
            every,
            atLeast("timeout", isAwaited ? LONGEST_START : Duration.ofSeconds(5)),
            section.integer("successes", 1, 1, 1000),
            section.integer("failures", isAwaited ? 1 : 3, 1, 1000),
            section.duration("initial_delay", Duration.ZERO));
    return probe == null ? null : check;
  }

  boolean restarts() {
    return section.read("action", true, text -> switch (text) {
      case "restart" -> true;
      case "alert" -> false;
      default -> throw new IllegalArgumentException("'" + text + "' is neither restart nor alert");
    });
  }

  void refuseAction() {
    if (section.node("action").isPresent()) section.error("action", name + ": only health has an action");
  }

  private Duration atLeast(String key, Duration otherwise) {
    Duration d = section.duration(key, otherwise);
    if (d.compareTo(SHORTEST) >= 0) return d;
    section.error(key, key + ": it must be at least 10ms");
    return otherwise;
  }

  private @Nullable Probe probe() {
    List<String> given = PROBES.stream().filter(probe -> section.node(probe).isPresent()).toList();
    if (given.size() != 1) {
      String what = given.isEmpty() ? "says not how" : "has " + String.join(" and ", given);
      source.error(node, name + " " + what + ": give one of exec, http, tcp, log, notify");
      return null;
    }
    return switch (given.getFirst()) {
      case "exec" -> exec();
      case "http" -> http();
      case "tcp" -> read("tcp", text -> tcp(substitution.apply(text)));
      case "log" -> read("log", CheckSection::log);
      default -> notification();
    };
  }

  private @Nullable Probe read(String key, Function<String, Probe> reader) {
    return section.read(key, Optional.<Probe>empty(), text -> Optional.of(reader.apply(text))).orElse(null);
  }

  private @Nullable Probe exec() {
    List<String> words = substitution.command(section, "exec");
    return words.isEmpty() ? null : new Probe.Exec(words);
  }

  private @Nullable Probe http() {
    Node value = section.node("http").orElseThrow();
    if (value instanceof ScalarNode) {
      String url = section.read("http", "", text -> url(substitution.apply(text)));
      return url.isEmpty() ? null : new Probe.Http(url, 200, 399, Map.of());
    }
    Section h = section.section("http", Set.of("url", "host", "port", "path", "status", "headers")).orElseThrow();
    int[] status = h.read("status", new int[] {200, 399}, CheckSection::status);
    String url = h.node("url").isPresent() ? h.read("url", "", text -> url(substitution.apply(text))) : urlOfParts(h);
    Map<String, String> headers = new LinkedHashMap<>();
    h.node("headers").ifPresent(node -> source.mapping(node, name + ".http.headers").forEach((key, entry) -> {
      if (entry.value() instanceof ScalarNode text && isHeader(key, text.getValue())) headers.put(key, header(entry.key(), text.getValue()));
      else source.error(entry.key(), "headers: '" + key + "' is no header with one value in one line");
    }));
    return url.isEmpty() ? null : new Probe.Http(url, status[0], status[1], headers);
  }

  private String urlOfParts(Section h) {
    if (h.node("port").isEmpty()) {
      source.error(node, name + ".http needs a url, or a port");
      return "";
    }
    String port = h.read("port", "", text -> port(substitution.apply(text)));
    String path = h.read("path", "/", text -> withSlash(substitution.apply(text)));
    if (port.isEmpty()) return "";
    String text = "http://" + h.read("host", LOCAL, substitution::apply) + ":" + port + path;
    try {
      return url(text);
    } catch (IllegalArgumentException e) {
      source.error(node, name + ".http: " + e.getMessage());
      return "";
    }
  }

  private static String withSlash(String path) {
    return path.startsWith("/") ? path : "/" + path;
  }

  private String header(Node key, String value) {
    try {
      return substitution.apply(value);
    } catch (IllegalArgumentException e) {
      source.error(key, name + ".http.headers: " + e.getMessage());
      return "";
    }
  }

  private static boolean isHeader(String key, String value) {
    return key.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+") && value.chars().allMatch(c -> c >= ' ' && c != 127);
  }

  /** "200", "200-299". */
  private static int[] status(String text) {
    String[] ends = text.split("-", 2);
    int lowest = Section.parseInt(ends[0].strip(), 100, 599);
    int highest = ends.length == 1 ? lowest : Section.parseInt(ends[1].strip(), 100, 599);
    if (highest < lowest) throw new IllegalArgumentException("'" + text + "' ends before it begins");
    return new int[] {lowest, highest};
  }

  private static String url(String text) {
    try {
      // what differs by instance is not known yet
      URI uri = new URI(ProgramSection.exampleOf(text));
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (uri.getPort() > 65_535) throw new IllegalArgumentException("'" + text + "' has a port above 65535");
      if (http && uri.getHost() != null) return text;
    } catch (URISyntaxException notEvenAUri) {
      throw new IllegalArgumentException("'" + text + "' is not a URL: " + notEvenAUri.getReason(), notEvenAUri);
    }
    throw new IllegalArgumentException("'" + text + "' is not a http:// or https:// URL");
  }

  /** "5432", "127.0.0.1:5432", "[::1]:5432". */
  private static Probe tcp(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? LOCAL : text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (bracketed) host = host.substring(1, host.length() - 1);
    String port = text.substring(colon + 1);
    boolean isNumber = ProgramSection.exampleOf(port).chars().allMatch(Character::isDigit);
    if (!isNumber || host.isBlank() || !bracketed && host.indexOf(':') >= 0) {
      throw new IllegalArgumentException("'" + text + "' is neither PORT nor HOST:PORT");
    }
    return new Probe.Tcp(host, port(port));
  }

  private static String port(String text) {
    Section.parseInt(ProgramSection.exampleOf(text), 1, 65_535);
    return text;
  }

  private static Probe log(String text) {
    if (text.isEmpty()) throw new IllegalArgumentException("an empty pattern is found in every line");
    try {
      Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("'" + text + "' is no regular expression: " + e.getDescription(), e);
    }
    return new Probe.Log(text);
  }

  private @Nullable Probe notification() {
    if (section.node("notify").orElseThrow() instanceof MappingNode || !section.bool("notify", true)) {
      section.error("notify", "notify: write true, or leave it out");
      return null;
    }
    return new Probe.Notify();
  }
}
