package taskmaster.controller.config;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Attributes;
import taskmaster.api.ByteSize;
import taskmaster.api.Durations;
import taskmaster.api.Identity;
import taskmaster.api.Limits;
import taskmaster.api.Limits.Limit;
import taskmaster.api.Limits.Resource;

/** The keys of a program about what its processes would else inherit: user, group, limits, nice, oom_score_adj. */
final class AttributeKeys {
  private static final long HIGHEST_ID = 0xfffffffeL; // the one above means "leave it" to setresuid(2)

  private final Section section;
  private final Accounts accounts;

  private AttributeKeys(Section section, Accounts accounts) {
    this.section = section;
    this.accounts = accounts;
  }

  static Attributes read(Section section, Accounts accounts) {
    AttributeKeys keys = new AttributeKeys(section, accounts);
    Identity identity = section.node("user").isPresent() || section.node("group").isPresent() ? keys.identity() : null;
    Limits limits = section.node("limits").isPresent() ? keys.limits() : Limits.NONE;
    Integer nice = keys.integer("nice", -20, 19);
    Integer oomScoreAdj = keys.integer("oom_score_adj", -1000, 1000);
    boolean asksForNothing = identity == null && limits.isEmpty() && nice == null && oomScoreAdj == null;
    return asksForNothing ? Attributes.INHERITED : new Attributes(identity, limits, nice, oomScoreAdj);
  }

  private @Nullable Integer integer(String key, int least, int most) {
    return section.node(key).isEmpty() ? null : section.integer(key, 0, least, most);
  }

  /** Null where something is wrong with it, which is then an error. */
  private @Nullable Identity identity() {
    Accounts.Own own = accounts.own();
    Optional<Accounts.User> user =
        section.node("user").isEmpty()
            ? Optional.of(accounts.user(own.uid()).orElse(withoutAccount(own.uid(), own.gid())))
            : section.read("user", Optional.empty(), text -> Optional.of(user(text, own)));
    boolean hasGroup = section.node("group").isPresent();
    Optional<Accounts.Group> group =
        hasGroup
            ? section.read("group", Optional.empty(), text -> Optional.of(group(text, own)))
            : user.map(u -> named(own.cannotSwitch().isPresent() ? own.gid() : u.gid()));
    if (user.isEmpty() || group.isEmpty()) return null;
    Accounts.User u = user.get();
    Accounts.Group g = group.get();
    boolean hasAccount = accounts.user(u.uid()).isPresent();
    List<Long> groups =
        own.cannotSwitch().isPresent() ? own.groups() : hasAccount ? accounts.groups(u.name(), g.gid()) : List.of(g.gid());
    return new Identity(u.name(), u.uid(), g.name(), g.gid(), groups, u.home(), u.shell());
  }

  private Accounts.User user(String text, Accounts.Own own) {
    Optional<Accounts.User> known = accounts.user(text);
    boolean isNumber = isNumber(text);
    if (known.isEmpty() && isNumber) known = accounts.user(id(text));
    if (known.isEmpty() && !isNumber) throw new IllegalArgumentException("there is no user '" + text + "' on this system");
    if (known.isEmpty() && section.node("group").isEmpty()) {
      throw new IllegalArgumentException("there is no account for " + text + ", so its group is not known; set group too");
    }
    Accounts.User user = known.orElseGet(() -> withoutAccount(id(text), own.gid()));
    if (own.cannotSwitch().isPresent() && user.uid() != own.uid()) {
      throw new IllegalArgumentException("cannot start as " + user.name() + ": " + own.cannotSwitch().get());
    }
    return user;
  }

  private static Accounts.User withoutAccount(long uid, long gid) {
    return new Accounts.User(Long.toString(uid), uid, gid, "/", "/bin/sh");
  }

  private Accounts.Group group(String text, Accounts.Own own) {
    Optional<Accounts.Group> known = accounts.group(text);
    if (known.isEmpty() && !isNumber(text)) throw new IllegalArgumentException("there is no group '" + text + "' on this system");
    Accounts.Group group = known.orElseGet(() -> named(id(text)));
    if (own.cannotSwitch().isPresent() && group.gid() != own.gid()) {
      throw new IllegalArgumentException("cannot start with the group " + group.name() + ": " + own.cannotSwitch().get());
    }
    return group;
  }

  private Accounts.Group named(long gid) {
    return accounts.group(gid).orElseGet(() -> new Accounts.Group(Long.toString(gid), gid));
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static long id(String digits) {
    long id = digits.length() > 10 ? Long.MAX_VALUE : Long.parseLong(digits);
    if (id > HIGHEST_ID) throw new IllegalArgumentException(digits + " is not in 0 to " + HIGHEST_ID);
    return id;
  }

  private Limits limits() {
    Set<String> known = Stream.of(Resource.values()).map(Resource::key).collect(Collectors.toSet());
    Optional<Section> given = section.section("limits", known);
    Map<Resource, Limit> limits = new EnumMap<>(Resource.class);
    for (Resource resource : Resource.values()) {
      given.flatMap(l -> l.read(resource.key(), Optional.<Limit>empty(), text -> Optional.of(limit(text, unit(resource)))))
          .ifPresent(limit -> limits.put(resource, limit));
    }
    return new Limits(limits);
  }

  private static ToLongFunction<String> unit(Resource resource) {
    return switch (resource) {
      case NOFILE, NPROC -> AttributeKeys::count;
      case CORE, MEMLOCK, AS -> ByteSize::parse;
      case CPU -> AttributeKeys::seconds;
    };
  }

  private static Limit limit(String text, ToLongFunction<String> unit) {
    int colon = text.indexOf(':');
    if (colon < 0) return new Limit(value(text, unit), value(text, unit));
    return new Limit(value(text.substring(0, colon), unit), value(text.substring(colon + 1), unit));
  }

  private static long value(String text, ToLongFunction<String> unit) {
    if (text.equals("unlimited") || text.equals("infinity")) return Limit.UNLIMITED;
    if (text.startsWith("-")) throw new IllegalArgumentException("'" + text + "' is negative; a limit is 0 or more, or unlimited");
    return unit.applyAsLong(text);
  }

  private static long count(String text) {
    if (!isNumber(text) || text.length() > 18) {
      throw new IllegalArgumentException("'" + text + "' is not a limit: write a number, SOFT:HARD or unlimited");
    }
    return Long.parseLong(text);
  }

  private static long seconds(String text) {
    java.time.Duration time = Durations.parse(text);
    if (time.getNano() != 0) throw new IllegalArgumentException("'" + text + "': time on the processor is limited by whole seconds");
    return time.toSeconds();
  }
}
