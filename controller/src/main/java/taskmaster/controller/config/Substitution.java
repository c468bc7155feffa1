package taskmaster.controller.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import taskmaster.api.Placeholders;

/**
 * {@code ${NAME}} and {@code ${NAME:-default}} in a program's texts. {@code $${} stands for the text {@code ${}; a
 * {@code ${} that begins nothing of this form stays as it is.
 *
 * @param own the program's variables, in which a name is looked up first
 * @param environment the daemon's
 */
record Substitution(String program, Map<String, String> own, Map<String, String> environment) {

  /** @throws IllegalArgumentException with a sentence for the user */
  String apply(String text) {
    if (Placeholders.isIn(text)) throw reserved("it");
    return text.indexOf("${") < 0 ? text : replaced(text);
  }

  /** The words of a command, given as a text or as a list; empty where that is an error, which is told. */
  List<String> command(Section section, String key) {
    String nothing = "it names no program";
    if (holdsNul(section.node(key).orElseThrow())) {
      section.error(key, key + ": it cannot hold a NUL");
      return List.of();
    }
    if (!(section.node(key).orElseThrow() instanceof SequenceNode list)) {
      return section.read(key, List.of(), text -> {
        List<String> words = ShellWords.split(text).stream().map(this::apply).toList();
        if (!namesProgram(words)) throw new IllegalArgumentException(nothing);
        return words;
      });
    }
    List<String> words = section.list(key, List.of(), this::apply);
    boolean isWhole = words.size() == list.getValue().size();
    if (isWhole && namesProgram(words)) return words;
    if (isWhole) section.error(key, key + ": " + nothing);
    return List.of();
  }

  private static boolean holdsNul(Node node) {
    if (node instanceof SequenceNode list) return list.getValue().stream().anyMatch(Substitution::holdsNul);
    return node instanceof ScalarNode text && text.getValue().indexOf('\0') >= 0;
  }

  private static boolean namesProgram(List<String> words) {
    return !words.isEmpty() && !words.getFirst().isEmpty();
  }

  private static IllegalArgumentException reserved(String what) {
    return new IllegalArgumentException(what + " holds U+FDD0 or U+FDD1, which stand for ${index} and ${instance} inside");
  }

  private String replaced(String text) {
    StringBuilder out = new StringBuilder();
    int at = 0;
    for (int i = text.indexOf("${"); i >= 0; i = text.indexOf("${", at)) {
      if (i > at && text.charAt(i - 1) == '$') {
        out.append(text, at, i - 1).append("${");
        at = i + 2;
        continue;
      }
      int name = i + 2;
      int afterName = endOfName(text, name);
      boolean isPlain = text.startsWith("}", afterName);
      int close = isPlain ? afterName : text.startsWith(":-", afterName) ? text.indexOf('}', afterName) : -1;
      if (afterName == name || close < 0) {
        out.append(text, at, name);
        at = name;
        continue;
      }
      out.append(text, at, i).append(value(text.substring(name, afterName), isPlain ? null : text.substring(afterName + 2, close)));
      at = close + 1;
    }
    return out.append(text, at, text.length()).toString();
  }

  private static int endOfName(String text, int from) {
    int i = from;
    while (i < text.length() && isOfName(text.charAt(i), i == from)) i++;
    return i;
  }

  static boolean isName(String text) {
    return !text.isEmpty() && endOfName(text, 0) == text.length();
  }

  private static boolean isOfName(char c, boolean isFirst) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || !isFirst && c >= '0' && c <= '9';
  }

  private String value(String name, @Nullable String otherwise) {
    switch (name) {
      case "program":
        return program;
      case "index":
        return String.valueOf(Placeholders.INDEX);
      case "instance":
        return String.valueOf(Placeholders.INSTANCE);
      default:
    }
    if (otherwise != null && otherwise.contains("${")) {
      throw new IllegalArgumentException("the default of ${" + name + ":-…} cannot hold another ${");
    }
    String value = own.get(name);
    if (value == null) {
      value = environment.get(name);
      if (value != null && Placeholders.isIn(value)) throw reserved("${" + name + "}");
    }
    if (value != null && !(otherwise != null && value.isEmpty())) return value;
    if (otherwise != null) return otherwise;
    if (name.startsWith("TASKMASTER_")) {
      throw new IllegalArgumentException("${" + name + "} is set for the process alone; let a shell read it: [sh, -c, \"… $" + name + " …\"]");
    }
    throw new IllegalArgumentException(
        "${" + name + "} is set nowhere; write ${" + name + ":-default}, or $${" + name + "} for the text itself");
  }
}
