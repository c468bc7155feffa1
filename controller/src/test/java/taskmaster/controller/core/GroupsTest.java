package taskmaster.controller.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static taskmaster.api.Phase.RUNNING;
import static taskmaster.api.Phase.STOPPED;
import static taskmaster.controller.Specs.program;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import taskmaster.api.Command;
import taskmaster.api.InstanceId;
import taskmaster.api.Signal;
import taskmaster.api.Target;
import taskmaster.controller.World;

class GroupsTest {
  private final World w =
      new World(program("nginx").starttime(0), program("app").numprocs(2).starttime(0), program("db").starttime(0));

  GroupsTest() {
    groups(Map.of("web", List.of("nginx", "app"), "group", List.of("db")));
  }

  private void groups(Map<String, List<String>> groups) {
    w.loop.submit((desired, observed) -> desired.withGroups(groups));
    w.settle();
  }

  private List<String> ids(Commands.Outcome outcome) {
    return ((Commands.Accepted) outcome).instances().stream().map(InstanceId::toString).toList();
  }

  @Test
  void a_command_for_a_group_is_for_each_of_its_programs() {
    assertThat(ids(w.stop("group:web"))).containsExactly("nginx:0", "app:0", "app:1");
    assertThat(List.of(w.phase("nginx:0"), w.phase("app:0"), w.phase("app:1"), w.phase("db:0"))).containsExactly(STOPPED, STOPPED, STOPPED, RUNNING);
    w.command(new Command.Scale("app", 3));
    assertThat(w.phase("app:2")).as("the program is stopped, not the instances there were").isEqualTo(STOPPED);
    w.start("group:web");
    assertThat(w.kernel.alive()).hasSize(5);
    int db = w.pid("db:0");
    int nginx = w.pid("nginx:0");
    assertThat(ids(w.restart("group:web", "nginx"))).containsExactly("nginx:0", "app:0", "app:1", "app:2");
    assertThat(w.pid("db:0")).isEqualTo(db);
    assertThat(w.pid("nginx:0")).isNotEqualTo(nginx);
    assertThat(ids(w.command(new Command.SendSignal(Signal.HUP, List.of(new Target.Group("web")))))).hasSize(4);
  }

  @Test
  void an_unknown_group_is_named_with_the_nearest_known_and_nothing_is_done() {
    assertThat(w.stop("db", "group:wbe")).isEqualTo(new Commands.Refused("no such group 'wbe' (did you mean web?)"));
    assertThat(w.phase("db:0")).isEqualTo(RUNNING);
    assertThat(w.stop("web")).isEqualTo(new Commands.Refused("no such program 'web' (there is a group: group:web)"));
  }

  @Test
  void a_group_and_a_program_may_have_one_name() {
    assertThat(Target.parse("group")).isEqualTo(new Target.Program("group"));
    assertThat(Target.parse("group:0")).isEqualTo(new Target.Instance(new InstanceId("group", 0)));
    assertThat(Target.parse("group:group")).isEqualTo(new Target.Group("group"));
    assertThat(Target.parse("group:0x")).hasToString("group:0x");
    assertThat(ids(w.stop("group:group"))).containsExactly("db:0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"group:", "group:all", "group:a b", "groups:web", "web:", "group:1234567"})
  void what_is_no_target_is_refused_with_those_that_are(String text) {
    assertThatThrownBy(() -> Target.parse(text)).hasMessage("'" + text + "' is not a target: write NAME, NAME:INDEX, group:NAME or all");
  }

  @Test
  void a_reload_tells_what_became_of_groups() {
    Snapshot now = w.loop.snapshot();
    Desired after = now.desired().withGroups(Map.of("web", List.of("nginx", "db"), "new", List.of("app")));
    Preview preview = Preview.of(now.desired(), after, now.observed(), w.kernel.now());
    assertThat(preview.changes())
        .containsExactlyInAnyOrder(
            new Preview.Change("group:web", Preview.Kind.CHANGED, List.of("db added", "app removed")),
            new Preview.Change("group:new", Preview.Kind.ADDED, List.of()),
            new Preview.Change("group:group", Preview.Kind.REMOVED, List.of()));
    assertThat(preview.steps()).isEmpty();
    assertThat(preview.unchanged()).isEqualTo(3);
  }

  @Test
  void a_group_without_its_programs_means_what_is_left_of_it() {
    w.reload(false, program("nginx").starttime(0));
    assertThat(ids(w.stop("group:web"))).as("the loop goes by what there is, should the two ever differ").containsExactly("nginx:0");
  }
}
