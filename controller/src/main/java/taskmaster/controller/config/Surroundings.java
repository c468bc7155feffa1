package taskmaster.controller.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a file may speak of beside itself.
 *
 * @param environment the daemon's own, for {@code ${NAME}}
 */
public record Surroundings(Accounts accounts, Map<String, String> environment) {
  /** No account but root, as which the daemon runs, and no variable. */
  public static final Surroundings BARE = new Surroundings(new RootAlone(), Map.of());

  private static final class RootAlone implements Accounts {
    private static final User ROOT = new User("root", 0, 0, "/root", "/bin/sh");

    @Override
    public Optional<User> user(String name) {
      return Optional.of(ROOT).filter(u -> u.name().equals(name));
    }

    @Override
    public Optional<User> user(long uid) {
      return Optional.of(ROOT).filter(u -> u.uid() == uid);
    }

    @Override
    public Optional<Group> group(String name) {
      return name.equals("root") ? group(0) : Optional.empty();
    }

    @Override
    public Optional<Group> group(long gid) {
      return gid == 0 ? Optional.of(new Group("root", 0)) : Optional.empty();
    }

    @Override
    public List<Long> groups(String user, long gid) {
      return List.of(gid);
    }

    @Override
    public Own own() {
      return new Own(0, 0, List.of(0L), Optional.empty());
    }
  }
}
