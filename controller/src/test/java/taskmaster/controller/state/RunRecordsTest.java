package taskmaster.controller.state;

import static org.assertj.core.api.Assertions.assertThat;
import static taskmaster.controller.Specs.program;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import taskmaster.api.Attributes;
import taskmaster.api.EnvInherit;
import taskmaster.api.Exit;
import taskmaster.api.Identity;
import taskmaster.api.InstanceId;
import taskmaster.api.Limits;
import taskmaster.api.Output;
import taskmaster.api.Placeholders;
import taskmaster.api.Probe;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Shape;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.End;
import taskmaster.controller.core.Entry;
import taskmaster.controller.core.Finding;
import taskmaster.controller.core.Findings;
import taskmaster.controller.core.Instance;
import taskmaster.controller.core.Life;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Observed;
import taskmaster.controller.core.ProgramObserved;
import taskmaster.controller.core.Programs;
import taskmaster.controller.core.Recovery;
import taskmaster.controller.core.Run;
import taskmaster.controller.core.Series;
import taskmaster.controller.core.Snapshot;

/** The records in their file, and what is left of them after accidents. */
class RunRecordsTest {
  private static final InstanceId WEB = new InstanceId("web", 0);
  private static final MonoTime NOW = new MonoTime(5_000_000_000L);

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  private final List<String> trouble = new ArrayList<>();
  private final ProgramSpec spec = program("web").spec();
  private final Run run = new Run(7, 4711, 99, NOW, spec, new Series(1, 2));
  private final End end = new End(6, 4700, NOW, NOW, true, new End.Exited(new Exit.Code(3)), End.Cause.ITSELF, Series.NONE);
  private final Instance up = new Instance(WEB, new Life.Up(run, Findings.NONE), end, 2, 0);

  private Path file() {
    return folder.resolve("runs");
  }

  private RunRecords open(String machine) throws IOException {
    RunRecords.Alerts alerts =
        new RunRecords.Alerts() {
          @Override
          public boolean allTold() {
            return true;
          }

          @Override
          public long lastNumber() {
            return 42;
          }
        };
    return new RunRecords(file(), machine, "1", RunRecords.read(file(), machine), alerts, trouble::add);
  }

  private static Entry.Batch batch(Entry... entries) {
    return new Entry.Batch(NOW, 8, Entry.Batch.Kind.TICK, List.of(entries));
  }

  private Snapshot snapshot(long nanos) {
    Observed observed =
        new Observed(Programs.of(Map.of("web", new ProgramObserved(1, List.of(up)))), 8);
    Desired desired = new Desired(Map.of("web", spec), Map.of(), Map.of(), Map.of(), List.of(), 0, Desired.Ending.NO);
    return new Snapshot(desired, observed, new MonoTime(nanos), 1);
  }

  @Test
  void what_was_written_is_read() throws IOException {
    open("here").append(batch(new Entry.Filed(spec), new Entry.Known(up)));
    RunRecords.Contents contents = RunRecords.read(file(), "here");
    assertThat(contents.damage()).isEmpty();
    assertThat(contents.alertsBefore()).isEqualTo(42);
    assertThat(contents.recovered().observed().instance(WEB)).isEqualTo(up);
    assertThat(contents.recovered().observed().nextRun()).isEqualTo(8);
    assertThat(contents.recovered().desired().specs()).containsEntry("web", spec);
    assertThat(contents.recovered().told()).isNotEmpty();
  }

  @Test
  void what_a_check_has_come_to_is_read_with_the_question_that_was_answered() throws IOException {
    Finding ready = new Finding(0, null, null, 0, 0, Finding.Conclusion.PASSING, "", new Probe.Tcp("127.0.0.1", "5432"));
    Finding health = new Finding(0, null, null, 0, 0, Finding.Conclusion.FAILING, "exit code 1", new Probe.Exec(List.of("check", "it")));
    Instance found = new Instance(WEB, new Life.Up(run, new Findings(ready, health, "")), end, 2, 0);
    open("here").append(batch(new Entry.Filed(spec), new Entry.Known(found)));
    assertThat(RunRecords.read(file(), "here").recovered().observed().instance(WEB)).isEqualTo(found);
  }

  @Test
  void a_run_whose_main_process_has_moved_is_read_with_both() throws IOException {
    Run moved = new Run(7, 4712, 100, NOW, spec, new Series(1, 2), new Run.First(4711, 99));
    Instance it = new Instance(WEB, new Life.Up(moved, Findings.NONE), end, 2, 0);
    open("here").append(batch(new Entry.Known(up)));
    open("here").append(batch(new Entry.Known(it)));
    assertThat(RunRecords.read(file(), "here").recovered().observed().instance(WEB)).isEqualTo(it);
  }

  @Test
  void a_shape_is_read_as_it_was_written_whatever_it_asks_for() throws IOException {
    Limits limits =
        new Limits(Map.of(Limits.Resource.NOFILE, new Limits.Limit(64, 128), Limits.Resource.CORE, new Limits.Limit(0, Limits.Limit.UNLIMITED)));
    Identity nobody = new Identity("nobody", 65534, "nogroup", 4_294_967_294L, List.of(100L, 7L), "/nonexistent", "/bin/false");
    Output out = new Output.ToFile(Path.of("/srv/log-" + Placeholders.forPath(String.valueOf(Placeholders.INDEX))));
    Shape shape =
        new Shape(
            List.of("run", "-p" + Placeholders.INDEX),
            Map.of("A", "1"),
            new EnvInherit(false, Set.of("LANG", "TZ")),
            Path.of("/"),
            022,
            out,
            new Output.WithStdout(),
            new Attributes(nobody, limits, -5, 100));
    ProgramSpec asked = new ProgramSpec("asked", shape, spec.policy());
    open("here").append(batch(new Entry.Filed(asked), new Entry.Filed(spec)));
    assertThat(RunRecords.read(file(), "here").recovered().desired().specs()).containsEntry("asked", asked).containsEntry("web", spec);
  }

  @Test
  void an_intent_stays_open_until_its_process_is_known() throws IOException {
    RunRecords records = open("here");
    records.append(batch(new Entry.Intent(WEB, 7, spec, run.series())));
    assertThat(RunRecords.read(file(), "here").recovered().intents()).containsKey(WEB);
    records.append(batch(new Entry.Born(WEB, 7, 4711, 99, NOW)));
    Recovery.Recovered recovered = RunRecords.read(file(), "here").recovered();
    assertThat(recovered.intents()).isEmpty();
    assertThat(recovered.observed().instance(WEB)).extracting(Instance::run).isEqualTo(run);
  }

  @Test
  void half_a_line_is_cut_off_and_a_damaged_one_is_left_out_and_told() throws IOException {
    open("here").append(batch(new Entry.Known(up)));
    byte[] whole = Files.readAllBytes(file());
    byte[] torn = java.util.Arrays.copyOf(whole, whole.length - 9);
    Files.write(file(), torn);
    RunRecords.Contents contents = RunRecords.read(file(), "here");
    assertThat(contents.damage()).isEmpty();
    assertThat(contents.recovered().observed().instance(WEB)).isNull();
    open("here").append(batch(new Entry.Known(up)));
    assertThat(RunRecords.read(file(), "here").recovered().observed().instance(WEB)).isEqualTo(up);

    byte[] flipped = Files.readAllBytes(file());
    flipped[flipped.length - 30] ^= 1;
    Files.write(file(), flipped);
    RunRecords.Contents damaged = RunRecords.read(file(), "here");
    assertThat(damaged.damage()).isEqualTo("1 line of " + file() + " are not what was written there".replace(" are ", " is "));
  }

  @Test
  void records_of_another_boot_count_as_none() throws IOException {
    open("here").append(batch(new Entry.Known(up)));
    assertThat(RunRecords.read(file(), "there").recovered()).isEqualTo(Recovery.Recovered.NOTHING);
    open("there");
    assertThat(RunRecords.read(file(), "here").recovered()).isEqualTo(Recovery.Recovered.NOTHING);
  }

  @Test
  void the_start_of_the_first_process_tells_worlds_apart_where_both_say_it() throws IOException {
    open("boot pid:[7] 100").append(batch(new Entry.Known(up)));
    assertThat(RunRecords.read(file(), "boot pid:[7] 200").recovered()).isEqualTo(Recovery.Recovered.NOTHING);
    assertThat(RunRecords.read(file(), "boot pid:[7]").recovered().observed().instance(WEB)).isEqualTo(up);
    assertThat(RunRecords.read(file(), "boot pid:[71]").recovered()).isEqualTo(Recovery.Recovered.NOTHING);
  }

  @Test
  void what_was_told_before_the_records_were_made_anew_is_not_told_again() throws IOException {
    RunRecords records = open("here");
    Files.delete(file()); // somebody sweeps: they are written anew as a whole
    records.mayCompact(snapshot(10_000_000_000L));
    RunRecords.Contents contents = RunRecords.read(file(), "here");
    assertThat(contents.recovered().observed().instance(WEB)).isEqualTo(up);
    assertThat(contents.recovered().told()).isEmpty();
    assertThat(trouble).singleElement().asString().startsWith("writing the run records");
  }

  @Test
  void what_the_file_no_longer_has_is_known_to_records_that_were_made_anew() throws IOException {
    RunRecords records = open("here");
    Files.delete(file());
    Snapshot now = snapshot(10_000_000_000L);
    Desired withoutWeb = new Desired(Map.of(), Map.of(), Map.of("web", spec), Map.of(), List.of(), 0, Desired.Ending.NO);
    records.mayCompact(new Snapshot(withoutWeb, now.observed(), now.at(), now.version()));
    Desired recovered = RunRecords.read(file(), "here").recovered().desired();
    assertThat(recovered.specs()).isEmpty();
    assertThat(recovered.retired()).containsExactly(Map.entry("web", spec));
  }
}
