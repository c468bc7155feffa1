package taskmaster.controller.linux;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import taskmaster.api.EnvInherit;
import taskmaster.api.InstanceId;

/**
 * The environment of children: the daemon's own, less what speaks of the daemon, and what the file and we add. The
 * daemon's own part lies ready as C strings, since it is the same for all.
 */
final class Environment {
  private static final String DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

  private final Map<String, String> daemons = new LinkedHashMap<>();
  private final Map<String, Long> inherited = new LinkedHashMap<>();
  private final NativeBuffer strings;
  private final NativeBuffer allInherited;

  /**
   * One child's.
   *
   * @param path where it searches for programs
   * @param inherited addresses of C strings that live as long as the daemon
   * @param own the rest, each {@code NAME=value}
   */
  record OfChild(String path, NativeBuffer inherited, List<String> own) {}

  /** @param entries a byte a character: what no locale can read is handed on all the same */
  private Environment(List<String> entries) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String entry : entries) {
      String text = Host.decoded(entry);
      int equals = text.indexOf('=');
      String name = text.substring(0, equals);
      if (daemons.putIfAbsent(name, text.substring(equals + 1)) != null) continue;
      boolean ours = name.startsWith("TASKMASTER_") || name.startsWith("LISTEN_") || name.startsWith("WATCHDOG_") || name.equals("NOTIFY_SOCKET");
      if (ours) continue;
      inherited.put(name, (long) all.size());
      all.writeBytes((entry + '\0').getBytes(StandardCharsets.ISO_8859_1));
    }
    strings = new NativeBuffer(all.size());
    strings.copyFrom(all.toByteArray(), all.size());
    inherited.replaceAll((name, from) -> strings.address() + from);
    allInherited = only(name -> true);
  }

  static Environment inherited() {
    return new Environment(Host.environ());
  }

  OfChild of(InstanceId id, Map<String, String> filed, EnvInherit inherit, String markName, String mark) {
    Map<String, String> own = new LinkedHashMap<>(filed);
    String path = filed.get("PATH");
    if (path == null && inherit.has("PATH")) path = daemons.get("PATH");
    if (path == null) {
      path = DEFAULT_PATH; // also for the child, so that it finds what we find
      own.put("PATH", path);
    }
    own.put("TASKMASTER_PROGRAM", id.program());
    own.put("TASKMASTER_INSTANCE", id.toString());
    own.put(markName, mark);
    List<String> strings = new ArrayList<>(own.size());
    own.forEach((name, value) -> strings.add(name + "=" + value));
    boolean isWhole = inherit.all() && Collections.disjoint(filed.keySet(), inherited.keySet());
    return new OfChild(path, isWhole ? allInherited : only(name -> inherit.has(name) && !filed.containsKey(name)), strings);
  }

  /** The same without some. */
  OfChild without(OfChild env, Set<String> names) {
    Set<Long> kept = addresses(env);
    List<String> own = env.own().stream().filter(s -> !names.contains(s.substring(0, s.indexOf('=')))).toList();
    return new OfChild(env.path(), only(name -> !names.contains(name) && kept.contains(inherited.get(name))), own);
  }

  /** What a child sees of it. */
  SortedMap<String, String> variables(OfChild env) {
    SortedMap<String, String> all = new TreeMap<>();
    Set<Long> kept = addresses(env);
    inherited.forEach((name, address) -> {
      if (kept.contains(address)) all.put(name, daemons.getOrDefault(name, ""));
    });
    for (String s : env.own()) all.put(s.substring(0, s.indexOf('=')), s.substring(s.indexOf('=') + 1));
    return all;
  }

  private static Set<Long> addresses(OfChild env) {
    Set<Long> addresses = new HashSet<>();
    for (int i = 0; i < env.inherited().size(); i += Long.BYTES) addresses.add(env.inherited().getLong(i));
    return addresses;
  }

  private NativeBuffer only(Predicate<String> isWanted) {
    long[] wanted = inherited.entrySet().stream().filter(e -> isWanted.test(e.getKey())).mapToLong(Map.Entry::getValue).toArray();
    NativeBuffer addresses = new NativeBuffer(wanted.length * Long.BYTES);
    for (int i = 0; i < wanted.length; i++) addresses.putLong(i * Long.BYTES, wanted[i]);
    return addresses;
  }
}
