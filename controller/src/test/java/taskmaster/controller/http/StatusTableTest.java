package taskmaster.controller.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import taskmaster.api.InstanceId;
import taskmaster.api.InstanceStatus;
import taskmaster.api.Phase;
import taskmaster.api.ProgramStatus;

/** What a person reads is said once. */
class StatusTableTest {
  private static String row(Phase phase, String lastExit, String reason) {
    return row(phase, null, lastExit, reason);
  }

  private static String row(Phase phase, @Nullable Integer pid, String lastExit, String reason) {
    InstanceStatus i =
        new InstanceStatus(new InstanceId("web", 0), phase, pid, 3, null, null, 2, lastExit, reason, true, false, false, false, null, 0);
    return StatusTable.ofPrograms(List.of(new ProgramStatus("web", phase, 0, 1, reason, List.of(i))), false).lines().toList().get(1);
  }

  @Test
  void why_it_cannot_be_started_stands_in_one_place() {
    String why = "cannot start: /usr/bin/ngnix: No such file or directory";
    assertThat(row(Phase.FATAL, why, why + ", gave up after 3 retries"))
        .isEqualTo("web      FATAL  0/1  -    -       2         not started  " + why + ", gave up after 3 retries");
    assertThat(row(Phase.STOPPED, why, "by an operator")).as("where nothing else says it").contains(why);
    assertThat(row(Phase.RUNNING, 4711, why, "")).as("it runs now").contains("  not started").doesNotContain("ngnix");
    assertThat(row(Phase.BACKOFF, "code 1", "exited, code 1, retry in 4 s")).contains("  code 1  ");
  }
}
