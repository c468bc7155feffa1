package taskmaster.controller.kernel;

import taskmaster.api.InstanceId;
import taskmaster.controller.core.MonoTime;

/**
 * A run that an earlier daemon started and of which something lives, as the system itself tells it.
 *
 * @param pid of its main process, 0 if only others are left
 * @param born as in {@link taskmaster.controller.core.Run}
 */
public record Sighting(InstanceId id, long run, int pid, long born, MonoTime startedAt) {}
