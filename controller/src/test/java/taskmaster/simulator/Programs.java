package taskmaster.simulator;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import taskmaster.controller.config.Config;
import taskmaster.controller.config.ConfigFile;
import taskmaster.controller.config.ConfigRejected;

/** Files of programs, as text: the real reader reads them. */
final class Programs {
  static final List<String> NAMES = List.of("a", "b", "c", "d", "e", "f");
  static final List<String> GROUPS = List.of("g", "h", "none");
  private static final Path FILE = Path.of("/etc/simulated.yaml");

  private static final int FILES = 128;
  private static final Map<String, Object> READ = new ConcurrentHashMap<>();

  private Programs() {}

  /** The first numbers of small seeds are much alike. */
  private static Random random(long seed) {
    return new Random(seed * 0x9E3779B97F4A7C15L);
  }

  /** One of a few files, so that a reload often finds programs that it has seen before. */
  static String file(int seed) {
    StringBuilder text = new StringBuilder("programs:\n");
    Random of = random(Math.floorMod(seed, FILES));
    Map<String, String> before = new LinkedHashMap<>();
    String vital = of.nextInt(6) == 0 ? NAMES.get(of.nextInt(NAMES.size())) : "";
    for (String name : NAMES) {
      if (of.nextInt(6) == 0) continue;
      // few variants a program, so that a reload often leaves one unchanged
      Random variant = random(name.hashCode() * 31L + of.nextInt(5));
      boolean isJob = variant.nextInt(5) == 0;
      String restart = List.of("always", "never", "unexpected").get(isJob ? 1 + variant.nextInt(2) : variant.nextInt(3));
      program(text, name, isJob, restart, variant);
      // the same process may be asked otherwise in another file
      if (!isJob) checks(text, random(name.hashCode() * 17L + of.nextInt(4)));
      needs(text, before, of);
      if (name.equals(vital)) key(text, of.nextBoolean() ? "on_fatal" : "on_exit", "shutdown");
      before.put(name, isJob ? "job" : restart);
    }
    groups(text, List.copyOf(before.keySet()), of);
    return before.isEmpty() ? "programs: {}\n" : text.toString();
  }

  /** Half of the files know of no dependencies. @param before what may be depended on, and of what kind it is */
  private static void needs(StringBuilder text, Map<String, String> before, Random r) {
    boolean none = r.nextBoolean();
    List<String> needs = new ArrayList<>();
    before.forEach((other, kind) -> {
      int draw = r.nextInt(9);
      if (none || draw > 2) return;
      String condition = draw == 0 ? "started" : draw == 1 && !kind.equals("always") ? "completed" : kind.equals("job") ? "completed" : "ready";
      needs.add(other + ": " + condition);
    });
    if (needs.isEmpty()) return;
    key(text, "depends_on", "{ " + String.join(", ", needs) + " }");
    if (r.nextInt(3) == 0) key(text, "on_dependency_restart", "restart");
  }

  private static void program(StringBuilder text, String name, boolean isJob, String restart, Random r) {
    text.append("  ").append(name).append(":\n");
    if (isJob) key(text, "type", "job");
    List<String> cmd = cmd(r);
    String moves = moves(random(name.hashCode() * 23L + cmd.hashCode()));
    key(text, "cmd", "[" + String.join(", ", cmd) + moves + "]");
    key(text, "numprocs", r.nextInt(10) == 0 ? 0 : 1 + r.nextInt(4));
    key(text, "autostart", r.nextInt(4) > 0);
    key(text, "autorestart", restart);
    key(text, "exitcodes", List.of("0", "[0, 2]", "1").get(r.nextInt(3)));
    key(text, "starttime", List.of("0", "500ms", "1", "2").get(r.nextInt(4)));
    key(text, "startretries", r.nextInt(4));
    switch (r.nextInt(8)) {
      case 0, 1 -> key(text, "stop", "[ { signal: INT, wait: 1 }, { signal: TERM, wait: 2 }, { signal: KILL } ]");
      case 2 -> key(text, "stop", "[ { exec: " + List.of("ends", "fails", "hangs").get(r.nextInt(3)) + ", wait: 1 }, { signal: TERM, wait: 2 } ]");
      default -> key(text, "stoptime", List.of("0", "300ms", "2", "5").get(r.nextInt(4)));
    }
    key(text, "stop_group", r.nextInt(3) > 0);
    String initial = List.of("0", "50ms", "1").get(r.nextInt(3));
    key(text, "backoff", "{ initial: " + initial + ", factor: " + (1 + r.nextInt(2)) + ", max: 5s, reset_after: " + (1 + r.nextInt(6)) + " }");
    if (r.nextInt(3) == 0) key(text, "stdout", "discard");
    if (r.nextInt(3) == 0) key(text, "rolling", true);
    if (r.nextInt(2) == 0) key(text, "reload_signal", r.nextBoolean() ? "HUP" : "USR1");
  }

  /** Two groups that may overlap, of what there is. */
  private static void groups(StringBuilder text, List<String> programs, Random r) {
    if (programs.isEmpty()) return;
    text.append("groups:\n");
    for (String group : List.of("g", "h")) {
      List<String> members = new ArrayList<>(programs);
      members.removeIf(name -> r.nextInt(3) > 0);
      if (members.isEmpty()) members.add(programs.getFirst());
      text.append("  ").append(group).append(": ").append(members).append('\n');
    }
  }

  /** Others are asked, or say so by themselves. */
  private static void checks(StringBuilder text, Random r) {
    switch (r.nextInt(8)) {
      case 0, 1 -> key(text, "ready", "{ tcp: 1, interval: 300ms, timeout: 200ms, failures: " + (1 + r.nextInt(3)) + " }");
      case 2, 4 -> key(text, "ready", "{ notify: true }");
      case 3 -> key(text, "ready", "{ log: listening, initial_delay: " + List.of("0", "1").get(r.nextInt(2)) + " }");
      default -> {}
    }
    String action = r.nextInt(3) == 0 ? "alert" : "restart";
    switch (r.nextInt(8)) {
      case 0, 1 -> key(text, "health", "{ tcp: 1, interval: 500ms, timeout: 200ms, failures: 2, action: " + action + " }");
      case 2, 3 -> key(text, "health", "{ notify: true, timeout: 1, failures: " + (1 + r.nextInt(2)) + ", action: " + action + " }");
      default -> {}
    }
  }

  private static void key(StringBuilder text, String key, Object value) {
    text.append("    ").append(key).append(": ").append(value).append('\n');
  }

  private static List<String> cmd(Random r) {
    String life = List.of("life=0", "life=0", "life=0", "life=30", "life=700", "life=3000", "life=9000").get(r.nextInt(7));
    String code = "code=" + r.nextInt(3);
    String term = List.of("term=0", "term=0", "term=200", "term=1000", "term=deaf").get(r.nextInt(5));
    String forks = List.of("forks=0", "forks=0", "forks=1", "forks=2").get(r.nextInt(4));
    List<String> cmd = new ArrayList<>(List.of("sim", life, code, term, forks));
    if (r.nextInt(4) > 0) cmd.add(List.of("ready=0", "ready=400", "ready=2500").get(r.nextInt(3)));
    if (r.nextInt(2) == 0) cmd.add("beat=" + (300 + 100 * r.nextInt(4)));
    if (r.nextInt(3) == 0) cmd.add("beats=6");
    return cmd;
  }

  /** Few hand over what they do to a process that they fork, once or twice, and stay or leave. */
  private static String moves(Random r) {
    if (r.nextInt(4) > 0) return "";
    int first = List.of(30, 300, 2000).get(r.nextInt(3));
    String second = r.nextInt(3) == 0 ? ", moves=" + 2 * first : "";
    String stays = r.nextInt(3) == 0 ? "" : ", stays=" + List.of(0, 20, 700).get(r.nextInt(3));
    return ", moves=" + first + second + stays;
  }

  static Config parse(String text) throws ConfigRejected {
    Object known = READ.computeIfAbsent(text, Programs::read);
    if (known instanceof ConfigRejected why) throw why;
    return (Config) known;
  }

  /** The config or why it is none. */
  private static Object read(String text) {
    try {
      return ConfigFile.parse(FILE, text.getBytes(StandardCharsets.UTF_8));
    } catch (ConfigRejected why) {
      return why;
    }
  }
}
