package taskmaster.controller.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.resolver.Resolver;

/** The texts of a file and of those that it names, their trees, and the errors found so far. Scalars stay as they are written. */
final class Source {
  private static final int MOST_CHARS = 8 << 20;
  private static final int MOST_ALIASES = 10_000;
  private static final int MOST_MERGED = 100_000;
  private static final int DEEPEST = 50;

  /** What they become in memory must fit beside a daemon that runs. 10 000 programs have some 150 000. */
  private static final int MOST_EVENTS = 300_000;

  /** Bytes of a text that cannot have more: in what makes sense none takes less than two characters. */
  static final int SURELY_NOT_TOO_MUCH = 2 * MOST_EVENTS;

  private final Document main;
  private final Map<String, Document> others = new LinkedHashMap<>();
  private final List<ConfigError> errors = new ArrayList<>();
  private final Set<ConfigError> told = new HashSet<>();
  private @Nullable Defaults defaults;
  private int merged;
  private int events;

  private Source(Document main) {
    this.main = main;
  }

  /** A key with its place, and its value. */
  record Entry(Node key, Node value) {}

  static Source of(Path file, byte[] bytes) {
    return new Source(Document.of(file, bytes));
  }

  /** The whole document; empty where there is none, or an error says why not. */
  Optional<Node> root() {
    return root(main);
  }

  /** The document of another file. */
  Optional<Node> root(Path file, byte[] bytes) {
    Document document = Document.of(file, bytes);
    others.put(file.toString(), document);
    return root(document);
  }

  private Optional<Node> root(Document document) {
    document.notText().ifPresent(this::add);
    if (document.notText().isPresent()) return Optional.empty();
    try {
      Node root = composed(document.reader());
      return root == null || isNull(root) ? Optional.empty() : Optional.of(root);
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark();
      String problem = String.valueOf(e.getProblem());
      if (mark == null) add(ConfigError.ofWhole(document.file(), problem));
      else add(document.error(mark, "not YAML: " + problem));
    } catch (TooMuch e) {
      add(ConfigError.ofWhole(document.file(), String.valueOf(e.getMessage())));
    } catch (YAMLException e) {
      add(ConfigError.ofWhole(document.file(), "not YAML: " + e.getMessage()));
    }
    return Optional.empty();
  }

  private @Nullable Node composed(TextReader reader) {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(MOST_CHARS);
    options.setMaxAliasesForCollections(MOST_ALIASES);
    options.setNestingDepthLimit(DEEPEST);
    return new Composer(new Bounded(reader, options), new Words(), options).getSingleNode();
  }

  /** A megabyte of commas would be a hundred of nodes. */
  private final class Bounded extends ParserImpl {
    Bounded(TextReader reader, LoaderOptions options) {
      super(reader, options);
    }

    @Override
    public Event getEvent() {
      if (++events > MOST_EVENTS) throw new TooMuch();
      return super.getEvent();
    }
  }

  private static final class TooMuch extends YAMLException {
    TooMuch() {
      super("it has more than " + MOST_EVENTS + " keys, values and lists; divide it among more than one daemon");
    }
  }

  /** Scalars stay as they are written; only nothing, and what merges, are told from others. */
  private static final class Words extends Resolver {
    @Override
    protected void addImplicitResolvers() {}

    @Override
    public Tag resolve(NodeId kind, String value, boolean implicit) {
      if (kind != NodeId.scalar || !implicit) return super.resolve(kind, value, implicit);
      return switch (value) {
        case "", "~", "null", "Null", "NULL" -> Tag.NULL;
        case "<<" -> Tag.MERGE;
        default -> Tag.STR;
      };
    }
  }

  private Document of(Node node) {
    return others.isEmpty() ? main : others.getOrDefault(node.getStartMark().getName(), main);
  }

  /** FILE:LINE of a node. */
  String place(Node node) {
    return of(node).file() + ":" + (node.getStartMark().getLine() + 1);
  }

  void error(Node at, String message) {
    ConfigError error = of(at).error(at.getStartMark(), message);
    Defaults of = defaults;
    if (of == null) add(error);
    else of.heard(at, error).ifPresent(this::add);
  }

  /** From now on these are part of what is read. */
  void with(Defaults now) {
    defaults = now;
  }

  boolean isDefault(Node node) {
    Defaults of = defaults;
    return of != null && of.has(node);
  }

  /** About the main file as a whole. */
  void error(String message) {
    add(ConfigError.ofWhole(main.file(), message));
  }

  void add(ConfigError error) {
    if (told.add(error)) errors.add(error);
  }

  boolean hasErrors() {
    return !errors.isEmpty();
  }

  /** The main file's first, then those of the others in the order in which they were read; in each from the top. */
  List<ConfigError> errors() {
    Map<Path, Integer> order = new HashMap<>(Map.of(main.file(), 0));
    for (Document other : others.values()) order.putIfAbsent(other.file(), order.size());
    return errors.stream()
        .sorted(
            Comparator.comparingInt((ConfigError e) -> order.getOrDefault(e.file(), Integer.MAX_VALUE))
                .thenComparingInt(ConfigError::line)
                .thenComparingInt(ConfigError::column))
        .toList();
  }

  /** Whether there is nothing at all, not even a word for nothing. */
  static boolean isEmpty(Node node) {
    return isNull(node) && ((ScalarNode) node).getValue().isEmpty();
  }

  static boolean isNull(Node node) {
    return node instanceof ScalarNode && node.getTag().equals(Tag.NULL);
  }

  /** A mapping's entries in order, merge keys (<<) resolved, or an error and nothing. */
  Map<String, Entry> mapping(Node node, String what) {
    if (isNull(node)) return new LinkedHashMap<>();
    if (!(node instanceof MappingNode mapping)) {
      error(node, what + " must be a mapping (key: value), not " + kind(node));
      return new LinkedHashMap<>();
    }
    return entries(mapping, what, 0);
  }

  private Map<String, Entry> entries(MappingNode mapping, String what, int depth) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    Map<String, Entry> inherited = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        error(tuple.getKeyNode(), "a key of " + what + " must be a plain word");
        continue;
      }
      if (key.getTag().equals(Tag.MERGE)) {
        merge(tuple.getValueNode(), what, depth, inherited);
        continue;
      }
      Entry before = entries.putIfAbsent(key.getValue(), new Entry(key, tuple.getValueNode()));
      if (before != null) {
        int line = before.key().getStartMark().getLine() + 1;
        error(key, "'" + key.getValue() + "' stands twice in " + what + " (first in line " + line + ")");
      }
    }
    inherited.forEach(entries::putIfAbsent);
    return entries;
  }

  private void merge(Node value, String what, int depth, Map<String, Entry> into) {
    if (++merged > MOST_MERGED || depth > DEEPEST) {
      if (merged <= MOST_MERGED + 1) error(value, "aliases are merged into each other too often or in a circle");
      merged = MOST_MERGED + 1;
      return;
    }
    switch (value) {
      case MappingNode m -> entries(m, what, depth + 1).forEach(into::putIfAbsent);
      case SequenceNode s -> s.getValue().forEach(item -> merge(item, what, depth + 1, into));
      default -> error(value, "<< takes a mapping or a list of mappings");
    }
  }

  /** One scalar, or those of a list; an error for whatever else there is. */
  List<ScalarNode> scalars(Node node, String what) {
    List<Node> items = node instanceof SequenceNode list ? list.getValue() : List.of(node);
    List<ScalarNode> scalars = new ArrayList<>();
    for (Node item : items) {
      if (item instanceof ScalarNode scalar) scalars.add(scalar);
      else error(item, what + " must be a single value or a list of them, not " + kind(item));
    }
    return scalars;
  }

  /** A mapping of these entries in the place of another one. */
  static MappingNode mapping(MappingNode inPlaceOf, Map<String, Entry> entries) {
    List<NodeTuple> tuples = entries.values().stream().map(e -> new NodeTuple(e.key(), e.value())).toList();
    return new MappingNode(Tag.MAP, true, tuples, inPlaceOf.getStartMark(), inPlaceOf.getEndMark(), inPlaceOf.getFlowStyle());
  }

  static String kind(Node node) {
    return switch (node) {
      case MappingNode m -> "a mapping";
      case SequenceNode s -> "a list";
      case ScalarNode s -> "'" + (s.getValue().length() > 40 ? s.getValue().substring(0, 40) + "…" : s.getValue()) + "'";
      default -> "this";
    };
  }
}
