package taskmaster.controller.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import taskmaster.api.InstanceId;

/**
 * The environment of children: the daemon's own, less what speaks of the daemon, and what the file and we add. The
 * daemon's own part lies ready as C strings, since it is the same for all.
 */
final class Environment {
  private static final String DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

  private final String path;
  private final Map<String, Long> inherited = new LinkedHashMap<>();
  private final MemorySegment allInherited;

  /**
   * One child's.
   *
   * @param path where it searches for programs
   * @param inherited addresses of C strings that live as long as the daemon
   * @param own the rest, each {@code NAME=value}
   */
  record OfChild(String path, MemorySegment inherited, List<String> own) {}

  private Environment(Map<String, String> daemons) {
    path = daemons.getOrDefault("PATH", DEFAULT_PATH);
    daemons.forEach((name, value) -> {
      boolean ours = name.startsWith("TASKMASTER_") || name.startsWith("LISTEN_") || name.equals("NOTIFY_SOCKET");
      if (!ours) inherited.put(name, Arena.global().allocateFrom(name + "=" + value).address());
    });
    allInherited = without(Set.of());
  }

  static Environment inherited() {
    return new Environment(System.getenv());
  }

  OfChild of(InstanceId id, Map<String, String> filed, String markName, String mark) {
    boolean overrides = !Collections.disjoint(filed.keySet(), inherited.keySet());
    Map<String, String> own = new LinkedHashMap<>(filed);
    own.put("TASKMASTER_PROGRAM", id.program());
    own.put("TASKMASTER_INSTANCE", id.toString());
    own.put(markName, mark);
    List<String> strings = new ArrayList<>(own.size());
    own.forEach((name, value) -> strings.add(name + "=" + value));
    return new OfChild(filed.getOrDefault("PATH", path), overrides ? without(filed.keySet()) : allInherited, strings);
  }

  private MemorySegment without(Set<String> names) {
    long[] strings = inherited.entrySet().stream().filter(e -> !names.contains(e.getKey())).mapToLong(Map.Entry::getValue).toArray();
    return Arena.ofAuto().allocateFrom(JAVA_LONG, strings);
  }
}
