package taskmaster.controller.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.Fold;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Observed;
import taskmaster.controller.core.Preview;
import taskmaster.controller.core.Reload;
import taskmaster.controller.core.Series;

/** What a reload does before the loop acts: a file of a thousand programs, from its bytes to what it would change. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class ConfigBench {
  private static final int MANY = 1_000;
  private static final Path FILE = Path.of("/etc/taskmaster/taskmaster.yaml");
  private static final MonoTime NOW = new MonoTime(1);

  private final byte[] same = file(MANY);
  private final byte[] more = file(MANY + 1);
  private Map<String, ProgramSpec> parsedAgain = Map.of();
  private Desired desired = Desired.NOTHING;
  private Observed observed = Observed.NOTHING;

  private static byte[] file(int count) {
    StringBuilder text = new StringBuilder("daemon: { socket: /run/taskmaster/socket, tick: 1s }\nprograms:\n");
    for (int i = 1; i <= count; i++) {
      text.append("  p").append(i).append(": { cmd: [/usr/bin/sleep, 100000, p").append(i);
      text.append("], starttime: 0, autorestart: always, backoff: { initial: 0 }, env: { NUMBER: ").append(i).append(" } }\n");
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Setup
  public void taken() throws ConfigRejected {
    desired = Reload.apply(Desired.NOTHING, Observed.NOTHING, ConfigFile.parse(FILE, same).programs(), false);
    observed = allRun(desired.specs());
    parsedAgain = ConfigFile.parse(FILE, same).programs();
    if (!compare().changes().isEmpty()) throw new IllegalStateException("the same file changes something");
    if (reloadMore().changes().size() != 1) throw new IllegalStateException("one more program is not one change");
  }

  private static Observed allRun(Map<String, ProgramSpec> specs) {
    List<Event> started = new ArrayList<>();
    for (ProgramSpec spec : specs.values()) {
      int run = started.size() + 1;
      started.add(new Event.Spawned(new InstanceId(spec.name(), 0), run, run, run, NOW, spec, Series.NONE));
      started.add(new Event.Scaled(new Action.Scale(spec.name(), 0, 1, 1)));
    }
    return Fold.apply(Observed.NOTHING, started, NOW);
  }

  @Benchmark
  public Config parse() throws ConfigRejected {
    return ConfigFile.parse(FILE, same);
  }

  @Benchmark
  public Preview reloadSame() throws ConfigRejected {
    return compared(ConfigFile.parse(FILE, same).programs());
  }

  @Benchmark
  public Preview reloadMore() throws ConfigRejected {
    return compared(ConfigFile.parse(FILE, more).programs());
  }

  /** Without the parser. */
  @Benchmark
  public Preview compare() {
    return compared(parsedAgain);
  }

  private Preview compared(Map<String, ProgramSpec> programs) {
    Desired after = Reload.apply(desired, observed, programs, false);
    return Preview.of(desired, after, observed, NOW);
  }
}
