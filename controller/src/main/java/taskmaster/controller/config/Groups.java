package taskmaster.controller.config;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import taskmaster.api.DidYouMean;
import taskmaster.api.Target;

/** The groups of all files. */
final class Groups {
  private final Source source;
  private final Map<String, Source.Entry> entries = new LinkedHashMap<>();

  Groups(Source source) {
    this.source = source;
  }

  void add(Section top) {
    Optional<Node> node = top.node("groups");
    if (node.isEmpty()) return;
    source.mapping(node.get(), "groups").forEach((name, entry) -> {
      Source.Entry before = entries.putIfAbsent(name, entry);
      if (before != null) {
        source.error(entry.key(), "the group '" + name + "' stands in " + source.place(before.key()) + " already; a group stands in one file");
      } else if (!Target.Group.isName(name)) {
        source.error(
            entry.key(),
            "'" + name + "' cannot be a group's name: use letters, digits, '.', '_' and '-', not digits alone, not 'all'");
      }
    });
  }

  /** @param programs the names of all that there are */
  Map<String, List<String>> of(Set<String> programs) {
    Map<String, List<String>> groups = new LinkedHashMap<>();
    entries.forEach((name, entry) -> groups.put(name, members(name, entry, programs)));
    return groups;
  }

  private List<String> members(String group, Source.Entry entry, Set<String> programs) {
    Set<String> members = new LinkedHashSet<>();
    List<ScalarNode> items = Source.isNull(entry.value()) ? List.of() : source.scalars(entry.value(), "groups." + group);
    if (isEmpty(entry.value())) {
      source.error(entry.key(), "the group '" + group + "' is empty: name its programs, or remove it");
    }
    for (ScalarNode item : items) {
      String name = item.getValue();
      if (!programs.contains(name)) {
        source.error(item, "groups." + group + ": no such program '" + name + "'" + DidYouMean.hint(programs, name));
      } else if (!members.add(name)) {
        source.error(item, "groups." + group + ": '" + name + "' stands twice");
      }
    }
    return List.copyOf(members);
  }

  private static boolean isEmpty(Node members) {
    return Source.isNull(members) || members instanceof SequenceNode list && list.getValue().isEmpty();
  }
}
