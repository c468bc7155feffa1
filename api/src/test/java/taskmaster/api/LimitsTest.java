package taskmaster.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static taskmaster.api.Limits.Limit.UNLIMITED;

import org.junit.jupiter.api.Test;
import taskmaster.api.Limits.Limit;

class LimitsTest {
  @Test
  void unlimited_is_more_than_any_number() {
    assertThat(Limit.isMore(UNLIMITED, Long.MAX_VALUE)).isTrue();
    assertThat(Limit.isMore(5, UNLIMITED)).isFalse();
    assertThat(Limit.isMore(5, 5)).isFalse();
    assertThatThrownBy(() -> new Limit(UNLIMITED, 5)).hasMessageContaining("above the hard one");
  }

  @Test
  void prlimit_reads_both_and_people_one_where_they_are_the_same() {
    assertThat(new Limit(10, UNLIMITED)).hasToString("10:unlimited");
    assertThat(new Limit(10, 10)).hasToString("10").extracting(Limit::both).isEqualTo("10:10");
  }
}
