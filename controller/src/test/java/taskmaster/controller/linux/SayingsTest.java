package taskmaster.controller.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import taskmaster.controller.World;
import taskmaster.controller.core.Event;
import taskmaster.controller.core.MonoTime;

/** A status that changes faster than anybody reads it. */
class SayingsTest {
  private static final MonoTime START = new MonoTime(1_000_000_000);

  private final Sayings sayings = new Sayings();
  private final List<String> told = new ArrayList<>();

  private void say(long run, String status) {
    sayings.say(new Event.Said(World.id("web:0"), run, status));
  }

  private void tell(MonoTime now) {
    sayings.tell(now, event -> told.add(((Event.Said) event).status()));
  }

  @Test
  void the_first_word_is_told_at_once_and_then_the_last_of_each_while() {
    say(1, "a");
    tell(START);
    assertThat(told).containsExactly("a");
    assertThat(sayings.next(START)).isEqualTo(MonoTime.NEVER);
    say(1, "b");
    say(1, "c");
    MonoTime due = START.plus(Sayings.PAUSE);
    assertThat(sayings.next(START)).isEqualTo(due);
    tell(due.plus(Duration.ofMillis(-1)));
    assertThat(told).containsExactly("a");
    tell(due);
    assertThat(told).containsExactly("a", "c");
  }

  @Test
  void runs_do_not_wait_for_each_other_and_one_that_is_over_says_nothing() {
    say(1, "a");
    tell(START);
    say(1, "b");
    say(2, "x");
    tell(START);
    assertThat(told).containsExactly("a", "x");
    sayings.forget(1);
    tell(START.plus(Duration.ofSeconds(9)));
    assertThat(told).containsExactly("a", "x");
  }
}
