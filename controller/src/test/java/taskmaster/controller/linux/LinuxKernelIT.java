package taskmaster.controller.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import taskmaster.api.Checks;
import taskmaster.api.InstanceId;
import taskmaster.api.Output;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Shape;
import taskmaster.controller.Specs;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Series;

class LinuxKernelIT {
  /** Whose second opening is impossible. */
  private static final class Outraged implements Outputs {
    private int opened;

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
    for (int i = 0; i < 3; i++) {
      ProgramSpec spec = new ProgramSpec("p" + i, shape, Specs.program("p" + i).spec().policy());
      spawns.add(new Action.Spawn(new InstanceId("p" + i, 0), i + 1, spec, Series.NONE));
    }
    List<Event> outcomes = new ArrayList<>();
    kernel.spawnAll(spawns, outcomes::add);
    try {
      assertThat(outcomes).extracting(o -> o.getClass().getSimpleName()).containsExactly("Spawned", "SpawnRefused", "Spawned");
    } finally {
      for (Event outcome : outcomes) {
        if (outcome instanceof Event.Spawned e) ProcessHandle.of(e.pid()).ifPresent(ProcessHandle::destroyForcibly);
      }
      kernel.poll(new MonoTime(System.nanoTime() + 1_000_000_000L));
      kernel.close();
    }
  }
}
