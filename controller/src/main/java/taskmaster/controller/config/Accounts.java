package taskmaster.controller.config;

import java.util.List;
import java.util.Optional;

/** The users and groups of this system, as far as a file needs them (getpwnam(3), getgrnam(3), getgrouplist(3)). */
public interface Accounts {
  record User(String name, long uid, long gid, String home, String shell) {}

  record Group(String name, long gid) {}

  /**
   * As whom the daemon runs.
   *
   * @param cannotSwitch why it cannot start a process as another, and what to do about it
   */
  record Own(long uid, long gid, List<Long> groups, Optional<String> cannotSwitch) {}

  Optional<User> user(String name);

  Optional<User> user(long uid);

  Optional<Group> group(String name);

  Optional<Group> group(long gid);

  /** All groups of an account, {@code gid} among them. */
  List<Long> groups(String user, long gid);

  Own own();
}
