package taskmaster.controller.config;

import static org.assertj.core.api.Assertions.assertThat;
import static taskmaster.api.Limits.Limit.UNLIMITED;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import taskmaster.api.Attributes;
import taskmaster.api.Identity;
import taskmaster.api.Limits;
import taskmaster.api.Limits.Limit;
import taskmaster.api.Limits.Resource;
import taskmaster.api.Shape;

/** user, group, limits, nice and oom_score_adj as the file may have them. */
class IdentityKeysTest {
  private static final Path FILE = Path.of("/srv/conf/taskmaster.yaml");

  /** root, www (33, groups 33 and 4), and the group adm (4). */
  private record Known(Own own) implements Accounts {
    private static final List<User> USERS =
        List.of(new User("root", 0, 0, "/root", "/bin/sh"), new User("www", 33, 33, "/var/www", "/bin/false"), new User("me", 1000, 1000, "/home/me", "/bin/bash"));
    private static final List<Group> GROUPS = List.of(new Group("root", 0), new Group("www", 33), new Group("adm", 4), new Group("me", 1000));

    @Override
    public Optional<User> user(String name) {
      return USERS.stream().filter(u -> u.name().equals(name)).findFirst();
    }

    @Override
    public Optional<User> user(long uid) {
      return USERS.stream().filter(u -> u.uid() == uid).findFirst();
    }

    @Override
    public Optional<Group> group(String name) {
      return GROUPS.stream().filter(g -> g.name().equals(name)).findFirst();
    }

    @Override
    public Optional<Group> group(long gid) {
      return GROUPS.stream().filter(g -> g.gid() == gid).findFirst();
    }

    @Override
    public List<Long> groups(String user, long gid) {
      return user.equals("www") ? List.of(gid, 4L) : List.of(gid);
    }
  }

  private static final Surroundings AS_ROOT = new Surroundings(new Known(new Accounts.Own(0, 0, List.of(0L), Optional.empty())), Map.of());
  private static final Surroundings AS_ME =
      new Surroundings(
          new Known(new Accounts.Own(1000, 1000, List.of(7L, 1000L), Optional.of("the daemon runs as me; start the daemon as root"))), Map.of());

  private static Shape shape(Surroundings surroundings, String... lines) throws ConfigRejected {
    String text = "programs:\n  web:\n    cmd: run\n    " + String.join("\n    ", lines) + "\n";
    return ConfigFile.parse(Reading.ofKept(FILE, Map.of(FILE, text.getBytes(StandardCharsets.UTF_8)), surroundings)).programs().values().iterator().next().shape();
  }

  private static String errors(Surroundings surroundings, String... lines) {
    try {
      shape(surroundings, lines);
    } catch (ConfigRejected e) {
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError("accepted: " + List.of(lines));
  }

  @Test
  void without_them_all_is_inherited() throws ConfigRejected {
    assertThat(shape(AS_ROOT).attributes()).isSameAs(Attributes.INHERITED);
    assertThat(shape(AS_ROOT, "user:", "limits: {}", "nice:").attributes()).isSameAs(Attributes.INHERITED);
  }

  @Test
  void a_user_brings_group_groups_and_home() throws ConfigRejected {
    Shape shape = shape(AS_ROOT, "user: www");
    assertThat(shape.attributes().identity()).isEqualTo(new Identity("www", 33, "www", 33, List.of(4L, 33L), "/var/www", "/bin/false"));
    assertThat(shape.env()).isEqualTo(Map.of("HOME", "/var/www", "USER", "www", "LOGNAME", "www", "SHELL", "/bin/false"));
    assertThat(shape(AS_ROOT, "user: 33").attributes()).isEqualTo(shape.attributes());
  }

  @Test
  void a_group_may_be_another_and_either_may_be_a_number_without_account() throws ConfigRejected {
    assertThat(shape(AS_ROOT, "user: www", "group: adm").attributes().identity())
        .isEqualTo(new Identity("www", 33, "adm", 4, List.of(4L), "/var/www", "/bin/false"));
    assertThat(shape(AS_ROOT, "user: 5001", "group: 5002").attributes().identity())
        .isEqualTo(new Identity("5001", 5001, "5002", 5002, List.of(5002L), "/", "/bin/sh"));
    assertThat(shape(AS_ROOT, "group: adm").attributes().identity()).isEqualTo(new Identity("root", 0, "adm", 4, List.of(4L), "/root", "/bin/sh"));
  }

  @Test
  void who_is_not_root_gets_only_what_he_is() throws ConfigRejected {
    assertThat(shape(AS_ME, "user: me").attributes().identity())
        .isEqualTo(new Identity("me", 1000, "me", 1000, List.of(7L, 1000L), "/home/me", "/bin/bash"));
    assertThat(errors(AS_ME, "user: www"))
        .startsWith("/srv/conf/taskmaster.yaml:4:11: user: cannot start as www: the daemon runs as me; start the daemon as root\n");
    assertThat(errors(AS_ME, "group: adm")).contains("cannot start with the group adm: the daemon runs as me; start the daemon as root");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          user: nobody-such           | taskmaster.yaml:4:11: user: there is no user 'nobody-such' on this system
          user: 5001                  | user: there is no account for 5001, so its group is not known; set group too
          user: 4294967295            | user: 4294967295 is not in 0 to 4294967294
          user: -1                    | user: there is no user '-1' on this system
          user: [www]                 | user must be a single value, not a list
          group: nope                 | group: there is no group 'nope' on this system
          limits: { nofile: -5 }      | taskmaster.yaml:4:23: nofile: '-5' is negative; a limit is 0 or more, or unlimited
          limits: { nofile: many }    | nofile: 'many' is not a limit: write a number, SOFT:HARD or unlimited
          limits: { nofile: "9:5" }   | nofile: the soft limit is above the hard one
          limits: { core: -1MB }      | core: '-1MB' is negative
          limits: { as: big }         | as: 'big' is not a size
          limits: { cpu: 1.5s }       | cpu: '1.5s': time on the processor is limited by whole seconds
          limits: { nofiles: 5 }      | unknown key 'nofiles' in programs.web.limits (did you mean nofile?)
          limits: 5                   | programs.web.limits must be a mapping
          nice: -21                   | nice: -21 is not in -20 to 19
          nice: low                   | nice: 'low' is not a whole number
          oom_score_adj: 1001         | oom_score_adj: 1001 is not in -1000 to 1000
          uid: 33                     | unknown key 'uid' in programs.web (here it is: user)
          """)
  void what_is_wrong_is_told_with_its_place(String line, String message) {
    assertThat(errors(AS_ROOT, line)).contains(message);
  }

  @Test
  void limits_have_the_units_of_their_resources() throws ConfigRejected {
    Limits limits =
        shape(AS_ROOT, "limits: { nofile: \"64:128\", nproc: 10, core: unlimited, memlock: 64KB, as: \"1GB:unlimited\", cpu: 2m }").attributes().limits();
    assertThat(limits.of())
        .isEqualTo(
            Map.of(
                Resource.NOFILE, new Limit(64, 128),
                Resource.NPROC, new Limit(10, 10),
                Resource.CORE, new Limit(UNLIMITED, UNLIMITED),
                Resource.MEMLOCK, new Limit(65536, 65536),
                Resource.AS, new Limit(1L << 30, UNLIMITED),
                Resource.CPU, new Limit(120, 120)));
    assertThat(shape(AS_ROOT, "nice: -20", "oom_score_adj: -1000").attributes()).isEqualTo(new Attributes(null, Limits.NONE, -20, -1000));
  }
}
