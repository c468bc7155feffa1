package taskmaster.controller.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * What each program has that does not say otherwise: put into its tree before it is read, so that every key has it.
 *
 * <p>They are tried alone first. What is wrong then is told once, by the first program that takes it, or at the end if
 * none does; it may be right with a program's own keys, and what is only wrong with those is told of each program.
 */
final class Defaults {
  private static final int DEEPEST = 20;
  private static final int MOST_MERGED = 1000;
  private static final Set<String> PROBES = Set.of("exec", "http", "tcp", "log", "notify");

  private final Source source;
  private final MappingNode node;
  private final Set<Node> nodes;
  private final Set<String> unused;
  private final List<Found> alone = new ArrayList<>();
  private final Set<ConfigError> told = new HashSet<>();
  private String program = "";
  private boolean isTrial;
  private int merged;

  private record Found(Node at, ConfigError error) {}

  private Defaults(Source source, MappingNode given) {
    this.source = source;
    Map<String, Source.Entry> entries = source.mapping(given, "defaults");
    ProgramSection.checkDefaults(source, given);
    entries.remove("cmd");
    this.node = Source.mapping(given, entries);
    this.nodes = below(given);
    this.unused = new HashSet<>(entries.keySet());
  }

  /** @param trial reads a program */
  static Optional<Defaults> of(Source source, Section top, Consumer<Source.Entry> trial) {
    Optional<Node> given = top.node("defaults");
    if (given.isEmpty()) return Optional.empty();
    if (!(given.get() instanceof MappingNode mapping)) {
      source.mapping(given.get(), "defaults");
      return Optional.empty();
    }
    Defaults defaults = new Defaults(source, mapping);
    source.with(defaults);
    defaults.tryAlone(trial);
    return Optional.of(defaults);
  }

  private void tryAlone(Consumer<Source.Entry> trial) {
    Map<String, Source.Entry> entries = source.mapping(node, "defaults");
    ScalarNode anything = new ScalarNode(Tag.STR, "-", node.getStartMark(), node.getEndMark(), DumperOptions.ScalarStyle.PLAIN);
    entries.put("cmd", new Source.Entry(anything, anything));
    isTrial = true;
    trial.accept(new Source.Entry(node, Source.mapping(node, entries)));
    isTrial = false;
  }

  boolean has(Node at) {
    return nodes.contains(at);
  }

  /** The error to tell; empty where there is none, or none any more. */
  Optional<ConfigError> heard(Node at, ConfigError error) {
    if (!has(at)) return isTrial ? Optional.empty() : Optional.of(error);
    if (isTrial) {
      alone.add(new Found(at, error));
      return Optional.empty();
    }
    Optional<ConfigError> known = alone.stream().map(Found::error).filter(error::isAt).findFirst();
    if (known.isPresent()) return told.add(known.get()) ? known : Optional.empty();
    return Optional.of(program.isEmpty() ? error : error.of(program));
  }

  /** What is wrong with those that no program takes. */
  void tellUnused() {
    program = "";
    List<Node> values = new ArrayList<>();
    source.mapping(node, "defaults").forEach((key, entry) -> {
      if (unused.contains(key)) values.add(entry.value());
    });
    Set<Node> below = below(values.toArray(Node[]::new));
    for (Found found : alone) if (below.contains(found.at()) && told.add(found.error())) source.add(found.error());
  }

  private static Set<Node> below(Node... roots) {
    Set<Node> all = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Node> open = new ArrayDeque<>(List.of(roots));
    while (!open.isEmpty()) {
      Node next = open.pop();
      if (!all.add(next)) continue;
      if (next instanceof SequenceNode list) open.addAll(list.getValue());
      if (next instanceof MappingNode mapping) {
        for (NodeTuple tuple : mapping.getValue()) open.addAll(List.of(tuple.getKeyNode(), tuple.getValueNode()));
      }
    }
    return all;
  }

  /**
   * A program with the entries that it lacks, key by key also where both values are mappings.
   *
   * @param called as errors call it: {@code programs.web}
   */
  Source.Entry completed(Source.Entry entry, String called) {
    program = called;
    merged = 0;
    return new Source.Entry(entry.key(), completed(entry.value(), node, called, "", 0));
  }

  private Node completed(Node own, Node by, String called, String path, int depth) {
    if (!(own instanceof MappingNode mapping) || !(by instanceof MappingNode)) return own;
    if (depth > DEEPEST || ++merged > MOST_MERGED) {
      source.error(own, "aliases are merged into the defaults too often or in a circle");
      return own;
    }
    Map<String, Source.Entry> entries = source.mapping(own, called + path);
    Set<String> said = new HashSet<>();
    entries.forEach((key, entry) -> {
      // an empty value is one in env alone; elsewhere the key counts as left out, and ~ takes the default back
      if (path.equals(".env") || !Source.isEmpty(entry.value())) said.add(key);
    });
    source.mapping(by, "defaults" + path).forEach((key, standard) -> {
      Source.Entry before = entries.get(key);
      if (before != null && said.contains(key) && path.equals(".depends_on") && Source.isNull(before.value())) {
        entries.remove(key); // here alone a key with ~ would still be one
        return;
      }
      if (before == null || !said.contains(key)) {
        if (isDisplaced(path, key, said)) return;
        entries.put(key, standard);
        if (depth == 0) unused.remove(key);
      } else if (before.value() instanceof MappingNode && standard.value() instanceof MappingNode) {
        entries.put(key, new Source.Entry(before.key(), completed(before.value(), standard.value(), called, path + "." + key, depth + 1)));
        if (depth == 0) unused.remove(key);
      }
    });
    return Source.mapping(mapping, entries);
  }

  /** Whether a program says the same thing by another key, which goes with this one as badly in one mapping. */
  private static boolean isDisplaced(String path, String key, Set<String> own) {
    Set<String> rivals =
        switch (path) {
          case "" -> key.equals("stop") ? Set.of("stopsignal", "stoptime") : key.equals("stopsignal") || key.equals("stoptime") ? Set.of("stop") : Set.of();
          case ".ready", ".health" -> PROBES.contains(key) ? PROBES : Set.of();
          case ".ready.http", ".health.http" ->
              switch (key) {
                case "url" -> Set.of("host", "port", "path");
                case "host", "port", "path" -> Set.of("url");
                default -> Set.of();
              };
          default -> Set.of();
        };
    return !Collections.disjoint(rivals, own);
  }
}
