package taskmaster.controller.core;

import static org.assertj.core.api.Assertions.assertThat;
import static taskmaster.api.Dependencies.Condition.READY;
import static taskmaster.api.Phase.FATAL;
import static taskmaster.api.Phase.RUNNING;
import static taskmaster.api.Phase.STOPPING;
import static taskmaster.controller.Specs.program;

import java.time.Duration;
import java.util.List;
import taskmaster.api.ProgramSpec;
import java.util.Map;
import java.util.LinkedHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import taskmaster.api.AutoRestart;
import taskmaster.api.Check;
import taskmaster.api.Probe;
import taskmaster.controller.Specs;
import taskmaster.controller.World;

/** A rolling program is replaced one instance after another, in virtual time. */
class RollingTest {
  private static final Check NOTIFY =
      new Check(new Probe.Notify(), Duration.ofSeconds(1), Duration.ofSeconds(60), 1, 1, Duration.ZERO);

  private static Specs web() {
    return program("web").numprocs(3).rolling();
  }

  /** What ends only when a test says so. */
  private static World deaf(Specs... programs) {
    World w = new World(programs);
    w.kernel.ignoreTerm.add("web");
    return w;
  }

  private static List<Integer> pids(World w) {
    return IntStream.range(0, 3).mapToObj(i -> w.status("web:" + i).pid()).toList();
  }

  private static String reason(World w, int index) {
    return w.status("web:" + index).reason();
  }

  /** The instances that have no process of before any more. */
  private static List<Integer> replaced(World w, List<Integer> before) {
    return IntStream.range(0, 3).filter(i -> !before.get(i).equals(w.status("web:" + i).pid())).boxed().toList();
  }

  @Test
  void one_after_another_each_once_the_one_before_is_running() {
    World w = deaf(web());
    w.seconds(5);
    List<Integer> before = pids(w);
    w.restart("web");
    assertThat(w.phase("web:0")).isEqualTo(STOPPING);
    assertThat(reason(w, 1)).isEqualTo("to be replaced after web:0: STOPPING");
    assertThat(w.state(new Goal.Started(List.of(World.id("web:2"))))).isEqualTo(new Goal.Pending("web:2 is RUNNING (to be replaced after web:0: STOPPING)"));
    w.exit("web:0", 0);
    assertThat(reason(w, 2)).isEqualTo("to be replaced after web:0: STARTING");
    assertThat(w.seconds(0.9).phase("web:1")).isEqualTo(RUNNING);
    assertThat(w.seconds(0.1).phase("web:1")).isEqualTo(STOPPING);
    assertThat(reason(w, 2)).isEqualTo("to be replaced after web:1: STOPPING");
    w.exit("web:1", 0).seconds(1);
    assertThat(replaced(w, before)).containsExactly(0, 1);
    w.exit("web:2", 0).seconds(1);
    assertThat(replaced(w, before)).containsExactly(0, 1, 2);
    assertThat(w.state(new Goal.Started(List.of(World.id("web:2"))))).isEqualTo(new Goal.Reached());
    List<Integer> after = pids(w);
    assertThat(pids(w.seconds(100))).isEqualTo(after);
  }

  @Test
  void without_it_all_at_once() {
    World w = deaf(program("web").numprocs(3));
    w.seconds(5);
    w.restart("web");
    assertThat(IntStream.range(0, 3).mapToObj(i -> w.phase("web:" + i))).containsOnly(STOPPING);
  }

  @Test
  void a_change_of_the_file_rolls_and_says_so_before() {
    World w = deaf(web());
    w.seconds(5);
    List<Integer> before = pids(w);
    Preview plan = w.reload(false, web().cmd("sleep", "2000"));
    assertThat(plan.steps().stream().map(s -> s.instance() + " " + s.action() + ": " + s.why()))
        .containsExactly(
            "web:0 restart: cmd sleep 100000 -> sleep 2000",
            "web:1 restart: cmd sleep 100000 -> sleep 2000, in its turn",
            "web:2 restart: cmd sleep 100000 -> sleep 2000, in its turn");
    assertThat(w.state(new Goal.AtRest(List.of()))).isInstanceOf(Goal.Pending.class);
    w.exit("web:0", 0);
    assertThat(replaced(w, before)).containsExactly(0);
    assertThat(w.seconds(1).phase("web:1")).isEqualTo(STOPPING);
  }

  @Test
  void readiness_is_what_the_next_one_waits_for() {
    World w = deaf(web().ready(NOTIFY));
    for (int i = 0; i < 3; i++) ready(w, i);
    w.seconds(5);
    w.restart("web");
    w.exit("web:0", 0).seconds(30);
    assertThat(w.phase("web:1")).isEqualTo(RUNNING);
    assertThat(reason(w, 1)).isEqualTo("to be replaced after web:0: not ready");
    ready(w, 0);
    assertThat(w.phase("web:1")).isEqualTo(STOPPING);
  }

  private static void ready(World w, int index) {
    w.kernel.answer("web:" + index + " READY", true, "");
    w.settle();
  }

  /** What a reload of these would do. */
  private static List<String> plan(World w, Specs... programs) {
    Snapshot now = w.loop.snapshot();
    Map<String, ProgramSpec> specs = new LinkedHashMap<>();
    for (Specs program : programs) specs.put(program.spec().name(), program.spec());
    Desired after = Reload.apply(now.desired(), now.observed(), specs, false);
    return Preview.of(now.desired(), after, now.observed(), w.kernel.now()).steps().stream().map(s -> s.instance() + " " + s.action() + ": " + s.why()).toList();
  }

  @Test
  void a_new_one_that_gives_up_ends_the_roll_and_those_that_run_go_on() {
    World w = deaf(web().startretries(0));
    w.seconds(5);
    List<Integer> before = pids(w);
    w.reload(false, web().startretries(0).cmd("mistyped"));
    w.exit("web:0", 0).exit("web:0", 127);
    assertThat(w.phase("web:0")).isEqualTo(FATAL);
    assertThat(replaced(w.seconds(1000), before)).containsExactly(0);
    assertThat(reason(w, 1)).isEqualTo("to be replaced after web:0: FATAL");
    assertThat(w.toldNames()).contains("Blocked web:1");
    assertThat(w.state(new Goal.Started(List.of(World.id("web:1"))))).isEqualTo(new Goal.Missed(List.of("web:1 is to be replaced after web:0: FATAL")));
    assertThat(w.state(new Goal.AtRest(List.of()))).isEqualTo(new Goal.Reached());

    Snapshot held = w.loop.snapshot();
    assertThat(plan(w, web().startretries(0).cmd("mistyped").numprocs(1))).containsExactly("web:1 stop: numprocs is 1", "web:2 stop: numprocs is 1");
    assertThat(plan(w)).as("it is removed").containsExactly("web:1 stop: removed from the file", "web:2 stop: removed from the file");
    assertThat(plan(w, web().startretries(0).cmd("mistyped").stoptime(3))).isEmpty();
    assertThat(w.loop.snapshot()).isSameAs(held);
    assertThat(w.reload(false, web().startretries(0).cmd("mended")).steps()).extracting(s -> s.instance() + " " + s.action())
        .containsExactly("web:0 start", "web:1 restart", "web:2 restart");
    assertThat(w.seconds(1).phase("web:1")).isEqualTo(STOPPING);
  }

  @Test
  void a_mistake_that_is_taken_back_costs_no_other_instance() {
    World w = deaf(web().startretries(0));
    w.seconds(5);
    List<Integer> before = pids(w);
    w.reload(false, web().startretries(0).cmd("mistyped"));
    w.exit("web:0", 0).exit("web:0", 127);
    w.reload(false, web().startretries(0));
    assertThat(replaced(w.seconds(1000), before)).containsExactly(0);
    assertThat(w.phase("web:0")).isEqualTo(RUNNING);
  }

  @Test
  void those_that_are_stopped_or_done_are_not_waited_for() {
    World w = deaf(web());
    w.seconds(5).exit("web:0", 0);
    w.stop("web:1");
    w.exit("web:1", 0);
    w.restart("web:2");
    assertThat(w.phase("web:2")).isEqualTo(STOPPING);
  }

  @Test
  void all_that_work_no_more_are_mended_all_the_same() {
    Check tcp = new Check(new Probe.Tcp("127.0.0.1", "1"), Duration.ofSeconds(60), Duration.ofSeconds(1), 1, 1, Duration.ZERO);
    World w = deaf(web().ready(tcp));
    w.seconds(5);
    w.reload(false, web().ready(tcp).cmd("mended"));
    assertThat(w.phase("web:0")).isEqualTo(STOPPING);
    assertThat(w.phase("web:1")).isEqualTo(RUNNING);
  }

  @Test
  void one_that_dies_while_it_waits_for_its_turn_starts_as_the_new_one() {
    World w = deaf(web());
    w.seconds(100);
    w.reload(false, web().cmd("sleep", "2000"));
    w.exit("web:2", 1).exit("web:0", 0).seconds(1);
    assertThat(w.phase("web:1")).isEqualTo(STOPPING);
    w.exit("web:1", 0);
    List<Integer> after = pids(w);
    assertThat(pids(w.seconds(100))).isEqualTo(after);
  }

  @Test
  void it_rolls_after_what_it_depends_on_too() {
    World w = deaf(program("db"), web().needs("db", READY).restartsWithDependencies());
    w.seconds(100);
    w.exit("db:0", 1).seconds(0.5);
    assertThat(w.phase("web:0")).isEqualTo(STOPPING);
    assertThat(w.phase("web:1")).isEqualTo(RUNNING);
    w.exit("web:0", 0).seconds(10);
    assertThat(w.phase("web:1")).isEqualTo(STOPPING);
  }

  @Test
  void one_that_waits_for_its_turn_is_asked_as_it_was_when_it_started() {
    Check old = tcp("1");
    Check other = tcp("2");
    World w = deaf(web().ready(old).health(old, true));
    for (int i = 0; i < 3; i++) {
      w.kernel.answer("web:" + i + " READY", true, "");
      w.settle().kernel.answer("web:" + i + " HEALTH", true, "");
    }
    w.reload(false, web().cmd("broken").ready(other).health(other, true));
    for (int s = 0; s < 10; s++) {
      w.seconds(2);
      for (int i = 1; i < 3; i++) {
        assertThat(java.util.Objects.requireNonNull(w.kernel.probes.get("web:" + i + " READY")).check()).isEqualTo(old);
        w.kernel.answer("web:" + i + " READY", true, "");
        w.kernel.answer("web:" + i + " HEALTH", true, "");
      }
    }
    assertThat(w.status("web:1").ready()).isTrue();
    assertThat(w.phase("web:1")).isEqualTo(RUNNING);
    assertThat(reason(w, 1)).startsWith("to be replaced after web:0: ");
    assertThat(w.toldNames()).as("never not ready").containsOnlyOnce("ReadyChanged web:1");
  }

  private static Check tcp(String port) {
    return new Check(new Probe.Tcp("127.0.0.1", port), Duration.ofSeconds(2), Duration.ofSeconds(1), 1, 1, Duration.ZERO);
  }

  @Test
  void the_next_one_waits_for_the_first_word_about_health_too() {
    World w = deaf(web().health(tcp("1"), false));
    w.seconds(1);
    for (int i = 0; i < 3; i++) w.kernel.answer("web:" + i + " HEALTH", true, "");
    w.restart("web");
    w.exit("web:0", 0).seconds(1.5);
    assertThat(w.phase("web:0")).isEqualTo(RUNNING);
    assertThat(reason(w, 1)).isEqualTo("to be replaced after web:0: not known to be healthy");
    w.kernel.answer("web:0 HEALTH", true, "");
    assertThat(w.settle().phase("web:1")).isEqualTo(STOPPING);
  }

  @Test
  void a_new_one_that_has_ended_has_not_done_its_work() {
    World never = deaf(web().autorestart(AutoRestart.NEVER));
    never.seconds(5);
    never.restart("web");
    never.exit("web:0", 0).seconds(1).exit("web:0", 1);
    assertThat(reason(never.seconds(100), 2)).isEqualTo("to be replaced after web:0: EXITED");
    World daemonizes = deaf(web().ready(NOTIFY));
    for (int i = 0; i < 3; i++) ready(daemonizes, i);
    daemonizes.seconds(5).restart("web");
    daemonizes.exit("web:0", 0).seconds(2).exit("web:0", 0);
    assertThat(reason(daemonizes.seconds(100), 1)).isEqualTo("to be replaced after web:0: EXITED");
    assertThat(daemonizes.toldNames()).contains("Blocked web:1");
  }

  @Test
  void what_had_ended_before_holds_nobody() {
    World w = deaf(web().autorestart(AutoRestart.NEVER));
    w.seconds(5).exit("web:1", 1);
    w.reload(false, web().autorestart(AutoRestart.NEVER).cmd("other"));
    w.exit("web:0", 0).seconds(1);
    assertThat(w.phase("web:2")).isEqualTo(STOPPING);
  }

  @Test
  void none_is_stopped_that_could_not_start_again() {
    World w = deaf(program("db"), web().needs("db", READY));
    w.seconds(5);
    w.stop("db");
    w.reload(false, program("db"), web().needs("db", READY).cmd("other"));
    assertThat(reason(w.seconds(100), 0)).isEqualTo("to be replaced, and would be waiting for db: STOPPED");
    assertThat(w.state(new Goal.AtRest(List.of()))).isEqualTo(new Goal.Reached());
    w.start("db");
    assertThat(w.seconds(1).phase("web:0")).isEqualTo(STOPPING);
  }

  @Test
  void what_the_one_before_waits_for_is_told() {
    World w = deaf(program("db").ready(NOTIFY), web().needs("db", READY));
    w.kernel.answer("db:0 READY", true, "");
    w.seconds(5).restart("web");
    w.exit("db:0", 1).exit("web:0", 0).seconds(2);
    assertThat(reason(w, 1)).isEqualTo("to be replaced after web:0: waiting for db: not ready");
  }

  @Test
  void one_that_is_named_is_replaced_at_once() {
    World w = deaf(web().ready(NOTIFY));
    w.seconds(5).restart("web:1");
    assertThat(w.phase("web:1")).isEqualTo(STOPPING);
    assertThat(w.phase("web:0")).isEqualTo(RUNNING);
  }

  @Test
  void a_dependent_is_restarted_once_after_the_whole_roll() {
    World w = deaf(web(), program("front").starttime(0).needs("web", READY).restartsWithDependencies());
    w.seconds(5);
    int front = w.pid("front:0");
    w.restart("web");
    for (int i = 0; i < 3; i++) {
      assertThat(w.pid("front:0")).isEqualTo(front);
      w.exit("web:" + i, 0).seconds(1);
    }
    assertThat(w.pid("front:0")).isNotEqualTo(front);
    assertThat(w.seconds(100).status("front:0").restarts()).isEqualTo(1);
  }

  @Test
  void while_it_rolls_others_may_rely_on_what_is_there() {
    World w = deaf(web(), program("front").needs("web", READY).starttime(0));
    w.seconds(5).restart("web");
    w.exit("front:0", 1).seconds(2);
    assertThat(w.phase("front:0")).isEqualTo(RUNNING);
    assertThat(w.phase("web:0")).isEqualTo(STOPPING);
    World first = deaf(web().ready(NOTIFY), program("front").needs("web", READY).starttime(0));
    ready(first, 0);
    assertThat(first.status("front:0").pid()).as("at the first start all are awaited").isNull();
  }

  @Test
  void a_plan_names_all_that_will_be_restarted_in_its_order_or_after() {
    Specs db = program("db");
    Specs app = program("app").needs("db", READY);
    Specs front = program("front").needs("app", READY).restartsWithDependencies();
    World w = deaf(db, app, front);
    w.seconds(5);
    Preview plan = w.reload(false, db.cmd("other"), app.cmd("other"), front);
    assertThat(plan.steps().stream().map(s -> s.instance() + " " + s.action()))
        .containsExactly("db:0 restart", "app:0 restart", "front:0 restart");
  }

  @Test
  void a_shutdown_and_a_smaller_number_do_not_roll() {
    World w = deaf(web());
    w.seconds(5);
    w.reload(false, web().numprocs(0));
    assertThat(IntStream.range(0, 3).mapToObj(i -> w.phase("web:" + i))).containsOnly(STOPPING);
  }

  @Test
  void what_waits_for_its_turn_is_still_asked_and_restarted_where_it_is_not_well() {
    Check tcp = new Check(new Probe.Tcp("127.0.0.1", "1"), Duration.ofSeconds(2), Duration.ofSeconds(1), 1, 1, Duration.ZERO);
    World w = deaf(web().health(tcp, true));
    w.seconds(1.5);
    w.restart("web");
    assertThat(w.phase("web:2")).isEqualTo(RUNNING);
    w.seconds(20);
    assertThat(w.phase("web:2")).isNotEqualTo(RUNNING);
  }
}
