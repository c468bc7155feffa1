package taskmaster.controller.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcFsTest {
  private static final String FROM_FLAGS =
      " 4194304 103 0 0 0 1 2 0 0 20 0 1 0 5417 2461696 200 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 ";

  @Test
  void a_name_may_hold_spaces_and_parentheses() {
    ProcFs.Stat stat = ProcFs.parse(42, "42 (a) R (b) S 1 40 39 -1 -1" + FROM_FLAGS + "9\n");
    assertThat(stat).isEqualTo(new ProcFs.Stat(42, 'S', 1, 40, 39, 4194304, 5417, 9));
  }

  @Test
  void a_zombies_status_is_read_and_may_be_missing() {
    assertThat(ProcFs.parse(7, "7 (x) Z 1 7 7 0 -1" + FROM_FLAGS + "256\n").exitStatus()).isEqualTo(256);
    assertThat(ProcFs.parse(7, "7 (x) Z 1 7 7 0 -1" + FROM_FLAGS).exitStatus()).isZero();
  }

  @Test
  void this_process_is_found() {
    int self = (int) ProcessHandle.current().pid();
    assertThat(ProcFs.stat(self)).get().matches(ProcFs.Stat::isAlive).extracting(ProcFs.Stat::pid).isEqualTo(self);
  }

  @Test
  void that_no_descriptor_is_left_is_no_answer(@TempDir Path folder) {
    int self = (int) ProcessHandle.current().pid();
    // to load a class from a folder takes a descriptor
    assertThat(catchThrowable(() -> ProcFs.read("/proc"))).isInstanceOf(UncheckedIOException.class);
    List<Supplier<?>> looks =
        List.of(() -> ProcFs.variable(self, "PATH"), () -> ProcFs.environment(self), () -> ProcFs.pipesHeld(self, folder),
            () -> ProcFs.children(self), ProcFs::all, () -> ProcFs.hasEntries(folder));
    for (Supplier<?> look : looks) {
      assertThat(look.get()).as("with descriptors").isNotNull();
      assertThat(Descriptors.without(look::get)).isInstanceOf(UncheckedIOException.class).hasMessageContaining("Too many open files");
    }
  }

  @Test
  void what_has_gone_has_nothing(@TempDir Path folder) throws Exception {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    int pid = (int) ended.pid();
    assertThat(ProcFs.children(pid)).isEmpty();
    assertThat(ProcFs.pipesHeld(pid, folder)).isEmpty();
    assertThat(ProcFs.variable(pid, "PATH")).isEmpty();
    assertThat(ProcFs.hasEntries(folder.resolve("none"))).isFalse();
  }

  @Test
  void a_folder_of_many_is_read_whole(@TempDir Path folder) throws Exception {
    assertThat(ProcFs.hasEntries(folder)).isFalse();
    Files.createFile(folder.resolve("ä".repeat(100)));
    assertThat(ProcFs.hasEntries(folder)).isTrue();
    List<Process> children = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) children.add(new ProcessBuilder("sleep", "600").start());
      List<Integer> pids = children.stream().map(child -> (int) child.pid()).toList();
      assertThat(ProcFs.children((int) ProcessHandle.current().pid())).containsAll(pids);
      assertThat(ProcFs.all()).extracting(ProcFs.Stat::pid).containsAll(pids);
    } finally {
      children.forEach(Process::destroyForcibly);
    }
  }
}
