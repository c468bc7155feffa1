package taskmaster.controller.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import taskmaster.api.EnvInherit;
import taskmaster.api.Identity;
import taskmaster.api.Placeholders;

/**
 * A program's environment: what {@code user}, {@code env_file} and {@code env} say, later ones first, and where the names
 * in its texts are looked up.
 *
 * @param env what is added to the part of the daemon's that is inherited
 */
record Variables(Map<String, String> env, EnvInherit inherit, Substitution substitution) {

  /** @param called as errors call the program */
  static Variables of(
      Source source, Section section, String program, String called, Path folder, Reading reading, @Nullable Identity identity) {
    Map<String, String> env = new LinkedHashMap<>();
    if (identity != null) {
      env.put("HOME", identity.home());
      env.put("USER", identity.user());
      env.put("LOGNAME", identity.user());
      env.put("SHELL", identity.shell());
    }
    Map<String, String> environment = reading.surroundings().environment();
    if (section.node("env_file").isPresent()) {
      Substitution sooner = new Substitution(program, Map.of(), environment);
      section.list("env_file", List.of(), text -> file(folder, sooner.apply(text), reading)).forEach(env::putAll);
    }
    Substitution substitution = new Substitution(program, env, environment);
    Optional<Node> own = section.node("env");
    if (own.isPresent()) {
      Map<String, String> values = own(source, called, own.get(), new Substitution(program, Map.copyOf(env), environment));
      env.putAll(values);
    }
    return new Variables(env, inherit(section), substitution);
  }

  private static Map<String, String> file(Path folder, String text, Reading reading) {
    if (Placeholders.isIn(text)) throw new IllegalArgumentException("it is read once for all instances: no ${index}, no ${instance}");
    Path file = ConfigFile.resolve(folder, text);
    try {
      return EnvFile.parse(file, reading.read(file));
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + file + ": " + Reading.why(e), e);
    }
  }

  private static Map<String, String> own(Source source, String called, Node node, Substitution substitution) {
    Map<String, String> env = new LinkedHashMap<>();
    source.mapping(node, called + ".env").forEach((key, value) -> {
      if (!canBeName(key)) {
        source.error(value.key(), "env: '" + key + "' cannot be the name of a variable");
      } else if (Source.isNull(value.value())) {
        env.put(key, "");
      } else if (!(value.value() instanceof ScalarNode scalar)) {
        source.error(value.value(), "env: " + key + " must be a single value, not " + Source.kind(value.value()));
      } else if (scalar.getValue().indexOf('\0') >= 0) {
        source.error(value.value(), "env: " + key + " cannot hold a NUL");
      } else {
        try {
          env.put(key, substitution.apply(scalar.getValue()));
        } catch (IllegalArgumentException e) {
          source.error(scalar, "env: " + key + ": " + e.getMessage());
        }
      }
    });
    return env;
  }

  private static boolean canBeName(String text) {
    return !text.isEmpty() && text.indexOf('=') < 0 && text.indexOf('\0') < 0 && !Placeholders.isIn(text);
  }

  private static EnvInherit inherit(Section section) {
    Optional<Node> node = section.node("env_inherit");
    if (node.isEmpty()) return EnvInherit.ALL;
    if (!(node.get() instanceof SequenceNode)) return section.bool("env_inherit", true) ? EnvInherit.ALL : EnvInherit.NONE;
    List<String> names = section.list("env_inherit", List.of(), text -> {
      if (!canBeName(text)) throw new IllegalArgumentException("'" + text + "' cannot be the name of a variable");
      return text;
    });
    return new EnvInherit(false, new TreeSet<>(names));
  }
}
