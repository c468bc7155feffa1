package taskmaster.controller.config;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** The files that a file includes, and those that these include. */
final class Includes {
  private static final Set<String> KEYS = Set.of("programs", "groups", "include", "daemon", "alerts", "defaults");
  private static final List<String> OF_THE_MAIN_FILE = List.of("daemon", "alerts", "defaults");
  private static final int DEEPEST = 16;
  private static final int MOST = 10_000;

  private final Source source;
  private final Reading reading;
  private final Map<Path, Section> found = new LinkedHashMap<>();

  Includes(Source source, Reading reading) {
    this.source = source;
    this.reading = reading;
  }

  /** The top level of each included file, in the order in which they are named; each once. */
  List<Section> of(Section main) {
    follow(main, List.of(reading.file()));
    return List.copyOf(found.values());
  }

  private void follow(Section top, List<Path> chain) {
    Optional<Node> include = top.node("include");
    if (include.isEmpty()) return;
    Path folder = Optional.ofNullable(chain.getLast().getParent()).orElse(Path.of("/"));
    for (ScalarNode item : source.scalars(include.get(), "include")) {
      try {
        for (Path file : named(folder, item.getValue())) add(item, file, chain);
      } catch (IllegalArgumentException e) {
        source.error(item, "include: " + e.getMessage());
      } catch (IOException e) {
        source.error(item, "include: cannot look for " + item.getValue() + ": " + Reading.why(e));
      }
    }
  }

  private void add(Node at, Path file, List<Path> chain) {
    List<Path> longer = new ArrayList<>(chain);
    longer.add(file);
    if (chain.contains(file)) {
      String circle = longer.subList(chain.indexOf(file), longer.size()).stream().map(this::shown).collect(Collectors.joining(" -> "));
      source.error(at, "include: it goes in a circle: " + circle);
    } else if (longer.size() > DEEPEST) {
      source.error(at, "include: " + file + " is included over more than " + DEEPEST + " files");
    } else if (found.size() == MOST) {
      source.error(at, "include: these are more than " + MOST + " files");
    } else if (!found.containsKey(file)) {
      read(at, file, longer);
    }
  }

  /** As short as it can be told apart: relative to the main file's folder where it is below. */
  private String shown(Path file) {
    Path folder = reading.file().getParent();
    return (folder != null && file.startsWith(folder) ? folder.relativize(file) : file).toString();
  }

  private void read(Node at, Path file, List<Path> chain) {
    byte[] bytes;
    try {
      bytes = reading.read(file);
    } catch (IOException e) {
      source.error(at, "include: cannot read " + file + ": " + Reading.why(e));
      return;
    }
    Optional<Node> root = source.root(file, bytes);
    if (root.isEmpty() || ConfigFile.looksLikeBarePrograms(source, root.get())) return;
    Section top = new Section(source, root.get(), "the file", KEYS, Map.of());
    for (String key : OF_THE_MAIN_FILE) top.errorAtKey(key, "only the main file, " + reading.file() + ", says what '" + key + "' is");
    found.put(file, top);
    follow(top, chain);
  }

  /** A plain path is that file, there or not; a pattern whatever fits, by name. */
  private List<Path> named(Path folder, String text) throws IOException {
    Path plain = ConfigFile.resolve(folder, text);
    if (!isPattern(text)) return List.of(plain);
    Path pattern = Path.of(text);
    requireFolderBefore(pattern, folder);
    List<Path> matched = List.of(pattern.isAbsolute() ? Path.of("/") : folder);
    for (Path element : pattern) matched = step(matched, element.toString());
    return matched.stream().map(Path::normalize).distinct().toList();
  }

  /** Where a pattern fits nothing there may be nothing yet; where its folder is not there, its name may be wrong. */
  private void requireFolderBefore(Path pattern, Path folder) {
    Path fixed = pattern.isAbsolute() ? Path.of("/") : folder;
    for (Path element : pattern) {
      if (element.toString().contains("**")) throw new IllegalArgumentException("'**' is not known here: name each folder, as in sites/*/conf.d/*.yaml");
      if (isPattern(element.toString())) break;
      fixed = fixed.resolve(element);
    }
    if (reading.lacks(fixed)) throw new IllegalArgumentException("there is no folder " + fixed.normalize() + "; make it, or mend the pattern");
  }

  private List<Path> step(List<Path> from, String element) throws IOException {
    List<Path> next = new ArrayList<>();
    PathMatcher matcher = isPattern(element) ? matcher(element) : null;
    for (Path folder : from) {
      if (matcher == null) {
        Path one = folder.resolve(element);
        if (reading.has(one)) next.add(one);
        continue;
      }
      for (Path name : reading.namesIn(folder)) {
        // as in a shell: editors keep copies under such names
        boolean isHidden = name.toString().startsWith(".") && !element.startsWith(".");
        if (!isHidden && matcher.matches(name)) next.add(folder.resolve(name));
      }
    }
    return next;
  }

  private static PathMatcher matcher(String element) {
    try {
      return FileSystems.getDefault().getPathMatcher("glob:" + element);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("'" + element + "' is no pattern: " + fault(e) + "; before a character that stands for itself write \\", e);
    }
  }

  private static String fault(PatternSyntaxException e) {
    return switch (e.getDescription()) {
      case "Missing ']" -> "a bracket is not closed";
      case "Unclosed character class" -> "a bracket has nothing in it";
      case "Missing '}" -> "a brace is not closed within the name of one file or folder";
      case "Cannot nest groups" -> "braces cannot stand in braces";
      case "Invalid range" -> "a range goes backwards or has no beginning";
      case "No character to escape" -> "nothing follows its last \\";
      default -> "its brackets cannot be understood";
    };
  }

  private static boolean isPattern(String text) {
    for (int i = 0; i < text.length(); i++) if ("*?[{\\".indexOf(text.charAt(i)) >= 0) return true;
    return false;
  }
}
