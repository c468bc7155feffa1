package taskmaster.controller.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
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

  private static String inNewThread(Callable<String> what) throws Exception {
    FutureTask<String> task = new FutureTask<>(what);
    Thread.ofPlatform().start(task);
    return task.get();
  }

  /** proc_pid_stat(5), field 41 */
  private static String ownPolicy() throws IOException {
    String stat = Files.readString(Path.of("/proc/thread-self/stat"));
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[41 - 3];
  }
}
