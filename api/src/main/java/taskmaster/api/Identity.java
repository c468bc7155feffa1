package taskmaster.api;

import java.util.List;

/**
 * Whose process it is, as the system's accounts had it when the file was read.
 *
 * @param user the account's name; the number as text where there is no account
 * @param groups the supplementary groups, in ascending order
 */
public record Identity(String user, long uid, String group, long gid, List<Long> groups, String home, String shell) {
  public Identity {
    groups = groups.stream().distinct().sorted().toList();
  }
}
