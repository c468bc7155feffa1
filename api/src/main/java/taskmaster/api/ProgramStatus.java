package taskmaster.api;

import java.util.List;

/**
 * A program as of one moment.
 *
 * @param phase the worst of its instances'
 * @param running instances that are up
 * @param desired numprocs, or what {@code scale} made of it
 * @param reason of the instance that gave the phase
 */
public record ProgramStatus(
    String name, Phase phase, int running, int desired, String reason, List<InstanceStatus> instances) {
  public ProgramStatus {
    instances = List.copyOf(instances);
  }
}
