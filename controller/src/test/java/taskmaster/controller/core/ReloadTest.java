package taskmaster.controller.core;

import static org.assertj.core.api.Assertions.assertThat;
import static taskmaster.api.Phase.EXITED;
import static taskmaster.api.Phase.FATAL;
import static taskmaster.api.Phase.RUNNING;
import static taskmaster.api.Phase.STARTING;
import static taskmaster.api.Phase.STOPPED;
import static taskmaster.api.Phase.STOPPING;
import static taskmaster.api.Dependencies.Condition.READY;
import static taskmaster.api.Dependencies.Condition.STARTED;
import static taskmaster.controller.Specs.program;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import taskmaster.api.AutoRestart;
import taskmaster.api.Command;
import taskmaster.api.Stopping;
import taskmaster.controller.Specs;
import taskmaster.controller.World;

/** What a new file does to what runs. */
class ReloadTest {
  @Test
  void what_is_a_secret_is_not_shown() {
    World w = new World(program("web").cmd("serve", "--password=before", "--token", "abc123"));
    assertThat(w.reload(false, program("web").cmd("serve", "--password=after", "--token", "abc123")).changes())
        .containsExactly(new Preview.Change("web", Preview.Kind.CHANGED, List.of("cmd: changed in what is a secret")));
    assertThat(w.reload(false, program("web").cmd("serve", "-v", "--password=after")).changes().getFirst().toString())
        .contains("cmd serve --password=*** --token *** -> serve -v --password=***")
        .doesNotContain("before", "after", "abc123");
  }

  @Test
  void what_is_a_secret_of_a_stop_command_is_not_shown_either() {
    World w = new World(program("db").stop(new Stopping.Exec(List.of("ctl", "--password=before"), Duration.ofSeconds(5))));
    assertThat(w.reload(false, program("db").stop(new Stopping.Exec(List.of("ctl", "--password=after"), Duration.ofSeconds(5)))).changes())
        .containsExactly(new Preview.Change("db", Preview.Kind.CHANGED, List.of("stop: changed in what is a secret")));
    assertThat(w.reload(false, program("db")).changes().toString()).contains("--password=***").doesNotContain("after");
  }

  @Test
  void an_unchanged_program_keeps_its_pid() {
    World w = new World(program("web"), program("db"));
    int pid = w.pid("web:0");
    Preview preview = w.reload(false, program("web"), program("db"));
    assertThat(preview.changes()).isEmpty();
    assertThat(preview.steps()).isEmpty();
    assertThat(w.pid("web:0")).isEqualTo(pid);
  }

  @Test
  void a_change_of_shape_restarts_and_a_change_of_policy_does_not() {
    World w = new World(program("web"), program("db"));
    int db = w.pid("db:0");
    int web = w.pid("web:0");
    Preview preview = w.reload(false, program("web").cmd("sleep", "5"), program("db").stoptime(3));
    assertThat(preview.steps()).containsExactly(new Preview.Step(World.id("web:0"), "restart", "cmd sleep 100000 -> sleep 5"));
    assertThat(preview.changes())
        .containsExactly(
            new Preview.Change("web", Preview.Kind.CHANGED, List.of("cmd sleep 100000 -> sleep 5")),
            new Preview.Change("db", Preview.Kind.CHANGED, List.of("stoptime 10 s -> 3 s")));
    assertThat(w.pid("db:0")).isEqualTo(db);
    assertThat(w.pid("web:0")).isNotEqualTo(web);
  }

  @Test
  void what_gave_up_is_tried_anew_where_the_file_wants_another_process() {
    World w = new World(program("web").startretries(0), program("db").startretries(0), program("held").startretries(0));
    for (String id : List.of("web:0", "db:0", "held:0")) w.exit(id, 1);
    w.stop("held");
    assertThat(w.phase("web:0")).isEqualTo(FATAL);
    Preview preview = w.reload(false, program("web").startretries(0).cmd("sleep", "5"), program("db").startretries(0).stoptime(3), program("held").cmd("sleep", "5"));
    assertThat(preview.steps()).containsExactly(new Preview.Step(World.id("web:0"), "start", "cmd sleep 100000 -> sleep 5"));
    assertThat(w.phase("web:0")).isEqualTo(STARTING);
    assertThat(w.phase("db:0")).as("the same process as before").isEqualTo(FATAL);
    assertThat(w.phase("held:0")).as("stopped by an operator").isEqualTo(STOPPED);
  }

  @Test
  void what_waits_for_its_next_attempt_waits_no_longer_where_the_file_wants_another_process() {
    World w = new World(program("web"));
    w.exit("web:0", 1);
    w.reload(false, program("web").cmd("sleep", "5"));
    assertThat(w.phase("web:0")).isEqualTo(STARTING);
  }

  /** A world where web:0 has failed to start, and what it left behind is still there. */
  private static World dyingByItself(int code) {
    World w = new World(program("web").startretries(0).autorestart(AutoRestart.UNEXPECTED));
    w.kernel.leaveBehind.put("web", 2);
    w.kernel.ignoreTerm.add("web");
    w.exit("web:0", 1);
    w.start("web");
    w.exit("web:0", code);
    assertThat(w.phase("web:0")).isEqualTo(STOPPING);
    return w;
  }

  @Test
  void what_is_being_cleared_away_is_tried_anew_too() {
    World w = dyingByItself(1);
    w.reload(false, program("web").startretries(0).cmd("sleep", "5"));
    assertThat(w.seconds(15).phase("web:0")).isEqualTo(RUNNING);
    World v = dyingByItself(1);
    v.reload(true, program("web").startretries(0));
    assertThat(v.seconds(15).phase("web:0")).isEqualTo(RUNNING);
    World same = dyingByItself(1);
    same.reload(false, program("web").startretries(0).stoptime(9));
    assertThat(same.seconds(15).phase("web:0")).isEqualTo(FATAL);
  }

  @Test
  void what_is_just_being_replaced_comes_back_where_autostart_is_turned_off() {
    World w = new World(program("web"), program("held"));
    w.kernel.ignoreTerm.add("web");
    w.kernel.ignoreTerm.add("held");
    w.reload(false, program("web").cmd("sleep", "5"), program("held"));
    w.stop("held");
    assertThat(w.reload(false, program("web").cmd("sleep", "5").autostart(false), program("held").autostart(false)).steps()).isEmpty();
    w.seconds(15);
    assertThat(w.phase("web:0")).isEqualTo(RUNNING);
    assertThat(w.phase("held:0")).isEqualTo(STOPPED);
  }

  private static List<String> shown(Preview plan) {
    return plan.steps().stream().map(s -> s.instance() + " " + s.action() + ": " + s.why()).toList();
  }

  @Test
  void a_plan_tells_what_becomes_of_those_that_are_stopping() {
    World w = new World(program("web").numprocs(2));
    w.kernel.ignoreTerm.add("web");
    w.reload(false, program("web"));
    assertThat(w.phase("web:1")).isEqualTo(STOPPING);
    assertThat(shown(w.reload(false, program("web").numprocs(2)))).containsExactly("web:1 start: numprocs 1 -> 2, once it has stopped");
    assertThat(shown(w.reload(false, program("web")))).containsExactly("web:1 stop: numprocs is 1");
    assertThat(shown(w.reload(false, program("web").numprocs(2).autostart(false)))).isEmpty();
    w.reload(false);
    assertThat(shown(w.reload(false, program("web").numprocs(2)))).containsExactly("web:0 start: new program, once it has stopped", "web:1 start: new program, once it has stopped");
    w.seconds(15);
    assertThat(w.kernel.alive()).hasSize(2);
  }

  @Test
  void a_plan_says_what_will_not_start_again() {
    World w = new World(program("db").autostart(false), program("app").autostart(false).needs("db", READY));
    w.start("app");
    w.seconds(2).stop("db");
    assertThat(shown(w.reload(false, program("db").autostart(false), program("app").autostart(false).cmd("new").needs("db", READY))))
        .containsExactly("app:0 restart: cmd sleep 100000 -> new, then waiting for db: STOPPED");
    assertThat(w.phase("app:0")).isEqualTo(STARTING);
    assertThat(shown(w.reload(false, program("db").autostart(false), program("app").autostart(false).cmd("new"))))
        .containsExactly("app:0 start: no longer waiting for db: STOPPED");
  }

  @Test
  void a_plan_names_those_that_follow_what_starts_again_and_none_else() {
    World w = new World(program("db").startretries(0), program("web").needs("db", STARTED).restartsWithDependencies());
    w.seconds(2).stop("db");
    w.start("db");
    w.exit("db:0", 1).seconds(2);
    assertThat(w.phase("db:0")).isEqualTo(FATAL);
    assertThat(w.phase("web:0")).isEqualTo(RUNNING);
    int web = w.pid("web:0");
    assertThat(shown(w.reload(false, program("db").startretries(0).cmd("mended"), program("web").needs("db", STARTED).restartsWithDependencies())))
        .containsExactly("db:0 start: cmd sleep 100000 -> mended", "web:0 restart: what it depends on is restarted");
    assertThat(w.pid("web:0")).isNotEqualTo(web);

    Specs a = program("a");
    Specs b = program("b").needs("a", STARTED).restartsWithDependencies();
    Specs c = program("c").needs("b", STARTED).restartsWithDependencies();
    World v = new World(a, b, c).seconds(2);
    v.stop("b");
    int pid = v.pid("c:0");
    assertThat(shown(v.reload(false, a.cmd("new"), b, c))).containsExactly("a:0 restart: cmd sleep 100000 -> new");
    assertThat(v.seconds(2).pid("c:0")).isEqualTo(pid);
  }

  @Test
  void a_small_change_is_one() {
    World w = new World(program("web").stoptime(3660).starttime(3700), program("db").stop(new Stopping.Exec(List.of("ctl"), Duration.ofSeconds(3660))));
    assertThat(w.reload(false, program("web").stoptime(3690).starttime(3710), program("db").stop(new Stopping.Exec(List.of("ctl"), Duration.ofSeconds(3690)))).changes().toString())
        .contains("starttime 3700s -> 3710s", "stoptime 3660s -> 3690s", "3660s -> ", "3690s")
        .doesNotContain("secret");
  }

  @Test
  void the_stop_of_a_run_follows_the_current_policy() {
    World w = new World(program("web").stoptime(100));
    w.kernel.ignoreTerm.add("web");
    w.reload(false, program("web").stoptime(2));
    w.reload(false);
    assertThat(w.kernel.alive()).hasSize(1);
    w.seconds(2);
    assertThat(w.kernel.isEmpty()).as("removed, and stopped with the last policy it had").isTrue();
  }

  @Test
  void raising_numprocs_starts_only_the_missing_and_lowering_stops_the_highest() {
    World w = new World(program("web").numprocs(2));
    int first = w.pid("web:0");
    w.scaled.clear();
    w.reload(false, program("web").numprocs(4));
    assertThat(w.kernel.alive()).hasSize(4);
    assertThat(w.pid("web:0")).isEqualTo(first);
    assertThat(w.scaled).containsExactly(new Action.Scale("web", 2, 4, 4));
    w.reload(false, program("web").numprocs(1));
    assertThat(w.kernel.alive()).containsExactly(World.id("web:0"));
    assertThat(w.pid("web:0")).isEqualTo(first);
    assertThat(w.loop.snapshot().observed().program("web").instances()).hasSize(1);
  }

  @Test
  void numprocs_0_is_legal() {
    World w = new World(program("web").numprocs(0));
    assertThat(w.kernel.isEmpty()).isTrue();
    assertThat(w.program("web").phase()).isEqualTo(STOPPED);
  }

  @Test
  void a_removed_program_is_stopped_and_forgotten() {
    World w = new World(program("web"), program("db"));
    w.reload(false, program("db"));
    assertThat(w.kernel.alive()).containsExactly(World.id("db:0"));
    assertThat(w.loop.snapshot().observed().programs().names()).containsExactly("db");
  }

  @Test
  void stopped_stays_stopped_and_started_stays_started() {
    World w = new World(program("web").starttime(0), program("off").autostart(false).starttime(0));
    w.stop("web");
    w.start("off");
    w.reload(false, program("web").starttime(0), program("off").autostart(false).starttime(0));
    assertThat(w.phase("web:0")).isEqualTo(STOPPED);
    assertThat(w.phase("off:0")).isEqualTo(RUNNING);
    w.reload(true, program("web").starttime(0), program("off").autostart(false).starttime(0));
    assertThat(w.phase("web:0")).as("an operator's stop outlives sync too").isEqualTo(STOPPED);
  }

  @Test
  void a_plain_reload_leaves_what_exited_or_failed_and_sync_brings_it_back() {
    World w = new World(program("done").numprocs(3).starttime(0), program("bad").startretries(0), program("off").autostart(false));
    for (int i = 0; i < 3; i++) w.exit("done:" + i, 0);
    w.exit("bad:0", 1);
    Specsets same = new Specsets();
    w.reload(false, same.done(), same.bad(), same.off());
    assertThat(w.phase("done:0")).isEqualTo(EXITED);
    assertThat(w.phase("bad:0")).isEqualTo(FATAL);
    w.scaled.clear();
    w.reload(true, same.done(), same.bad(), same.off());
    assertThat(w.phase("done:0")).isEqualTo(RUNNING);
    assertThat(w.phase("bad:0")).isEqualTo(STARTING);
    assertThat(w.phase("off:0")).isEqualTo(STARTING);
    assertThat(w.scaled).contains(new Action.Scale("done", 0, 3, 3));
  }

  private record Specsets() {
    taskmaster.controller.Specs done() {
      return program("done").numprocs(3).starttime(0);
    }

    taskmaster.controller.Specs bad() {
      return program("bad").startretries(0);
    }

    taskmaster.controller.Specs off() {
      return program("off").autostart(false);
    }
  }

  @Test
  void raising_startretries_revives_a_fatal_one() {
    World w = new World(program("bad").startretries(0));
    w.exit("bad:0", 1);
    assertThat(w.phase("bad:0")).isEqualTo(FATAL);
    w.reload(false, program("bad").startretries(5));
    w.seconds(1);
    assertThat(w.phase("bad:0")).isEqualTo(STARTING);
  }

  @Test
  void autostart_turned_off_leaves_what_runs() {
    World w = new World(program("web").starttime(0));
    int pid = w.pid("web:0");
    w.reload(false, program("web").starttime(0).autostart(false));
    assertThat(w.pid("web:0")).isEqualTo(pid);
  }

  @Test
  void what_has_no_instances_cannot_be_started() {
    World w = new World(program("web"));
    w.command(new Command.Scale("web", 0));
    assertThat(w.start("web")).isEqualTo(new Commands.Refused("web has no instances; `taskmaster scale web 1` gives it one"));
    assertThat(w.stop("web")).isInstanceOf(Commands.Accepted.class);
    assertThat(w.start("all")).as("all are none").isInstanceOf(Commands.Accepted.class);
  }

  @Test
  void scale_holds_until_numprocs_of_that_program_changes() {
    World w = new World(program("web").numprocs(1));
    w.command(new Command.Scale("web", 3));
    w.reload(false, program("web").numprocs(1).stoptime(2));
    assertThat(w.kernel.alive()).hasSize(3);
    w.reload(false, program("web").numprocs(2));
    assertThat(w.kernel.alive()).hasSize(2);
  }
}
