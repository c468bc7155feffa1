package taskmaster.controller.state;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Attributes;
import taskmaster.api.Checks;
import taskmaster.api.Dependencies;
import taskmaster.api.Exit;
import taskmaster.api.Identity;
import taskmaster.api.Output;
import taskmaster.api.LogPolicy;
import taskmaster.api.Policy;
import taskmaster.api.Probe;
import taskmaster.api.ProgramSpec;
import taskmaster.api.ProgramType;
import taskmaster.api.Shape;
import taskmaster.api.Signal;
import taskmaster.api.Stopping;
import taskmaster.controller.core.End;
import taskmaster.controller.core.Entry;
import taskmaster.controller.core.Finding;
import taskmaster.controller.core.Findings;
import taskmaster.controller.core.Instance;
import taskmaster.controller.core.Life;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Run;
import taskmaster.controller.core.Series;
import taskmaster.controller.core.Wish;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A batch as one line: the CRC-32 of what follows in hex, a space, JSON. A spec is written out once, where it is first
 * used, and has a number from then on. Times are nanoseconds of the monotonic clock.
 */
final class RecordWriter {
  /** One writer for all lines, which brings its own ends of lines. */
  private static final JsonFactory JSON = JsonFactory.builder().rootValueSeparator((String) null).build();

  /** The sum and the space. */
  private static final int HEAD = 9;

  private final Map<ProgramSpec, Integer> specs = new IdentityHashMap<>();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(4096);
  private final JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes);
  private int nextSpec;

  /** @param firstSpec above every number that the file has */
  RecordWriter(int firstSpec) {
    this.nextSpec = firstSpec;
  }

  byte[] header(String machine, String version, long alertsBefore) {
    begin();
    json.writeStringProperty("machine", machine);
    json.writeStringProperty("version", version);
    json.writeNumberProperty("alerts_before", alertsBefore);
    return line();
  }

  byte[] batch(Entry.Batch batch) {
    begin();
    json.writeNumberProperty("at", batch.at().nanos());
    json.writeNumberProperty("next_run", batch.nextRun());
    json.writeStringProperty("kind", batch.kind().name());
    json.writeArrayPropertyStart("entries");
    for (Entry entry : batch.entries()) entry(json, entry);
    json.writeEndArray();
    return line();
  }

  private void begin() {
    bytes.reset();
    for (int i = 0; i < HEAD; i++) bytes.write(' ');
    json.writeStartObject();
  }

  private byte[] line() {
    json.writeEndObject();
    json.flush();
    bytes.write('\n');
    byte[] line = bytes.toByteArray();
    CRC32 crc = new CRC32();
    crc.update(line, HEAD, line.length - HEAD - 1);
    byte[] sum = HexFormat.of().toHexDigits(crc.getValue(), 8).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(sum, 0, line, 0, sum.length);
    return line;
  }

  private void entry(JsonGenerator json, Entry entry) {
    ProgramSpec used = switch (entry) {
      case Entry.Intent e -> e.spec();
      case Entry.Known(Instance it) -> specOf(it.run());
      case Entry.Filed(ProgramSpec spec) -> spec;
      default -> null;
    };
    if (used != null) define(json, used);
    json.writeStartObject();
    switch (entry) {
      case Entry.Intent e -> {
        json.writeStringProperty("intent", e.id().toString());
        json.writeNumberProperty("run", e.run());
        json.writeNumberProperty("spec", number(e.spec()));
        series(json, e.series());
      }
      case Entry.Born e -> {
        json.writeStringProperty("born", e.id().toString());
        json.writeNumberProperty("run", e.run());
        json.writeNumberProperty("pid", e.pid());
        json.writeNumberProperty("ticks", e.born());
        json.writeNumberProperty("at", e.at().nanos());
      }
      case Entry.Known(Instance it) -> instance(json, it);
      case Entry.Forgotten e -> json.writeStringProperty("forgotten", e.id().toString());
      case Entry.Scaled e -> {
        json.writeStringProperty("scaled", e.program());
        json.writeNumberProperty("to", e.scale());
      }
      case Entry.Filed e -> json.writeNumberProperty("filed", number(e.spec()));
      case Entry.Unfiled e -> json.writeStringProperty("unfiled", e.program());
      case Entry.Wished e -> wish(json, e);
    }
    json.writeEndObject();
  }

  private static @Nullable ProgramSpec specOf(@Nullable Run run) {
    return run == null ? null : run.spec();
  }

  private void define(JsonGenerator json, ProgramSpec spec) {
    if (specs.containsKey(spec)) return;
    specs.put(spec, nextSpec);
    json.writeStartObject();
    json.writeNumberProperty("define", nextSpec++);
    json.writeStringProperty("name", spec.name());
    json.writeObjectPropertyStart("shape");
    shape(json, spec.shape());
    json.writeEndObject();
    json.writeObjectPropertyStart("policy");
    policy(json, spec.policy());
    json.writeEndObject();
    json.writeEndObject();
  }

  private int number(ProgramSpec spec) {
    Integer number = specs.get(spec);
    if (number == null) throw new IllegalStateException("internal error: a spec without number: " + spec.name());
    return number;
  }

  private static void shape(JsonGenerator json, Shape shape) {
    json.writeArrayPropertyStart("cmd");
    shape.cmd().forEach(json::writeString);
    json.writeEndArray();
    json.writeObjectPropertyStart("env");
    shape.env().forEach(json::writeStringProperty);
    json.writeEndObject();
    json.writeStringProperty("workingdir", shape.workingdir().toString());
    Integer umask = shape.umask();
    if (umask != null) json.writeNumberProperty("umask", umask);
    json.writeStringProperty("stdout", output(shape.stdout()));
    json.writeStringProperty("stderr", output(shape.stderr()));
    if (!shape.envInherit().all()) names(json, "env_inherit", shape.envInherit().names());
    if (!shape.attributes().equals(Attributes.INHERITED)) attributes(json, shape.attributes());
  }

  private static void names(JsonGenerator json, String key, Iterable<String> names) {
    json.writeArrayPropertyStart(key);
    names.forEach(json::writeString);
    json.writeEndArray();
  }

  private static void attributes(JsonGenerator json, Attributes attributes) {
    Identity identity = attributes.identity();
    if (identity != null) {
      json.writeObjectPropertyStart("identity");
      json.writeStringProperty("user", identity.user());
      json.writeNumberProperty("uid", identity.uid());
      json.writeStringProperty("group", identity.group());
      json.writeNumberProperty("gid", identity.gid());
      json.writeArrayPropertyStart("groups");
      identity.groups().forEach(json::writeNumber);
      json.writeEndArray();
      json.writeStringProperty("home", identity.home());
      json.writeStringProperty("shell", identity.shell());
      json.writeEndObject();
    }
    attributes.limits().of().forEach((resource, limit) -> {
      json.writeObjectPropertyStart("limit_" + resource.key());
      json.writeNumberProperty("soft", limit.soft());
      json.writeNumberProperty("hard", limit.hard());
      json.writeEndObject();
    });
    Integer nice = attributes.nice();
    if (nice != null) json.writeNumberProperty("nice", nice);
    Integer oomScoreAdj = attributes.oomScoreAdj();
    if (oomScoreAdj != null) json.writeNumberProperty("oom_score_adj", oomScoreAdj);
  }

  private static String output(Output output) {
    return switch (output) {
      case Output.PerInstance(var folder) -> "folder " + folder;
      case Output.ToFile(var path) -> "file " + path;
      case Output.Discard() -> "discard";
      case Output.Inherit() -> "inherit";
      case Output.WithStdout() -> "stdout";
    };
  }

  private static void policy(JsonGenerator json, Policy policy) {
    json.writeNumberProperty("numprocs", policy.numprocs());
    json.writeBooleanProperty("autostart", policy.autostart());
    json.writeStringProperty("autorestart", policy.autorestart().name());
    json.writeArrayPropertyStart("exitcodes");
    policy.exitcodes().forEach(json::writeNumber);
    json.writeEndArray();
    json.writeNumberProperty("starttime", policy.starttime().toNanos());
    json.writeNumberProperty("startretries", policy.startretries());
    json.writeNumberProperty("backoff_initial", policy.backoff().initial().toNanos());
    json.writeNumberProperty("backoff_factor", policy.backoff().factor());
    json.writeNumberProperty("backoff_max", policy.backoff().max().toNanos());
    json.writeNumberProperty("backoff_reset_after", policy.backoff().resetAfter().toNanos());
    stopping(json, policy.stopping());
    if (policy.type() != ProgramType.SERVICE) json.writeStringProperty("type", policy.type().name());
    if (policy.vital().onFatal()) json.writeBooleanProperty("on_fatal", true);
    if (policy.vital().onExit()) json.writeBooleanProperty("on_exit", true);
    if (policy.rolling()) json.writeBooleanProperty("rolling", true);
    Signal reload = policy.reloadSignal();
    if (reload != null) json.writeNumberProperty("reload_signal", reload.number());
    if (!policy.dependencies().equals(Dependencies.NONE)) {
      json.writeObjectPropertyStart("depends_on");
      policy.dependencies().conditions().forEach((name, condition) -> json.writeStringProperty(name, condition.name()));
      json.writeEndObject();
      json.writeBooleanProperty("restarts_with", policy.dependencies().restartsWith());
    }
    if (!policy.checks().equals(Checks.NONE)) CheckRecords.write(json, policy.checks());
    if (policy.log().equals(LogPolicy.DEFAULT)) return;
    json.writeObjectPropertyStart("log");
    json.writeNumberProperty("max_bytes", policy.log().maxBytes());
    json.writeNumberProperty("backups", policy.log().backups());
    json.writeStringProperty("compress", policy.log().compress().name());
    json.writeNumberProperty("max_age", policy.log().maxAge().toNanos());
    json.writeStringProperty("format", policy.log().format().name());
    json.writeStringProperty("overflow", policy.log().overflow().name());
    json.writeEndObject();
  }

  private static void stopping(JsonGenerator json, Stopping stopping) {
    json.writeArrayPropertyStart("stop");
    for (Stopping.Step step : stopping.steps()) {
      switch (step) {
        case Stopping.Send send -> json.writeNumber(send.signal().number());
        case Stopping.Exec exec -> {
          json.writeStartArray();
          exec.cmd().forEach(json::writeString);
          json.writeEndArray();
        }
      }
      json.writeNumber(step.patience().toNanos());
    }
    json.writeEndArray();
    json.writeBooleanProperty("stop_group", stopping.group());
  }

  private void instance(JsonGenerator json, Instance it) {
    json.writeStringProperty("instance", it.id().toString());
    json.writeNumberProperty("spawns", it.spawns());
    json.writeNumberProperty("signalled", it.signalled());
    End end = it.lastEnd();
    if (end != null) {
      json.writeObjectPropertyStart("last_end");
      end(json, end);
      json.writeEndObject();
    }
    switch (it.life()) {
      case Life.Down() -> {}
      case Life.Up up -> {
        json.writeObjectPropertyStart("up");
        run(json, up.run());
        findings(json, up.findings().concluded());
        json.writeEndObject();
      }
      case Life.Dying d -> {
        json.writeObjectPropertyStart("dying");
        run(json, d.run());
        time(json, "stop_sent", d.stopSentAt());
        time(json, "rest_sent", d.restSentAt());
        time(json, "kill_sent", d.killSentAt());
        if (d.ended() != null) {
          time(json, "ended", d.ended().at());
          exit(json, d.ended().exit());
        }
        json.writeNumberProperty("kills", d.kills());
        json.writeNumberProperty("steps", d.steps());
        time(json, "stepped", d.steppedAt());
        if (d.unhealthy()) json.writeBooleanProperty("unhealthy", true);
        if (!d.trouble().isEmpty()) json.writeStringProperty("trouble", d.trouble());
        json.writeEndObject();
      }
    }
  }

  private static void findings(JsonGenerator json, Findings findings) {
    if (findings.equals(Findings.NONE)) return;
    finding(json, "ready", findings.ready());
    finding(json, "health", findings.health());
    json.writeStringProperty("says", findings.says());
  }

  private static void finding(JsonGenerator json, String kind, Finding finding) {
    json.writeStringProperty(kind, finding.conclusion().name());
    json.writeStringProperty(kind + "_detail", finding.detail());
    Probe probe = finding.probe();
    if (probe == null) return;
    json.writeObjectPropertyStart(kind + "_by");
    CheckRecords.probe(json, probe);
    json.writeEndObject();
  }

  private static void time(JsonGenerator json, String name, @Nullable MonoTime time) {
    if (time != null) json.writeNumberProperty(name, time.nanos());
  }

  private void run(JsonGenerator json, Run run) {
    json.writeNumberProperty("run", run.number());
    json.writeNumberProperty("pid", run.pid());
    json.writeNumberProperty("ticks", run.born());
    Run.First first = run.first();
    if (first != null) {
      json.writeNumberProperty("first_pid", first.pid());
      json.writeNumberProperty("first_ticks", first.born());
    }
    json.writeNumberProperty("at", run.startedAt().nanos());
    json.writeNumberProperty("spec", number(run.spec()));
    series(json, run.series());
  }

  private static void series(JsonGenerator json, Series series) {
    json.writeNumberProperty("failed_starts", series.failedStarts());
    json.writeNumberProperty("quick_deaths", series.quickDeaths());
  }

  private static void end(JsonGenerator json, End end) {
    json.writeNumberProperty("run", end.run());
    json.writeNumberProperty("pid", end.pid());
    json.writeNumberProperty("started", end.startedAt().nanos());
    json.writeNumberProperty("ended", end.endedAt().nanos());
    if (end.ran()) json.writeBooleanProperty("ran", true);
    json.writeStringProperty("cause", end.cause().name());
    series(json, end.series());
    switch (end.how()) {
      case End.Refused(String why) -> json.writeStringProperty("refused", why);
      case End.Exited(Exit exit) -> exit(json, exit);
    }
  }

  private static void exit(JsonGenerator json, Exit exit) {
    switch (exit) {
      case Exit.Code(int code) -> json.writeNumberProperty("code", code);
      case Exit.Killed(var signal, boolean core) -> {
        json.writeNumberProperty("signal", signal.number());
        json.writeBooleanProperty("core_dumped", core);
      }
      case Exit.Unknown() -> {}
    }
  }

  private static void wish(JsonGenerator json, Entry.Wished e) {
    Wish wish = e.wish();
    json.writeStringProperty("wished", e.program());
    json.writeStringProperty("want", wish.want().name());
    Integer count = wish.count();
    if (count != null) json.writeNumberProperty("count", count);
    json.writeObjectPropertyStart("instances");
    wish.instances().forEach((index, one) -> {
      json.writeObjectPropertyStart(Integer.toString(index));
      json.writeStringProperty("want", one.want().name());
      json.writeNumberProperty("forgiven", one.forgiven());
      json.writeNumberProperty("replaced", one.replaced());
      if (one.replacedAtOnce() > 0) json.writeNumberProperty("replaced_at_once", one.replacedAtOnce());
      json.writeEndObject();
    });
    json.writeEndObject();
  }
}
