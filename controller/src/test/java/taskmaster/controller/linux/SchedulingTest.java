package taskmaster.controller.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class SchedulingTest {
  private static final String USUAL = "0";
  private static final String BATCH = "3";

  @Test
  void the_calling_thread_alone_gives_way() throws Exception {
    String policy = inNewThread(() -> {
      Scheduling.giveWay();
      return ownPolicy();
    });
    assertThat(policy).isEqualTo(BATCH);
    assertThat(inNewThread(SchedulingTest::ownPolicy)).isEqualTo(USUAL);
  }

  @Test
  void the_compiler_gives_way_when_it_is_told() throws IOException {
    Scheduling.letTheCompilerGiveWay();
    List<String> compilers = new ArrayList<>();
    try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
      for (Path thread : threads.toList()) {
        if (Files.exists(thread) && Files.readString(thread.resolve("comm")).contains("CompilerThre")) compilers.add(policyOf(thread));
      }
    }
    assertThat(compilers).isNotEmpty().containsOnly(BATCH);
  }

  private static String inNewThread(Callable<String> what) throws Exception {
    FutureTask<String> task = new FutureTask<>(what);
    Thread.ofPlatform().start(task);
    return task.get();
  }

  private static String ownPolicy() throws IOException {
    return policyOf(Path.of("/proc/thread-self"));
  }

  /** proc_pid_stat(5), field 41 */
  private static String policyOf(Path process) throws IOException {
    String stat = Files.readString(process.resolve("stat"));
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[41 - 3];
  }
}
