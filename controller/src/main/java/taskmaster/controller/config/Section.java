package taskmaster.controller.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import taskmaster.api.DidYouMean;
import taskmaster.api.Durations;

/** One mapping of the file whose keys we know. A key without a value counts as left out. */
final class Section {
  private final Source source;
  private final String root;
  private final String path;
  private final Map<String, Source.Entry> entries;

  /**
   * @param name how errors call it: {@code programs.web}
   * @param foreign other tools' words for our keys
   */
  Section(Source source, Node node, String name, Set<String> known, Map<String, String> foreign) {
    this(source, node, name, "", known, foreign);
  }

  private Section(Source source, Node node, String root, String path, Set<String> known, Map<String, String> foreign) {
    this.source = source;
    this.root = root;
    this.path = path;
    this.entries = source.mapping(node, called(node));
    entries.forEach((key, entry) -> {
      if (known.contains(key)) return;
      String ours = foreign.get(key);
      String hint = ours != null ? " (here it is: " + ours + ")" : DidYouMean.hint(known, key);
      source.error(entry.key(), "unknown key '" + key + "' in " + called(entry.key()) + hint);
    });
  }

  /** As errors call what stands at a node: of a program, much may stand in the defaults. */
  private String called(Node node) {
    return (source.isDefault(node) ? "defaults" : root) + path;
  }

  Optional<Node> node(String key) {
    Source.Entry entry = entries.get(key);
    return entry == null || Source.isNull(entry.value()) ? Optional.empty() : Optional.of(entry.value());
  }

  /** The value as {@code reader} understands it; the default where it is left out, or wrong, which is then an error. */
  <T> T read(String key, T otherwise, Function<String, T> reader) {
    Optional<Node> node = node(key);
    if (node.isEmpty()) return otherwise;
    return scalar(node.get(), key, reader).orElse(otherwise);
  }

  private <T> Optional<T> scalar(Node node, String key, Function<String, T> reader) {
    if (!(node instanceof ScalarNode scalar)) {
      source.error(node, key + " must be a single value, not " + Source.kind(node));
      return Optional.empty();
    }
    try {
      return Optional.of(reader.apply(scalar.getValue()));
    } catch (IllegalArgumentException e) {
      source.error(node, key + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  /** One value, or a list of values. */
  <T> List<T> list(String key, List<T> otherwise, Function<String, T> reader) {
    Optional<Node> node = node(key);
    if (node.isEmpty()) return otherwise;
    if (!(node.get() instanceof SequenceNode sequence)) {
      return scalar(node.get(), key, reader).map(List::of).orElse(otherwise);
    }
    List<T> all = new ArrayList<>();
    for (Node item : sequence.getValue()) scalar(item, key, reader).ifPresent(all::add);
    return all;
  }

  int integer(String key, int otherwise, int least, int most) {
    return read(key, otherwise, text -> parseInt(text, least, most));
  }

  static int parseInt(String text, int least, int most) {
    if (!isWhole(text)) throw new IllegalArgumentException("'" + text + "' is not a whole number");
    int value = Integer.parseInt(text);
    if (value < least || value > most) {
      throw new IllegalArgumentException(value + " is not in " + least + " to " + most);
    }
    return value;
  }

  /** An int for sure: a sign and up to nine digits. */
  private static boolean isWhole(String text) {
    int from = text.startsWith("+") || text.startsWith("-") ? 1 : 0;
    if (text.length() == from || text.length() > from + 9) return false;
    for (int i = from; i < text.length(); i++) if (text.charAt(i) < '0' || text.charAt(i) > '9') return false;
    return true;
  }

  boolean bool(String key, boolean otherwise) {
    return read(key, otherwise, text -> switch (text) {
      case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON" -> true;
      case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF" -> false;
      default -> throw new IllegalArgumentException("'" + text + "' is neither true nor false");
    });
  }

  Duration duration(String key, Duration otherwise) {
    return read(key, otherwise, Durations::parse);
  }

  Optional<Section> section(String key, Set<String> known) {
    return node(key).map(node -> new Section(source, node, root, path + "." + key, known, Map.of()));
  }

  /** An error at a key that must not be here. */
  void errorAtKey(String key, String message) {
    Source.Entry entry = entries.get(key);
    if (entry != null) source.error(entry.key(), message);
  }

  /** Whether it was not said here, but in the defaults. */
  boolean isDefault(String key) {
    Source.Entry entry = entries.get(key);
    return entry != null && source.isDefault(entry.key());
  }

  void error(String key, String message) {
    Source.Entry entry = entries.get(key);
    if (entry == null) source.error(message);
    else source.error(entry.value(), message);
  }
}
