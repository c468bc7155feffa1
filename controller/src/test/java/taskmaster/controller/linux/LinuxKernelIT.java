package taskmaster.controller.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import taskmaster.api.Check;
import taskmaster.api.Checks;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.Output;
import taskmaster.api.Probe;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Shape;
import taskmaster.api.Signal;
import taskmaster.controller.Specs;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Run;
import taskmaster.controller.core.Series;

class LinuxKernelIT {
  /** Whose second opening is impossible. */
  private static final class Outraged implements Outputs {
    private int opened;

    @Override
    public void tickBegins() {}

    @Override
    public Streams open(InstanceId id, long run, ProgramSpec spec) {
      if (++opened == 2) throw new IllegalStateException("never");
      return new Streams(new Stream.DevNull(), new Stream.DevNull());
    }

    @Override
    public void started(long run, int pid) {}

    @Override
    public void close(InstanceId id, long run) {}

    @Override
    public void reopen(InstanceId id, long run, ProgramSpec spec) {}

    @Override
    public boolean isHeld(InstanceId id, long run) {
      return false;
    }

    @Override
    public void find(long run, Checks.Kind kind, String pattern) {}

    @Override
    public void onFound(Finder finder) {}

    @Override
    public List<PipeName> heldBefore() {
      return List.of();
    }
  }

  @Test
  void what_is_impossible_costs_the_one_program_it_happens_to(@TempDir Path pipes) {
    LinuxKernel kernel = new LinuxKernel(new Outraged(), "test", pipes);
    Shape shape = new Shape(List.of("sleep", "600"), Map.of(), pipes, null, new Output.Discard(), new Output.Discard());
    List<Action.Spawn> spawns = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      ProgramSpec spec = new ProgramSpec("p" + i, shape, Specs.program("p" + i).spec().policy());
      spawns.add(new Action.Spawn(new InstanceId("p" + i, 0), i + 1, spec, Series.NONE));
    }
    List<Event> outcomes = new ArrayList<>();
    kernel.spawnAll(spawns, outcomes::add);
    try {
      assertThat(outcomes).extracting(o -> o.getClass().getSimpleName()).containsExactly("Spawned", "SpawnRefused", "Spawned", "Spawned", "Spawned", "Spawned", "Spawned");
      assertThat(outcomes).filteredOn(Event.Spawned.class::isInstance).extracting(o -> ((Event.Spawned) o).id().toString())
          .containsExactly("p0:0", "p2:0", "p3:0", "p4:0", "p5:0", "p6:0");
    } finally {
      for (Event outcome : outcomes) {
        if (outcome instanceof Event.Spawned e) ProcessHandle.of(e.pid()).ifPresent(ProcessHandle::destroyForcibly);
      }
      kernel.poll(new MonoTime(System.nanoTime() + 1_000_000_000L));
      kernel.close();
    }
  }

  @Test
  void where_nobody_hears_of_them_none_is_left(@TempDir Path folder) {
    LinuxKernel kernel = new LinuxKernel(new Outraged(), "test", folder);
    Shape shape = new Shape(List.of("sleep", "600"), Map.of(), folder, null, new Output.Discard(), new Output.Discard());
    List<Action.Spawn> spawns = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      ProgramSpec spec = new ProgramSpec("p" + i, shape, Specs.program("p" + i).spec().policy());
      if (i != 1) spawns.add(new Action.Spawn(new InstanceId("p" + i, 0), i + 1, spec, Series.NONE));
    }
    List<Event> heard = new ArrayList<>();
    try {
      assertThatThrownBy(() -> kernel.spawnAll(spawns, outcome -> {
        heard.add(outcome);
        if (heard.size() == 3) throw new IllegalStateException("deaf");
      })).hasMessage("deaf");
      List<Long> known = heard.stream().filter(Event.Spawned.class::isInstance).map(e -> (long) ((Event.Spawned) e).pid()).toList();
      List<Long> alive = ProcessHandle.current().children().filter(ProcessHandle::isAlive).map(ProcessHandle::pid).filter(pid -> ProcFs.variable(pid.intValue(), Runs.MARK).isPresent()).toList();
      assertThat(known).containsAll(alive);
    } finally {
      for (Event outcome : heard) if (outcome instanceof Event.Spawned e) ProcessHandle.of(e.pid()).ifPresent(ProcessHandle::destroyForcibly);
      kernel.close();
    }
  }

  @Test
  void words_and_variables_may_be_long_and_many(@TempDir Path folder) throws IOException {
    LinuxKernel kernel = new LinuxKernel(new Outraged(), "test", folder);
    List<String> words = new ArrayList<>(List.of("sh", "-c", "echo $# ${#1} ${#LONG} > x; mv x out", "sh", "ä".repeat(40_000)));
    for (int i = 0; i < 10_000; i++) words.add("word" + i);
    Shape shape = new Shape(words, Map.of("LONG", "y".repeat(100_000), "LC_ALL", "C"), folder, null, new Output.Discard(), new Output.Discard());
    ProgramSpec spec = new ProgramSpec("p", shape, Specs.program("p").spec().policy());
    try {
      kernel.spawn(new Action.Spawn(new InstanceId("p", 0), 1, spec, Series.NONE));
      await().until(() -> Files.exists(folder.resolve("out")));
      assertThat(Files.readString(folder.resolve("out"))).isEqualTo("10001 80000 100000\n");
    } finally {
      kernel.close();
    }
  }

  @Test
  void a_move_is_heard_before_an_end_that_the_loop_has_not_seen_yet(@TempDir Path pipes) throws Exception {
    LinuxKernel kernel = new LinuxKernel(new Outraged(), "test", pipes);
    Shape shape =
        new Shape(List.of("sh", "-c", "sleep 600 & echo $! > x; mv x child; wait"), Map.of(), pipes, null, new Output.Discard(), new Output.Discard());
    Check byNotify = new Check(new Probe.Notify(), Duration.ofSeconds(1), Duration.ofSeconds(1), 1, 1, Duration.ZERO);
    ProgramSpec spec = new ProgramSpec("p", shape, Specs.program("p").ready(byNotify).spec().policy());
    InstanceId id = new InstanceId("p", 0);
    Host.becomeReaper();
    int child = 0;
    try {
      Event.Spawned spawned = (Event.Spawned) kernel.spawn(new Action.Spawn(id, 1, spec, Series.NONE));
      await().until(() -> Files.exists(pipes.resolve("child")));
      child = Integer.parseInt(Files.readString(pipes.resolve("child")).strip());
      Libc.KILL.call(spawned.pid(), 9);
      await().until(() -> Files.readString(Path.of("/proc/" + spawned.pid() + "/stat")).contains(") Z"));
      new ServiceManager(pipes.resolve("p:0.1.notify").toString()).tell("MAINPID=" + child);
      List<Event> events = new ArrayList<>();
      for (int i = 0; i < 3; i++) events.addAll(kernel.poll(kernel.now()));
      assertThat(events).extracting(e -> e.getClass().getSimpleName()).contains("MainMoved").doesNotContain("Exited");
      Libc.KILL.call(child, 15);
      await().until(() -> kernel.poll(kernel.now()).stream().anyMatch(e -> e.equals(new Event.Exited(id, 1, new Exit.Killed(Signal.TERM, false)))));
      assertThat(kernel.reap(new Action.Reap(id, 1))).isEqualTo(new Event.Gone(id, 1));
      assertThat(Path.of("/proc/" + spawned.pid())).as("reaped").doesNotExist();
      assertThat(Path.of("/proc/" + child)).as("reaped").doesNotExist();
    } finally {
      if (child > 0) ProcessHandle.of(child).ifPresent(ProcessHandle::destroyForcibly);
      kernel.close();
    }
  }

  @Test
  void an_adopted_run_gets_its_signal_where_no_descriptor_is_left(@TempDir Path pipes) {
    LinuxKernel first = new LinuxKernel(new Outraged(), "test", pipes);
    LinuxKernel next = new LinuxKernel(new Outraged(), "test", pipes);
    Shape shape = new Shape(List.of("sleep", "600"), Map.of(), pipes, null, new Output.Discard(), new Output.Discard());
    InstanceId id = new InstanceId("p", 0);
    ProgramSpec spec = new ProgramSpec("p", shape, Specs.program("p").spec().policy());
    Event.Spawned spawned = (Event.Spawned) first.spawn(new Action.Spawn(id, 1, spec, Series.NONE));
    try {
      next.adopt(id, new Run(1, spawned.pid(), spawned.born(), spawned.at(), spec, Series.NONE), false);
      next.signal(signal(id, Signal.of(18), Action.Purpose.REQUESTED)); // loads what it takes
      assertThat(ProcFs.stat(spawned.pid()).orElseThrow().isAlive()).isTrue();
      Throwable trouble = Descriptors.without(() -> next.signal(signal(id, Signal.KILL, Action.Purpose.STOP)));
      assertThat(trouble).isNull();
      await().until(() -> !ProcFs.stat(spawned.pid()).map(ProcFs.Stat::isAlive).orElse(false));
    } finally {
      ProcessHandle.of(spawned.pid()).ifPresent(ProcessHandle::destroyForcibly);
      next.close();
      first.close();
    }
  }

  private static Action.Signal signal(InstanceId id, Signal signal, Action.Purpose purpose) {
    return new Action.Signal(id, 1, signal, Action.Reach.GROUP, purpose, 0);
  }

  /** Only looked at: no kernel is there that would signal them. */
  @Test
  void neither_the_first_process_nor_the_daemon_descends_from_a_run(@TempDir Path pipes) {
    Runs runs = new Runs("test", pipes);
    for (boolean adopted : new boolean[] {false, true}) {
      LiveRun run = new LiveRun(new InstanceId("p", 0), 1, new Run.First(999_999_999, 1), 999_999_999, 1, adopted);
      runs.add(run);
      for (int pid : new int[] {1, (int) ProcessHandle.current().pid()}) {
        assertThat(runs.descends(ProcFs.stat(pid).orElseThrow(), run)).as("pid %d", pid).isFalse();
      }
      runs.remove(run);
    }
  }
}
