package taskmaster.api;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An instance as of one moment.
 *
 * @param pid null unless a process of it lives
 * @param run the number of its current or last run, 0 before the first; never used twice by a daemon
 * @param restarts runs after the first
 * @param lastExit how the last run ended, null before any did
 * @param reason why it is in this phase, empty where the phase says it all
 * @param wanted whether it should be running
 * @param stopped whether an operator's stop holds it
 * @param expectedExit whether the last end is one of {@code exitcodes}
 * @param ready whether others may rely on it; of a job: whether it has completed
 * @param healthy null where nobody asks, or no answer has decided it
 * @param droppedOutput bytes of its output that the disk refused, since the daemon began
 */
public record InstanceStatus(
    InstanceId id,
    Phase phase,
    @Nullable Integer pid,
    long run,
    @Nullable Instant since,
    @Nullable Duration uptime,
    int restarts,
    @Nullable String lastExit,
    String reason,
    boolean wanted,
    boolean stopped,
    boolean expectedExit,
    boolean ready,
    @Nullable Boolean healthy,
    long droppedOutput) {}
