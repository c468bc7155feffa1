package taskmaster.controller.config;

import java.nio.ByteBuffer;
import java.nio.charset.CoderResult;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** The text of a file, its tree, and the errors found so far. Scalars stay as they are written. */
final class Source {
  private static final int MOST_CHARS = 64 << 20;
  private static final int MOST_ALIASES = 10_000;
  private static final int MOST_MERGED = 100_000;
  private static final int DEEPEST = 50;

  private final String[] lines;
  private final String text;
  private final List<ConfigError> errors = new ArrayList<>();
  private int merged;

  private Source(String text) {
    this.text = text;
    this.lines = text.split("\n", -1);
  }

  /** A key with its place, and its value. */
  record Entry(Node key, Node value) {}

  static Source of(byte[] bytes) {
    CharBuffer chars = CharBuffer.allocate(bytes.length);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, chars, true);
    chars.flip();
    String text = chars.toString();
    Source source = new Source(text.startsWith("\uFEFF") ? text.substring(1) : text);
    if (result.isError()) {
      int line = (int) text.chars().filter(c -> c == '\n').count() + 1;
      source.errors.add(new ConfigError(0, 0, "line " + line + " is not UTF-8 (byte " + in.position() + ")", ""));
    }
    return source;
  }

  /** The whole document; empty where there is none, or an error says why not. */
  Optional<Node> root() {
    if (!errors.isEmpty()) return Optional.empty();
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(MOST_CHARS);
    options.setMaxAliasesForCollections(MOST_ALIASES);
    options.setNestingDepthLimit(DEEPEST);
    try {
      Node root = new Yaml(options).compose(new java.io.StringReader(text));
      return root == null || isNull(root) ? Optional.empty() : Optional.of(root);
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark();
      String problem = String.valueOf(e.getProblem());
      if (mark == null) errors.add(new ConfigError(0, 0, problem, ""));
      else errors.add(new ConfigError(mark.getLine() + 1, mark.getColumn() + 1, "not YAML: " + problem, line(mark)));
    } catch (YAMLException e) {
      errors.add(new ConfigError(0, 0, "not YAML: " + e.getMessage(), ""));
    }
    return Optional.empty();
  }

  void error(Node at, String message) {
    Mark mark = at.getStartMark();
    errors.add(new ConfigError(mark.getLine() + 1, mark.getColumn() + 1, message, line(mark)));
  }

  void error(String message) {
    errors.add(new ConfigError(0, 0, message, ""));
  }

  List<ConfigError> errors() {
    return errors;
  }

  private String line(Mark mark) {
    return mark.getLine() < lines.length ? lines[mark.getLine()].stripTrailing() : "";
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

  static String kind(Node node) {
    return switch (node) {
      case MappingNode m -> "a mapping";
      case SequenceNode s -> "a list";
      case ScalarNode s -> "'" + (s.getValue().length() > 40 ? s.getValue().substring(0, 40) + "…" : s.getValue()) + "'";
      default -> "this";
    };
  }
}
