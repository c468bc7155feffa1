package taskmaster.controller.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Attributes;
import taskmaster.api.Identity;
import taskmaster.api.InstanceId;
import taskmaster.api.Limits;
import taskmaster.api.Placeholders;
import taskmaster.api.Shape;

/** What exactly an instance is started with: made in one place for the start itself and for those who ask. */
public final class Invocation {
  /**
   * What the dynamic loader and libc take from the environment to open files (ld.so(8), "secure-execution mode"). A tool
   * that is still root must not load what lies in a folder of the user's.
   */
  private static final Set<String> OF_LIBC = Set.of("GCONV_PATH", "GETCONF_DIR", "GLIBC_TUNABLES", "HOSTALIASES", "LOCPATH", "NLSPATH", "RESOLV_HOST_CONF", "TZDIR");

  /** What a shell that only sets the umask would leave behind. */
  private static final Set<String> OF_SHELL = Set.of("PWD", "OLDPWD", "SHLVL", "_");

  private final Shape shape;
  private final List<String> argv;
  private final Path workingdir;
  private final Environment environment;
  private final String markName;
  private final String mark;
  private final Environment.OfChild env;
  private final Environment.OfChild envOfTools;
  private final Map<String, String> late;
  private final @Nullable Identity becomes;

  Invocation(InstanceId id, Shape shape, Environment environment, String markName, String mark) {
    this.shape = shape;
    this.argv = filled(shape.cmd(), id);
    this.workingdir = Placeholders.fill(shape.workingdir(), id);
    this.environment = environment;
    this.markName = markName;
    this.mark = mark;
    this.env = environment.of(id, filled(shape.env(), id), shape.envInherit(), markName, mark);
    Identity identity = shape.attributes().identity();
    this.becomes = identity != null && Capabilities.maySwitchUser() ? identity : null;
    this.late = becomes == null && shape.umask() == null ? Map.of() : late(environment.variables(env));
    this.envOfTools = late.isEmpty() ? env : environment.without(env, late.keySet());
  }

  private static List<String> filled(List<String> words, InstanceId id) {
    for (String word : words) if (Placeholders.isIn(word)) return words.stream().map(w -> Placeholders.fill(w, id)).toList();
    return words;
  }

  private static Map<String, String> filled(Map<String, String> env, InstanceId id) {
    for (String value : env.values()) {
      if (!Placeholders.isIn(value)) continue;
      Map<String, String> filled = new LinkedHashMap<>();
      env.forEach((name, text) -> filled.put(name, Placeholders.fill(text, id)));
      return filled;
    }
    return env;
  }

  private Map<String, String> late(Map<String, String> variables) {
    Map<String, String> found = new TreeMap<>();
    variables.forEach((name, value) -> {
      boolean isOfLibc = name.startsWith("LD_") || name.startsWith("MALLOC_") || OF_LIBC.contains(name);
      if (becomes != null && isOfLibc || shape.umask() != null && OF_SHELL.contains(name)) found.put(name, value);
    });
    return found;
  }

  public List<String> argv() {
    return argv;
  }

  public Path workingdir() {
    return workingdir;
  }

  public SortedMap<String, String> variables() {
    return environment.variables(env);
  }

  /** What this process of the same run was given, by an earlier daemon perhaps; empty where it hides that or wrote over it. */
  public Optional<SortedMap<String, String>> variablesOf(int pid) {
    return ProcFs.environment(pid).filter(all -> mark.equals(all.get(markName)) && !isOfTool(all));
  }

  private boolean isOfTool(SortedMap<String, String> all) {
    boolean hasOfShell = shape.umask() != null && OF_SHELL.stream().anyMatch(name -> all.containsKey(name) && !late.containsKey(name));
    return hasOfShell || !all.keySet().containsAll(late.keySet());
  }

  /** What the process has in the end, asked for or inherited. */
  public Attributes attributes() {
    Attributes asked = shape.attributes();
    Map<Limits.Resource, Limits.Limit> limits = new EnumMap<>(Limits.Resource.class);
    for (Limits.Resource resource : Limits.Resource.values()) {
      Limits.Limit limit = asked.limits().of().get(resource);
      limits.put(resource, limit != null ? limit : ExecPrefix.inherited(resource));
    }
    Integer nice = asked.nice();
    Integer oomScoreAdj = asked.oomScoreAdj();
    return new Attributes(
        asked.identity(),
        new Limits(limits),
        nice != null ? nice : ExecPrefix.ownNice(),
        oomScoreAdj != null ? oomScoreAdj : ExecPrefix.inheritedOomScoreAdj());
  }

  /** Tools that set what the file asks for and become the program. @throws IOException why that cannot be, as a sentence's end */
  public List<String> prefix() throws IOException {
    return isPlain() ? List.of() : ExecPrefix.of(shape, becomes, shape.umask() == null ? Set.of() : new TreeSet<>(OF_SHELL), late);
  }

  private boolean isPlain() {
    return shape.umask() == null && shape.attributes() == Attributes.INHERITED;
  }

  /** The environment of the first process, which may not be the program yet. */
  Environment.OfChild env() {
    return envOfTools;
  }

  /** Where the program is searched. */
  String path() {
    return env.path();
  }

  Access access() {
    return new Access(becomes);
  }

  /** Whether what is inherited is not to be touched any more. */
  boolean setsFileLimit() {
    return shape.attributes().limits().of().containsKey(Limits.Resource.NOFILE);
  }
}
