package taskmaster.controller.core;

import static org.assertj.core.api.Assertions.assertThat;
import static taskmaster.controller.Specs.program;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Signal;

/** What a broken tick would look like is told. */
class InvariantsTest {
  private static final ProgramSpec WEB = program("web").numprocs(3).spec();
  private static final MonoTime NOW = new MonoTime(0);
  private static final Desired DESIRED = Reload.apply(Desired.NOTHING, Observed.NOTHING, Map.of("web", WEB), false);

  @Test
  void instances_with_runs_and_processes_of_their_own_are_in_order() {
    assertThat(violated(Observed.NOTHING, started(0, 1, 100), started(1, 2, 101), started(2, 3, 102))).isEmpty();
  }

  @Test
  void a_process_is_of_one_instance_among_the_new_ones() {
    assertThat(violated(Observed.NOTHING, started(0, 1, 100), started(1, 2, 100)))
        .containsExactly("a process is of one instance: pid 100 is both web:1's and web:0's");
  }

  @Test
  void a_process_is_of_one_instance_also_of_those_that_were_there() {
    assertThat(violated(after(Observed.NOTHING, started(0, 1, 100)), started(1, 2, 100)))
        .containsExactly("a process is of one instance: pid 100 is both web:0's and web:1's");
  }

  @Test
  void a_pid_is_free_again_once_its_process_has_ended() {
    Observed ended = after(Observed.NOTHING, started(0, 1, 100), new Event.Exited(new InstanceId("web", 0), 1, new Exit.Killed(Signal.KILL, false)));
    assertThat(violated(ended, started(1, 2, 100))).isEmpty();
  }

  @Test
  void a_run_is_of_one_instance() {
    assertThat(violated(Observed.NOTHING, started(0, 1, 100), started(1, 1, 101)))
        .containsExactly("a run is of one instance: run 1 is of web:0 and web:1");
  }

  private static List<String> violated(Observed before, Event... events) {
    return Invariants.violated(new Snapshot(DESIRED, before, NOW, 1), new Snapshot(DESIRED, after(before, events), NOW, 2), false);
  }

  private static Observed after(Observed before, Event... events) {
    return Fold.apply(before, Stream.of(events).toList(), NOW);
  }

  private static Event started(int index, long run, int pid) {
    return new Event.Spawned(new InstanceId("web", index), run, pid, pid, NOW, WEB, Series.NONE);
  }
}
