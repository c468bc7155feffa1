package taskmaster.controller.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;
import taskmaster.api.InstanceId;
import taskmaster.api.LogPaths;
import taskmaster.api.Output;
import taskmaster.api.Placeholders;
import taskmaster.api.ProgramSpec;

/** Reads a file whole: a {@link Config}, or everything that is wrong with it. */
public final class ConfigFile {
  public static final Path DEFAULT_SOCKET = Path.of("/tmp/taskmaster.sock");
  private static final Path DEFAULT_PIDFILE = Path.of("/tmp/taskmaster_daemon.pid");
  private static final Pattern STATE = Pattern.compile("(?m)^(?:[^#\\n]*[\\s{,])?state:\\s*[\"']?([^\\s\"',}#]+)");
  private static final Set<String> TOP = Set.of("daemon", "alerts", "include", "defaults", "programs", "groups");

  private final Reading reading;
  private final Path file;
  private final Path folder;
  private final Source source;
  private @Nullable ForwardSection forward;

  private ConfigFile(Reading reading, Source source) {
    this.reading = reading;
    this.file = reading.file();
    this.folder = file.getParent() == null ? Path.of("/") : file.getParent();
    this.source = source;
  }

  /** @throws ConfigRejected also where the file cannot be read */
  public static Config load(Path file, Surroundings surroundings) throws ConfigRejected {
    return parse(Reading.ofDisk(file, surroundings));
  }

  /** @throws ConfigRejected also where the file cannot be read */
  public static Config parse(Reading reading) throws ConfigRejected {
    return new ConfigFile(reading, Source.of(reading.file(), reading.main())).config(true);
  }

  /**
   * A file that stands alone.
   *
   * @param file absolute; relative paths in the file start from its folder
   */
  public static Config parse(Path file, byte[] bytes) throws ConfigRejected {
    return parse(Reading.ofKept(file, Map.of(file, bytes)));
  }

  /** A file of which entries were left out: what it says of them is not looked at. */
  static Config parsePart(Path file, byte[] bytes, Surroundings surroundings) throws ConfigRejected {
    return new ConfigFile(Reading.ofDisk(file, surroundings), Source.of(file, bytes)).config(false);
  }

  /** Where a daemon of a file that is no YAML may keep its state, as far as its text tells. */
  public static List<Path> stateFolders(Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    List<Path> folders = new ArrayList<>();
    try {
      Matcher m = STATE.matcher(new String(Reading.ofDisk(absolute).main(), StandardCharsets.ISO_8859_1));
      Path folder = absolute.getParent() == null ? Path.of("/") : absolute.getParent();
      while (m.find()) folders.add(resolve(folder, m.group(1)));
    } catch (ConfigRejected | IllegalArgumentException unreadable) {
      folders.clear();
    }
    folders.add(StateFolder.defaultFor(absolute));
    return folders;
  }

  /** What leads to a file's daemon. */
  public record Place(Path state, Path socket) {}

  /**
   * What leads to a file's daemon, whatever else may be wrong with the file.
   *
   * @throws ConfigRejected where that cannot be told: another daemon must not be taken for this one
   */
  public static Place place(Path file) throws ConfigRejected {
    Path absolute = file.toAbsolutePath().normalize();
    Reading reading = Reading.ofDisk(absolute);
    Source source = Source.of(absolute, reading.main());
    ConfigFile it = new ConfigFile(reading, source);
    Optional<Node> root = source.root();
    Source.Entry daemon = root.isEmpty() ? null : source.mapping(root.get(), "the file").get("daemon");
    Map<String, Source.Entry> keys = daemon == null ? Map.of() : source.mapping(daemon.value(), "daemon");
    Path state = path(source, keys, "state", StateFolder.defaultFor(absolute), it::path);
    Path socket = path(source, keys, "socket", DEFAULT_SOCKET, it::socket);
    if (source.hasErrors()) throw new ConfigRejected(source.errors());
    return new Place(state, socket);
  }

  private static Path path(Source source, Map<String, Source.Entry> keys, String key, Path otherwise, Function<String, Path> reader) {
    Source.Entry given = keys.get(key);
    if (given == null || Source.isNull(given.value())) return otherwise;
    try {
      if (given.value() instanceof ScalarNode text) return reader.apply(text.getValue());
      source.error(given.value(), "daemon." + key + ": it has to be a path");
    } catch (IllegalArgumentException e) {
      source.error(given.value(), "daemon." + key + ": " + e.getMessage());
    }
    return otherwise;
  }

  private Config config(boolean isWhole) throws ConfigRejected {
    Optional<Node> root = source.root();
    if (root.isEmpty()) {
      if (!source.hasErrors()) source.error("the file is empty: it needs at least\nprograms:\n  NAME:\n    cmd: COMMAND");
      throw new ConfigRejected(source.errors());
    }
    if (looksLikeBarePrograms(source, root.get())) throw new ConfigRejected(source.errors());
    Section top = new Section(source, root.get(), "the file", TOP, Map.of());
    Config.Daemon daemon = daemon(top);
    Config.Alerts alerts = alerts(top, logs(daemon));
    List<Section> all = new ArrayList<>(List.of(top));
    if (top.node("include").isPresent()) all.addAll(new Includes(source, reading).of(top));
    Map<String, Source.Entry> entries = entries(all);
    Map<String, ProgramSpec> programs = programs(top, entries, logs(daemon));
    forEachLogConflict(programs, own(daemon, alerts), (program, what) -> source.error(Objects.requireNonNull(entries.get(program)).key(), what));
    if (isWhole) DependencyRules.check(programs, entries.keySet(), new DependencyText(source, entries, top.node("defaults")));
    Map<String, List<String>> groups = isWhole ? groups(all, entries.keySet()) : Map.of();
    if (isWhole && forward != null) forward.check(programs, entries.keySet(), groups.keySet());
    if (source.hasErrors()) throw new ConfigRejected(source.errors());
    return new Config(file, daemon, alerts, programs, groups, reading.alsoRead());
  }

  /** A file whose programs stand at the top level gets one error that shows the mend, instead of many that do not. */
  static boolean looksLikeBarePrograms(Source source, Node root) {
    if (!(root instanceof MappingNode mapping)) return false;
    NodeTuple bare = null;
    for (NodeTuple tuple : mapping.getValue()) {
      if (isKey(tuple, Set.of("programs"))) return false;
      boolean isProgram = tuple.getValueNode() instanceof MappingNode m && m.getValue().stream().anyMatch(t -> isKey(t, Set.of("cmd", "command")));
      if (bare == null && isProgram && !isKey(tuple, TOP)) bare = tuple;
    }
    if (bare == null || !(bare.getKeyNode() instanceof ScalarNode name)) return false;
    source.error(
        name,
        "programs stand under 'programs:'; put that line first and indent the programs below it:\n"
            + "programs:\n  " + name.getValue() + ":\n    cmd: …");
    return true;
  }

  private static boolean isKey(NodeTuple tuple, Set<String> keys) {
    return tuple.getKeyNode() instanceof ScalarNode key && keys.contains(key.getValue());
  }

  private Config.Daemon daemon(Section top) {
    Section d =
        top.section("daemon", Set.of("socket", "pidfile", "logfile", "loglevel", "tick", "state", "reload", "forward"))
            .orElse(new Section(source, emptyNode(), "daemon", Set.of(), Map.of()));
    Duration tick = d.duration("tick", Duration.ofSeconds(1));
    if (tick.compareTo(Duration.ofMillis(10)) < 0 || tick.compareTo(Duration.ofHours(1)) > 0) {
      d.error("tick", "tick: it must be 10ms to 1h");
    }
    forward = new ForwardSection(source, d);
    return new Config.Daemon(
        d.read("socket", DEFAULT_SOCKET, this::socket),
        d.read("pidfile", DEFAULT_PIDFILE, this::path),
        d.read("logfile", folder.resolve("logs/daemon.log"), this::path),
        d.read("loglevel", Config.LogLevel.INFO, text -> choice(text, Config.LogLevel.class)),
        tick,
        d.node("state").isEmpty() ? StateFolder.defaultFor(file) : d.read("state", folder, this::path),
        d.read("reload", false, text -> switch (text) {
          case "sync" -> true;
          case "keep" -> false;
          default -> throw new IllegalArgumentException("'" + text + "' is neither keep nor sync");
        }),
        forward.forward());
  }

  private static Node emptyNode() {
    return new MappingNode(Tag.MAP, List.of(), DumperOptions.FlowStyle.BLOCK);
  }

  private static Path logs(Config.Daemon daemon) {
    Path folder = daemon.logfile().getParent();
    return folder == null ? Path.of("/") : folder;
  }

  private Config.Alerts alerts(Section top, Path logs) {
    Path byDefault = logs.resolve("alerts.log");
    Optional<Section> a = top.section("alerts", Set.of("file", "webhook"));
    if (a.isEmpty()) return new Config.Alerts(byDefault, null);
    return new Config.Alerts(
        a.get().read("file", byDefault, this::path),
        a.get().section("webhook", Set.of("url", "timeout")).map(this::webhook).orElse(null));
  }

  private Config.@Nullable Webhook webhook(Section w) {
    Duration timeout = w.duration("timeout", Duration.ofSeconds(5));
    if (timeout.isZero()) w.error("timeout", "timeout: it must be more than 0");
    if (w.node("url").isEmpty()) {
      w.error("url", "alerts.webhook has no url");
      return null;
    }
    String url = w.read("url", "", ConfigFile::httpUrl);
    return url.isEmpty() ? null : new Config.Webhook(url, timeout);
  }

  private static String httpUrl(String text) {
    try {
      java.net.URI uri = new java.net.URI(text);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (http && uri.getHost() != null) return text;
    } catch (java.net.URISyntaxException notEvenAUri) {
      throw new IllegalArgumentException("'" + text + "' is not a URL: " + notEvenAUri.getReason(), notEvenAUri);
    }
    throw new IllegalArgumentException("'" + text + "' is not a http:// or https:// URL");
  }

  /** The programs of all files, as they are written. */
  private Map<String, Source.Entry> entries(List<Section> all) {
    Map<String, Source.Entry> entries = new LinkedHashMap<>();
    for (Section top : all) {
      Optional<Node> node = top.node("programs");
      if (node.isEmpty()) continue;
      source.mapping(node.get(), "programs").forEach((name, entry) -> {
        Source.Entry before = entries.putIfAbsent(name, entry);
        if (before == null) return;
        source.error(entry.key(), "the program '" + name + "' stands in " + source.place(before.key()) + " already; a program stands in one file");
      });
    }
    return entries;
  }

  private Map<String, ProgramSpec> programs(Section top, Map<String, Source.Entry> entries, Path logs) {
    Map<String, ProgramSpec> programs = new LinkedHashMap<>();
    Optional<Defaults> defaults = Defaults.of(source, top, trial -> program("defaults", "defaults", trial, logs));
    entries.forEach((name, entry) -> {
      if (!ProgramSpec.isName(name)) {
        String rule = name.equals("all") ? "'all' means all programs" : "use letters, digits, '.', '_' and '-'";
        source.error(entry.key(), "'" + name + "' cannot be a program's name: " + rule);
        return;
      }
      String called = "programs." + name;
      Source.Entry whole = defaults.isPresent() ? defaults.get().completed(entry, called) : entry;
      program(name, called, whole, logs).ifPresent(spec -> programs.put(name, spec));
    });
    defaults.ifPresent(Defaults::tellUnused);
    return programs;
  }

  private Optional<ProgramSpec> program(String name, String called, Source.Entry entry, Path logs) {
    return new ProgramSection(source, entry, name, called, folder, logs, reading).spec();
  }

  private Map<String, List<String>> groups(List<Section> all, Set<String> programs) {
    Groups groups = new Groups(source);
    all.forEach(groups::add);
    return groups.of(programs);
  }

  /** A file that several programs are logged to is rotated once, so by one rule. */
  private static void forEachLogConflict(Map<String, ProgramSpec> programs, Set<Path> own, BiConsumer<String, String> hearer) {
    Map<Path, ProgramSpec> first = new HashMap<>();
    for (ProgramSpec spec : programs.values()) {
      for (Output output : List.of(spec.shape().stdout(), spec.shape().stderr())) {
        if (!(output instanceof Output.ToFile(Path path))) continue;
        if (own.contains(path)) {
          hearer.accept(spec.name(), "programs." + spec.name() + ": " + path + " is written by the daemon itself; log to another file");
        }
        int places = Placeholders.areInPath(path.toString()) ? spec.policy().numprocs() : 1;
        for (int index = 0; index < places; index++) {
          Path its = Placeholders.fill(path, new InstanceId(spec.name(), index));
          if (!haveOneLog(first.putIfAbsent(its, spec), spec, its, hearer)) break;
        }
      }
    }
    Set<Path> folders = first.keySet().stream().map(Path::getParent).collect(Collectors.toSet());
    for (ProgramSpec spec : programs.values()) {
      for (Output output : List.of(spec.shape().stdout(), spec.shape().stderr())) {
        if (!(output instanceof Output.PerInstance(Path folder)) || !folders.contains(folder)) continue;
        for (int index = 0; index < spec.policy().numprocs(); index++) {
          InstanceId id = new InstanceId(spec.name(), index);
          Optional<Path> its = output == spec.shape().stdout() ? LogPaths.stdout(id, spec.shape()) : LogPaths.stderr(id, spec.shape());
          if (its.isPresent() && !haveOneLog(first.get(its.get()), spec, its.get(), hearer)) break;
        }
      }
    }
  }

  private static boolean haveOneLog(@Nullable ProgramSpec other, ProgramSpec spec, Path path, BiConsumer<String, String> hearer) {
    if (other == null || other.policy().log().equals(spec.policy().log())) return true;
    String both = "programs." + other.name() + " and programs." + spec.name();
    hearer.accept(spec.name(), both + " share " + path + ", so their 'log' must be the same");
    return false;
  }

  /** Whether the programs fit to each other and to the rest, each being good by itself. */
  static boolean fitsTogether(Config config) {
    List<String> conflicts = new ArrayList<>();
    forEachLogConflict(config.programs(), own(config.daemon(), config.alerts()), (program, what) -> conflicts.add(what));
    if (!DependencyRules.hold(config.programs())) return false;
    ForwardSection.forEachMissing(
        config.daemon().forward(), config.programs(), config.programs().keySet(), config.groups().keySet(), (signal, why) -> conflicts.add(why));
    return conflicts.isEmpty() && config.groups().values().stream().allMatch(config.programs().keySet()::containsAll);
  }

  private static Set<Path> own(Config.Daemon daemon, Config.Alerts alerts) {
    return new HashSet<>(List.of(daemon.logfile(), alerts.file()));
  }

  private Path path(String text) {
    return resolve(folder, text);
  }

  private Path socket(String text) {
    Path path = path(text);
    // sun_path holds 108 bytes with the final NUL (unix(7))
    if (path.toString().getBytes(StandardCharsets.UTF_8).length > 107) {
      throw new IllegalArgumentException("'" + path + "' is longer than the 107 bytes that a socket's path may have");
    }
    return path;
  }

  static Path resolve(Path folder, String text) {
    if (text.isBlank()) throw new IllegalArgumentException("a path cannot be empty");
    if (text.indexOf('\0') >= 0) throw new IllegalArgumentException("a path cannot hold a NUL");
    return folder.resolve(text).normalize();
  }

  static <E extends Enum<E>> E choice(String text, Class<E> type) {
    for (E value : type.getEnumConstants()) {
      if (value.name().equalsIgnoreCase(text)) return value;
    }
    String all =
        Stream.of(type.getEnumConstants()).map(e -> e.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining(", "));
    throw new IllegalArgumentException("'" + text + "' is none of " + all);
  }
}
