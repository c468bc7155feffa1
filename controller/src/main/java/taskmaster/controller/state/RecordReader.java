package taskmaster.controller.state;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Attributes;
import taskmaster.api.AutoRestart;
import taskmaster.api.Backoff;
import taskmaster.api.Checks;
import taskmaster.api.Dependencies;
import taskmaster.api.EnvInherit;
import taskmaster.api.Exit;
import taskmaster.api.Identity;
import taskmaster.api.InstanceId;
import taskmaster.api.Limits;
import taskmaster.api.Output;
import taskmaster.api.LogPolicy;
import taskmaster.api.Policy;
import taskmaster.api.Probe;
import taskmaster.api.ProgramSpec;
import taskmaster.api.ProgramType;
import taskmaster.api.Shape;
import taskmaster.api.Signal;
import taskmaster.api.Stopping;
import taskmaster.api.Target;
import taskmaster.api.Vital;
import taskmaster.controller.core.End;
import taskmaster.controller.core.Entry;
import taskmaster.controller.core.Finding;
import taskmaster.controller.core.Findings;
import taskmaster.controller.core.Instance;
import taskmaster.controller.core.Life;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Run;
import taskmaster.controller.core.Series;
import taskmaster.controller.core.Want;
import taskmaster.controller.core.Wish;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads what {@link RecordWriter} wrote, also an older one: a key that is missing has its default, an unknown one none. */
final class RecordReader {
  private static final JsonMapper JSON = new JsonMapper();
  private final Map<Integer, ProgramSpec> specs = new HashMap<>();
  private int highestSpec = -1;

  /** The line's JSON, or nothing where the line is not what was written. */
  static Optional<JsonNode> parse(String line) {
    if (line.length() < 10 || line.charAt(8) != ' ') return Optional.empty();
    String body = line.substring(9);
    CRC32 crc = new CRC32();
    crc.update(body.getBytes(StandardCharsets.UTF_8));
    if (!HexFormat.of().toHexDigits(crc.getValue(), 8).equals(line.substring(0, 8))) return Optional.empty();
    try {
      return Optional.of(JSON.readTree(body));
    } catch (JacksonException notJson) {
      return Optional.empty();
    }
  }

  int nextSpec() {
    return highestSpec + 1;
  }

  /** @throws RuntimeException where the line makes no sense, though it is what was written */
  Entry.Batch batch(JsonNode json) {
    List<Entry> entries = new ArrayList<>();
    for (JsonNode entry : json.path("entries")) entry(entry).ifPresent(entries::add);
    return new Entry.Batch(time(json, "at"), json.path("next_run").asLong(1), Entry.Batch.Kind.valueOf(json.path("kind").asString("STEP")), entries);
  }

  private Optional<Entry> entry(JsonNode e) {
    if (e.has("define")) {
      int number = e.get("define").asInt();
      specs.put(number, new ProgramSpec(e.get("name").asString(), shape(e.path("shape")), policy(e.path("policy"))));
      highestSpec = Math.max(highestSpec, number);
      return Optional.empty();
    }
    if (e.has("intent")) return Optional.of(new Entry.Intent(id(e, "intent"), e.get("run").asLong(), spec(e, "spec"), series(e)));
    if (e.has("born")) {
      return Optional.of(
          new Entry.Born(id(e, "born"), e.get("run").asLong(), e.get("pid").asInt(), e.get("ticks").asLong(), time(e, "at")));
    }
    if (e.has("instance")) return Optional.of(new Entry.Known(instance(e)));
    if (e.has("forgotten")) return Optional.of(new Entry.Forgotten(id(e, "forgotten")));
    if (e.has("scaled")) return Optional.of(new Entry.Scaled(e.get("scaled").asString(), e.get("to").asInt()));
    if (e.has("filed")) return Optional.of(new Entry.Filed(spec(e, "filed")));
    if (e.has("unfiled")) return Optional.of(new Entry.Unfiled(e.get("unfiled").asString()));
    if (e.has("wished")) return Optional.of(new Entry.Wished(e.get("wished").asString(), wish(e)));
    return Optional.empty();
  }

  private static InstanceId id(JsonNode e, String key) {
    if (Target.parse(e.get(key).asString()) instanceof Target.Instance(InstanceId id)) return id;
    throw new IllegalArgumentException("not an instance: " + e.get(key));
  }

  private ProgramSpec spec(JsonNode e, String key) {
    ProgramSpec spec = specs.get(e.path(key).asInt(-1));
    if (spec == null) throw new IllegalArgumentException("no spec " + e.path(key));
    return spec;
  }

  private static MonoTime time(JsonNode e, String key) {
    return new MonoTime(e.path(key).asLong(0));
  }

  private static @Nullable MonoTime timeOrNull(JsonNode e, String key) {
    return e.has(key) ? time(e, key) : null;
  }

  private static Duration duration(JsonNode e, String key) {
    return Duration.ofNanos(e.path(key).asLong(0));
  }

  private static Shape shape(JsonNode s) {
    List<String> cmd = strings(s.path("cmd"));
    Map<String, String> env = new LinkedHashMap<>();
    s.path("env").forEachEntry((name, value) -> env.put(name, value.asString()));
    Integer umask = s.has("umask") ? Integer.valueOf(s.get("umask").asInt()) : null;
    return new Shape(
        cmd,
        env,
        envInherit(s),
        Path.of(s.path("workingdir").asString("/")),
        umask,
        output(s.path("stdout").asString("discard")),
        output(s.path("stderr").asString("discard")),
        attributes(s));
  }

  private static EnvInherit envInherit(JsonNode s) {
    if (!s.has("env_inherit")) return EnvInherit.ALL;
    Set<String> names = new TreeSet<>();
    for (JsonNode name : s.get("env_inherit")) names.add(name.asString());
    return new EnvInherit(false, names);
  }

  private static Attributes attributes(JsonNode s) {
    Map<Limits.Resource, Limits.Limit> limits = new EnumMap<>(Limits.Resource.class);
    for (Limits.Resource resource : Limits.Resource.values()) {
      JsonNode l = s.path("limit_" + resource.key());
      if (!l.isMissingNode()) limits.put(resource, new Limits.Limit(l.path("soft").asLong(0), l.path("hard").asLong(0)));
    }
    Integer nice = s.has("nice") ? Integer.valueOf(s.get("nice").asInt()) : null;
    Integer oomScoreAdj = s.has("oom_score_adj") ? Integer.valueOf(s.get("oom_score_adj").asInt()) : null;
    Attributes attributes = new Attributes(s.has("identity") ? identity(s.get("identity")) : null, new Limits(limits), nice, oomScoreAdj);
    return attributes.equals(Attributes.INHERITED) ? Attributes.INHERITED : attributes;
  }

  private static Identity identity(JsonNode i) {
    List<Long> groups = new ArrayList<>();
    for (JsonNode group : i.path("groups")) groups.add(group.asLong());
    return new Identity(
        i.path("user").asString(""),
        i.path("uid").asLong(0),
        i.path("group").asString(""),
        i.path("gid").asLong(0),
        groups,
        i.path("home").asString("/"),
        i.path("shell").asString("/bin/sh"));
  }

  private static Output output(String text) {
    String[] words = text.split(" ", 2);
    return switch (words[0]) {
      case "folder" -> new Output.PerInstance(Path.of(words[1]));
      case "file" -> new Output.ToFile(Path.of(words[1]));
      case "inherit" -> new Output.Inherit();
      case "stdout" -> new Output.WithStdout();
      default -> new Output.Discard();
    };
  }

  private static Policy policy(JsonNode p) {
    Set<Integer> exitcodes = new TreeSet<>();
    for (JsonNode code : p.path("exitcodes")) exitcodes.add(code.asInt());
    Backoff backoff =
        new Backoff(
            duration(p, "backoff_initial"),
            p.path("backoff_factor").asDouble(1),
            duration(p, "backoff_max"),
            duration(p, "backoff_reset_after"));
    return new Policy(
        ProgramType.valueOf(p.path("type").asString("SERVICE")),
        p.path("numprocs").asInt(1),
        p.path("autostart").asBoolean(true),
        AutoRestart.valueOf(p.path("autorestart").asString("UNEXPECTED")),
        exitcodes,
        duration(p, "starttime"),
        p.path("startretries").asInt(0),
        backoff,
        stopping(p),
        log(p.path("log")),
        dependencies(p),
        p.has("checks") ? CheckRecords.read(p.get("checks")) : Checks.NONE,
        p.has("reload_signal") ? Signal.of(p.get("reload_signal").asInt()) : null,
        new Vital(p.path("on_fatal").asBoolean(false), p.path("on_exit").asBoolean(false)),
        p.path("rolling").asBoolean(false));
  }

  private static Stopping stopping(JsonNode p) {
    boolean group = p.path("stop_group").asBoolean(true);
    // before a stop could have more than one signal
    if (!p.has("stop")) return Stopping.by(Signal.of(p.path("stopsignal").asInt(15)), duration(p, "stoptime"), group);
    List<Stopping.Step> steps = new ArrayList<>();
    JsonNode pairs = p.get("stop");
    for (int i = 0; i + 1 < pairs.size(); i += 2) {
      JsonNode act = pairs.get(i);
      Duration patience = Duration.ofNanos(pairs.get(i + 1).asLong());
      steps.add(act.isArray() ? new Stopping.Exec(strings(act), patience) : new Stopping.Send(Signal.of(act.asInt()), patience));
    }
    return new Stopping(steps, group);
  }

  private static List<String> strings(JsonNode array) {
    List<String> all = new ArrayList<>();
    for (JsonNode one : array) all.add(one.asString());
    return all;
  }

  private static Dependencies dependencies(JsonNode p) {
    if (!p.has("depends_on")) return Dependencies.NONE;
    Map<String, Dependencies.Condition> conditions = new LinkedHashMap<>();
    p.get("depends_on").forEachEntry((name, condition) -> conditions.put(name, Dependencies.Condition.valueOf(condition.asString())));
    return new Dependencies(conditions, p.path("restarts_with").asBoolean(false));
  }

  private static LogPolicy log(JsonNode l) {
    LogPolicy d = LogPolicy.DEFAULT;
    return new LogPolicy(
        l.path("max_bytes").asLong(d.maxBytes()),
        l.path("backups").asInt(d.backups()),
        LogPolicy.Compress.valueOf(l.path("compress").asString(d.compress().name())),
        duration(l, "max_age"),
        LogPolicy.Format.valueOf(l.path("format").asString(d.format().name())),
        LogPolicy.Overflow.valueOf(l.path("overflow").asString(d.overflow().name())));
  }

  private Instance instance(JsonNode e) {
    End end = e.has("last_end") ? end(e.get("last_end")) : null;
    Life life = new Life.Down();
    if (e.has("up")) life = new Life.Up(run(e.get("up")), findings(e.get("up")));
    if (e.has("dying")) life = dying(e.get("dying"));
    return new Instance(id(e, "instance"), life, end, e.path("spawns").asInt(0), e.path("signalled").asLong(0));
  }

  private Life.Dying dying(JsonNode d) {
    Life.Ended ended = d.has("ended") ? new Life.Ended(exit(d), time(d, "ended")) : null;
    return new Life.Dying(
        run(d),
        timeOrNull(d, "stop_sent"),
        timeOrNull(d, "rest_sent"),
        timeOrNull(d, "kill_sent"),
        ended,
        null,
        0,
        d.path("kills").asInt(0),
        d.path("steps").asInt(d.has("stop_sent") ? 1 : 0),
        timeOrNull(d, d.has("stepped") ? "stepped" : "stop_sent"), // there was one step only, once
        d.path("unhealthy").asBoolean(false),
        d.path("trouble").asString(""));
  }

  private static Findings findings(JsonNode up) {
    return new Findings(finding(up, "ready"), finding(up, "health"), up.path("says").asString(""));
  }

  private static Finding finding(JsonNode up, String kind) {
    Probe by = up.has(kind + "_by") ? CheckRecords.probe(up.get(kind + "_by")) : null;
    Finding.Conclusion conclusion = Finding.Conclusion.valueOf(up.path(kind).asString("OPEN"));
    return new Finding(0, null, null, 0, 0, conclusion, up.path(kind + "_detail").asString(""), by);
  }

  private Run run(JsonNode r) {
    Run.First first = r.has("first_pid") ? new Run.First(r.get("first_pid").asInt(), r.get("first_ticks").asLong()) : null;
    return new Run(r.get("run").asLong(), r.get("pid").asInt(), r.get("ticks").asLong(), time(r, "at"), spec(r, "spec"), series(r), first);
  }

  private static Series series(JsonNode e) {
    return new Series(e.path("failed_starts").asInt(0), e.path("quick_deaths").asInt(0));
  }

  private static End end(JsonNode e) {
    End.How how = e.has("refused") ? new End.Refused(e.get("refused").asString()) : new End.Exited(exit(e));
    return new End(
        e.get("run").asLong(), e.path("pid").asInt(0), time(e, "started"), time(e, "ended"), e.path("ran").asBoolean(false), how, cause(e), series(e));
  }

  private static End.Cause cause(JsonNode e) {
    return e.has("cause") ? End.Cause.valueOf(e.get("cause").asString()) : e.path("by_us").asBoolean(false) ? End.Cause.STOPPED : End.Cause.ITSELF;
  }

  private static Exit exit(JsonNode e) {
    if (e.has("code")) return new Exit.Code(e.get("code").asInt());
    if (e.has("signal")) return new Exit.Killed(Signal.of(e.get("signal").asInt()), e.path("core_dumped").asBoolean(false));
    return new Exit.Unknown();
  }

  private static Wish wish(JsonNode e) {
    SortedMap<Integer, Wish.OfInstance> instances = new TreeMap<>();
    e.path("instances").forEachEntry((index, one) ->
        instances.put(
            Integer.valueOf(index),
            new Wish.OfInstance(
                Want.valueOf(one.path("want").asString("AS_FILED")),
                one.path("forgiven").asLong(0),
                one.path("replaced").asLong(0),
                one.path("replaced_at_once").asLong(0))));
    Integer count = e.has("count") ? Integer.valueOf(e.get("count").asInt()) : null;
    return new Wish(Want.valueOf(e.path("want").asString("AS_FILED")), count, instances);
  }
}
