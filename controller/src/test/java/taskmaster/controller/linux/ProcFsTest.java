package taskmaster.controller.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

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
}
