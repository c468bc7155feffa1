package taskmaster.controller;

import java.util.List;
import java.util.Optional;
import taskmaster.api.Identity;
import taskmaster.controller.config.Accounts;
import taskmaster.controller.config.Surroundings;
import taskmaster.controller.linux.AccountDb;
import taskmaster.controller.linux.Capabilities;
import taskmaster.controller.linux.Host;

/** The accounts of this machine. */
public final class SystemAccounts implements Accounts {
  private SystemAccounts() {}

  /** What a file may speak of here. */
  public static Surroundings surroundings() {
    return new Surroundings(new SystemAccounts(), Host.environment());
  }

  /** As whom a program runs that asks for nobody. */
  static Identity ofDaemon() {
    SystemAccounts accounts = new SystemAccounts();
    Own own = accounts.own();
    User user = accounts.user(own.uid()).orElseGet(() -> new User(Long.toString(own.uid()), own.uid(), own.gid(), "/", "/bin/sh"));
    String group = accounts.group(own.gid()).map(Group::name).orElse(Long.toString(own.gid()));
    return new Identity(user.name(), own.uid(), group, own.gid(), own.groups(), user.home(), user.shell());
  }

  @Override
  public Optional<User> user(String name) {
    return AccountDb.user(name, User::new);
  }

  @Override
  public Optional<User> user(long uid) {
    return AccountDb.user(uid, User::new);
  }

  @Override
  public Optional<Group> group(String name) {
    return AccountDb.group(name, Group::new);
  }

  @Override
  public Optional<Group> group(long gid) {
    return AccountDb.group(gid, Group::new);
  }

  @Override
  public List<Long> groups(String user, long gid) {
    return AccountDb.groups(user, gid);
  }

  @Override
  public Own own() {
    long uid = Integer.toUnsignedLong(Host.uid());
    return new Own(uid, AccountDb.ownGid(), AccountDb.ownGroups(), cannotSwitch(uid));
  }

  private Optional<String> cannotSwitch(long uid) {
    if (Capabilities.maySwitchUser()) return Optional.empty();
    if (uid == 0) return Optional.of("the daemon runs as root without CAP_SETUID and CAP_SETGID");
    return Optional.of("the daemon runs as " + user(uid).map(User::name).orElse(Long.toString(uid)) + "; start the daemon as root");
  }
}
