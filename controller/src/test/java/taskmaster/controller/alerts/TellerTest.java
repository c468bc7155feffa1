package taskmaster.controller.alerts;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TellerTest {
  @TempDir Path folder;
  private final AtomicLong nanos = new AtomicLong();
  private Teller teller;

  @BeforeEach
  void begin() throws IOException {
    teller = new Teller(new AlertAppender(folder.resolve("alerts.log"), 1 << 20, () -> Long.MAX_VALUE), nanos::get);
    teller.busy(true);
    teller.start(() -> {});
    teller.info("something happened");
  }

  @AfterEach
  void end() {
    teller.busy(false);
    teller.close();
  }

  @Test
  void while_the_loop_is_busy_nothing_is_told_and_after_that_all() {
    nanos.addAndGet(Duration.ofMillis(999).toNanos());
    await().during(Duration.ofMillis(200)).until(() -> !teller.allTold());
    teller.busy(false);
    await().until(teller::allTold);
  }

  @Test
  void a_loop_that_stays_busy_is_not_waited_for_longer_than_a_second() {
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    await().until(teller::allTold);
    teller.busy(true);
    teller.info("and more");
    await().until(teller::allTold);
  }
}
