package taskmaster.controller.config;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** Where a file says what depends on what; what is wrong is told there, so that of a default it is told once. */
final class DependencyText implements DependencyRules.Hearer {
  private static final String KEY = "depends_on";

  private final Source source;
  private final Map<String, Source.Entry> programs;
  private final Optional<Source.Entry> byDefault;

  /** @param programs as they are written, without what they have of the defaults */
  DependencyText(Source source, Map<String, Source.Entry> programs, Optional<Node> defaults) {
    this.source = source;
    this.programs = programs;
    this.byDefault = defaults.map(node -> said(node, "defaults"));
  }

  /** By a program that depends on it, so whatever it does not say itself is a default. */
  @Override
  public boolean isDefault(String program, String other) {
    Source.Entry own = own(program);
    if (byDefault.isEmpty() || own == null) return byDefault.isPresent();
    if (own.value() instanceof MappingNode) return !source.mapping(own.value(), called(program) + "." + KEY).containsKey(other);
    return source.scalars(own.value(), KEY).stream().map(ScalarNode::getValue).noneMatch(other::equals);
  }

  @Override
  public String takenBack(String program, String other) {
    Source.Entry own = own(program);
    boolean isPart = own != null && own.value() instanceof MappingNode;
    return isPart ? other + ": ~ in " + called(program) + "." + KEY : KEY + ": ~ in " + called(program);
  }

  @Override
  public void hear(String program, String other, String what) {
    source.error(place(program, other), what);
  }

  private Node place(String program, String other) {
    if (byDefault.isPresent() && isDefault(program, other)) return byDefault.get().key();
    Source.Entry own = own(program);
    return own == null ? Objects.requireNonNull(programs.get(program)).key() : own.key();
  }

  private Source.@Nullable Entry own(String program) {
    return said(Objects.requireNonNull(programs.get(program)).value(), called(program));
  }

  private Source.@Nullable Entry said(Node node, String called) {
    return source.mapping(node, called).get(KEY);
  }

  private static String called(String program) {
    return "programs." + program;
  }
}
