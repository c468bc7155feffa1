package taskmaster.controller.core;

import static org.assertj.core.api.Assertions.assertThat;
import static taskmaster.api.Dependencies.Condition.COMPLETED;
import static taskmaster.api.Dependencies.Condition.READY;
import static taskmaster.api.Dependencies.Condition.STARTED;
import static taskmaster.api.Phase.BACKOFF;
import static taskmaster.api.Phase.EXITED;
import static taskmaster.api.Phase.FATAL;
import static taskmaster.api.Phase.RUNNING;
import static taskmaster.api.Phase.STARTING;
import static taskmaster.api.Phase.STOPPED;
import static taskmaster.api.Phase.STOPPING;
import static taskmaster.controller.Specs.job;
import static taskmaster.controller.Specs.program;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import taskmaster.api.AutoRestart;
import taskmaster.api.Check;
import taskmaster.api.Command;
import taskmaster.api.Probe;
import taskmaster.api.Signal;
import taskmaster.api.Stopping;
import taskmaster.api.Target;
import taskmaster.api.Vital;
import taskmaster.controller.World;

/** What programs need of each other, how they are asked after, and how they end, in virtual time. */
class ServiceTest {
  private static final Check TCP =
      new Check(new Probe.Tcp("127.0.0.1", "1"), Duration.ofSeconds(2), Duration.ofSeconds(1), 2, 3, Duration.ZERO);
  private static final Check NOTIFY =
      new Check(new Probe.Notify(), Duration.ofSeconds(1), Duration.ofSeconds(5), 1, 1, Duration.ZERO);

  private static String reason(World w, String instance) {
    return w.status(instance).reason();
  }

  // ---- dependencies ----

  @Test
  void one_starts_once_what_it_needs_is_running() {
    World w = new World(program("web").needs("db", READY), program("db").starttime(5));
    assertThat(w.phase("web:0")).isEqualTo(STARTING);
    assertThat(reason(w, "web:0")).isEqualTo("waiting for db: STARTING");
    assertThat(w.status("web:0").pid()).isNull();
    assertThat(w.seconds(4.9).status("web:0").pid()).isNull();
    assertThat(w.seconds(0.1).status("web:0").pid()).isNotNull();
  }

  @Test
  void started_means_that_a_process_lives() {
    World w = new World(program("web").needs("db", STARTED), program("db").starttime(50));
    assertThat(w.status("web:0").pid()).isNotNull();
  }

  @Test
  void all_instances_are_needed() {
    World w = new World(program("web").needs("db", STARTED), program("db").numprocs(3));
    w.stop("web");
    w.exit("db:1", 1);
    assertThat(w.phase("db:1")).isEqualTo(BACKOFF);
    w.start("web");
    assertThat(reason(w, "web:0")).isEqualTo("waiting for db:1: BACKOFF");
    assertThat(w.seconds(1).status("web:0").pid()).isNotNull();
  }

  @Test
  void completed_waits_for_the_end_of_a_job_and_for_good_if_that_fails() {
    World w = new World(program("web").needs("migrate", COMPLETED), job("migrate").startretries(1));
    assertThat(reason(w, "web:0")).isEqualTo("waiting for migrate: RUNNING");
    w.exit("migrate:0", 1);
    assertThat(w.phase("migrate:0")).isEqualTo(BACKOFF);
    assertThat(reason(w, "migrate:0")).startsWith("failed, code 1, retry in");
    w.seconds(1).exit("migrate:0", 1);
    assertThat(w.phase("migrate:0")).isEqualTo(FATAL);
    assertThat(reason(w, "web:0")).isEqualTo("waiting for migrate: FATAL");
    assertThat(w.toldNames()).contains("Blocked web:0");
    assertThat(w.state(new Goal.Started(List.of(World.id("web:0"))))).isEqualTo(new Goal.Missed(List.of("web:0 is waiting for migrate: FATAL")));
    w.start("web");
    w.exit("migrate:0", 0);
    assertThat(w.phase("migrate:0")).isEqualTo(EXITED);
    assertThat(reason(w, "migrate:0")).isEqualTo("completed, code 0");
    assertThat(w.status("web:0").pid()).isNotNull();
  }

  @Test
  void a_job_that_has_completed_and_was_stopped_along_counts_again_without_another_run() {
    World w = new World(program("web").needs("migrate", COMPLETED), job("migrate").needs("db", READY), program("db").starttime(0));
    w.exit("migrate:0", 0);
    w.command(new Command.Stop(List.of(new Target.Program("db")), true));
    assertThat(List.of(w.phase("db:0"), w.phase("migrate:0"), w.phase("web:0"))).containsOnly(STOPPED);
    long runs = w.status("migrate:0").run();
    w.start("web");
    assertThat(w.status("web:0").pid()).isNotNull();
    assertThat(w.phase("migrate:0")).isEqualTo(EXITED);
    assertThat(w.status("migrate:0").run()).isEqualTo(runs);
  }

  @Test
  void the_root_of_a_chain_is_named() {
    World w = new World(program("c").needs("b", READY), program("b").needs("a", READY), program("a").autostart(false));
    assertThat(reason(w, "c:0")).isEqualTo("waiting for b: waiting for a: STOPPED");
    w.start("c");
    w.seconds(3);
    assertThat(List.of(w.phase("a:0"), w.phase("b:0"), w.phase("c:0"))).containsOnly(RUNNING);
  }

  @Test
  void a_chain_may_be_as_long_as_the_file() {
    taskmaster.controller.Specs[] chain = new taskmaster.controller.Specs[3000];
    chain[0] = program("p0").autostart(false);
    for (int i = 1; i < chain.length; i++) chain[i] = program("p" + i).needs("p" + (i - 1), STARTED);
    World w = new World(chain);
    assertThat(reason(w, "p1:0")).isEqualTo("waiting for p0: STOPPED");
    assertThat(reason(w, "p2999:0")).isEqualTo("waiting for p2998: … waiting for p0: STOPPED");
    assertThat(w.state(new Goal.Started(List.of(World.id("p2999:0"))))).isInstanceOf(Goal.Missed.class);
    w.start("p2999");
    assertThat(w.status("p2999:0").pid()).isNotNull();
  }

  @Test
  void a_crashed_one_waits_for_what_it_needs_too() {
    World w = new World(program("web").needs("db", READY), program("db")).seconds(5);
    w.stop("db");
    assertThat(w.phase("web:0")).isEqualTo(RUNNING);
    w.exit("web:0", 1).seconds(2);
    assertThat(w.phase("web:0")).isEqualTo(BACKOFF);
    assertThat(reason(w, "web:0")).endsWith("waiting for db: STOPPED");
    w.start("db");
    assertThat(w.seconds(1).status("web:0").pid()).isNotNull();
  }

  @Test
  void what_stops_together_stops_in_reverse() {
    World w = new World(program("web").needs("db", READY), program("db")).seconds(5);
    w.kernel.ignoreTerm.add("web");
    w.command(new Command.Shutdown(Command.Shutdown.How.GRACEFULLY));
    assertThat(w.phase("web:0")).isEqualTo(STOPPING);
    assertThat(w.status("db:0").pid()).isNotNull();
    assertThat(w.seconds(9.9).phase("db:0")).isNotEqualTo(STOPPED);
    w.seconds(0.2);
    assertThat(w.kernel.isEmpty()).isTrue();
  }

  @Test
  void at_once_knows_no_order() {
    World w = new World(program("web").needs("db", READY), program("db")).seconds(5);
    w.command(new Command.Shutdown(Command.Shutdown.How.AT_ONCE));
    assertThat(w.kernel.isEmpty()).isTrue();
  }

  @Test
  void a_stop_says_whom_it_leaves_or_takes_them_along() {
    World w = new World(program("web").needs("app", READY), program("app").needs("db", READY), program("db")).seconds(5);
    assertThat(w.stop("db")).isInstanceOfSatisfying(Commands.Accepted.class, a ->
        assertThat(a.notes()).containsExactly("app, web run on without db; stop --with-dependents takes them along"));
    assertThat(w.phase("web:0")).isEqualTo(RUNNING);
    w.start("db");
    w.seconds(2).command(new Command.Stop(List.of(new Target.Program("db")), true));
    assertThat(List.of(w.phase("db:0"), w.phase("app:0"), w.phase("web:0"))).containsOnly(STOPPED);
  }

  @Test
  void a_stop_takes_dependents_along_also_of_one_that_has_no_instances() {
    World w = new World(program("web").needs("db", STARTED), program("db")).seconds(2);
    w.command(new Command.Scale("db", 0));
    w.seconds(1);
    assertThat(w.phase("web:0")).isEqualTo(RUNNING);
    w.command(new Command.Stop(List.of(new Target.Program("db")), true));
    assertThat(w.phase("web:0")).isEqualTo(STOPPED);
  }

  @Test
  void a_start_does_not_repeat_a_job_that_has_completed() {
    World w = new World(program("web").needs("migrate", COMPLETED).autostart(false), job("migrate"));
    w.exit("migrate:0", 0);
    w.start("web");
    assertThat(w.status("migrate:0").restarts()).isZero();
    assertThat(w.status("web:0").pid()).isNotNull();
  }

  @Test
  void a_restart_of_both_goes_down_and_up_in_order() {
    World w = new World(program("web").needs("db", READY), program("db")).seconds(5);
    w.kernel.actions.clear();
    w.restart("all");
    w.seconds(2);
    List<String> order = w.kernel.actions.stream().filter(a -> !(a instanceof Action.Reap)).map(a -> switch (a) {
      case Action.Signal s -> "stop " + s.id().program();
      case Action.Spawn s -> "start " + s.id().program();
      default -> a.toString();
    }).distinct().toList();
    assertThat(order).containsSubsequence("stop web", "stop db", "start db", "start web");
  }

  @Test
  void one_is_started_anew_with_what_it_depends_on_only_where_it_says_so() {
    World w = new World(program("a").needs("db", READY), program("b").needs("db", READY).restartsWithDependencies(), program("db")).seconds(5);
    int a = w.pid("a:0");
    int b = w.pid("b:0");
    w.restart("db");
    w.seconds(3);
    assertThat(w.pid("a:0")).isEqualTo(a);
    assertThat(w.pid("b:0")).isNotEqualTo(b);
    assertThat(w.status("b:0").restarts()).isEqualTo(1);
  }

  // ---- readiness and health ----

  @Test
  void ready_after_so_many_good_answers_in_a_row_and_not_after_so_many_bad_ones() {
    World w = new World(program("web").needs("db", READY), program("db").ready(TCP));
    assertThat(reason(w, "db:0")).isEqualTo("not ready");
    w.kernel.answer("db:0 READY", false, "connection refused");
    assertThat(reason(w.settle(), "web:0")).isEqualTo("waiting for db: not ready: connection refused");
    w.seconds(2).kernel.answer("db:0 READY", true, "");
    assertThat(w.settle().status("db:0").ready()).isFalse();
    w.seconds(2).kernel.answer("db:0 READY", true, "");
    assertThat(w.settle().status("db:0").ready()).isTrue();
    assertThat(w.status("web:0").pid()).isNotNull();
    for (int i = 0; i < 3; i++) {
      assertThat(w.status("db:0").ready()).isTrue();
      w.seconds(2).kernel.answer("db:0 READY", false, "no");
      w.settle();
    }
    assertThat(w.status("db:0").ready()).isFalse();
    assertThat(w.status("web:0").pid()).isNotNull();
    assertThat(w.toldNames()).contains("ReadyChanged db:0");
  }

  @Test
  void a_probe_that_hangs_is_given_up_and_has_failed() {
    World w = new World(program("db").ready(TCP));
    w.seconds(1);
    assertThat(w.kernel.probes).isEmpty();
    assertThat(reason(w, "db:0")).isEqualTo("not ready: no answer within 1 s");
  }

  @Test
  void a_late_answer_about_an_old_run_is_ignored() {
    World w = new World(program("db").ready(NOTIFY));
    Action.Probe old = java.util.Objects.requireNonNull(w.kernel.probes.get("db:0 READY"));
    w.exit("db:0", 1).seconds(1);
    w.deliver(new Event.Answered(old.id(), old.run(), old.kind(), old.number(), old.check(), true, ""));
    assertThat(w.status("db:0").ready()).isFalse();
    w.kernel.answer("db:0 READY", true, "");
    assertThat(w.settle().status("db:0").ready()).isTrue();
  }

  @Test
  void what_is_said_while_the_daemon_leaves_is_known_to_the_next() {
    World w = new World(program("db").ready(NOTIFY));
    w.loop.submit((desired, observed) -> desired.ending(Desired.Ending.KEEPING));
    w.loop.run();
    w.kernel.answer("db:0 READY", true, "");
    int before = w.kernel.actions.size();
    w.loop.hearLast();
    assertThat(w.status("db:0").ready()).isTrue();
    assertThat(w.kernel.actions).as("nothing is done about it").hasSize(before);
    assertThat(w.toldNames()).contains("ReadyChanged db:0");
  }

  @Test
  void one_that_does_not_say_that_it_is_ready_is_told_of_and_listened_to() {
    World w = new World(program("db").ready(NOTIFY));
    assertThat(reason(w, "db:0")).isEqualTo("not ready");
    w.seconds(5);
    assertThat(reason(w, "db:0")).isEqualTo("not ready: no word from it within 5 s");
    assertThat(w.seconds(100).toldNames()).containsOnlyOnce("ReadyChanged db:0");
    w.kernel.answer("db:0 READY", true, "");
    assertThat(w.settle().status("db:0").ready()).isTrue();
  }

  @Test
  void an_unhealthy_one_is_restarted_as_if_it_had_failed() {
    World w = new World(program("web").autorestart(AutoRestart.NEVER).health(NOTIFY, true)).seconds(1);
    int pid = w.pid("web:0");
    w.seconds(5);
    assertThat(w.phase("web:0")).isEqualTo(BACKOFF);
    assertThat(reason(w, "web:0")).startsWith("unhealthy, stopped with signal TERM, retry in");
    w.seconds(2);
    assertThat(w.pid("web:0")).isNotEqualTo(pid);
    assertThat(w.toldNames()).contains("HealthChanged web:0", "Stopped web:0", "BackedOff web:0");
  }

  @Test
  void a_check_that_asks_otherwise_begins_anew() {
    Check wrong = new Check(new Probe.Tcp("127.0.0.1", "2"), Duration.ofSeconds(1), Duration.ofSeconds(5), 1, 1, Duration.ZERO);
    Check right = new Check(new Probe.Tcp("127.0.0.1", "3"), Duration.ofSeconds(1), Duration.ofSeconds(5), 1, 1, Duration.ZERO);
    World w = new World(program("web").ready(new Check(new Probe.Log("Listenning"), Duration.ofSeconds(1), Duration.ofSeconds(5), 1, 1, Duration.ZERO)));
    int pid = w.pid("web:0");
    w.reload(false, program("web").ready(new Check(new Probe.Log("Listening"), Duration.ofSeconds(1), Duration.ofSeconds(5), 1, 1, Duration.ZERO)));
    w.kernel.answer("web:0 READY", true, "");
    assertThat(w.settle().status("web:0").ready()).isTrue();
    w.reload(false, program("web").health(wrong, false));
    w.seconds(1).kernel.answer("web:0 HEALTH", false, "refused");
    assertThat(w.settle().status("web:0").healthy()).isFalse();
    w.reload(false, program("web").health(right, true));
    assertThat(w.status("web:0").healthy()).isNull();
    w.seconds(1).kernel.answer("web:0 HEALTH", true, "");
    assertThat(w.settle().status("web:0").healthy()).isTrue();
    assertThat(w.pid("web:0")).isEqualTo(pid);
  }

  @Test
  void a_run_without_a_socket_is_not_waited_for() {
    World w = new World(program("web")).seconds(2);
    int pid = w.pid("web:0");
    w.reload(false, program("web").ready(NOTIFY).health(NOTIFY, true));
    w.seconds(100);
    assertThat(w.kernel.probes).isEmpty();
    assertThat(w.pid("web:0")).isEqualTo(pid);
    assertThat(w.status("web:0").ready()).isTrue();
  }

  @Test
  void or_only_told_of() {
    World w = new World(program("web").health(NOTIFY, false)).seconds(1);
    int pid = w.pid("web:0");
    w.seconds(6);
    assertThat(w.pid("web:0")).isEqualTo(pid);
    assertThat(w.status("web:0").healthy()).isFalse();
    assertThat(reason(w, "web:0")).isEqualTo("unhealthy: no word from it within 5 s");
    w.kernel.answer("web:0 HEALTH", true, "");
    assertThat(w.settle().status("web:0").healthy()).isTrue();
  }

  @Test
  void health_is_not_asked_before_it_is_ready() {
    World w = new World(program("web").ready(NOTIFY).health(TCP, true)).seconds(60);
    assertThat(w.kernel.probes.keySet()).containsExactly("web:0 READY");
    w.kernel.answer("web:0 READY", true, "");
    assertThat(w.settle().kernel.probes.keySet()).containsExactly("web:0 HEALTH");
  }

  // ---- jobs ----

  @Test
  void a_job_that_ends_at_once_has_completed() {
    World w = new World(job("j"));
    w.exit("j:0", 0).seconds(100);
    assertThat(w.phase("j:0")).isEqualTo(EXITED);
    assertThat(w.status("j:0").ready()).isTrue();
  }

  @Test
  void a_long_job_that_fails_is_tried_again_only_so_often() {
    World w = new World(job("j").startretries(2));
    for (int i = 0; i < 3; i++) w.seconds(100).exit("j:0", 1);
    assertThat(w.phase("j:0")).isEqualTo(FATAL);
    assertThat(reason(w, "j:0")).isEqualTo("failed, code 1, gave up after 2 retries");
  }

  @Test
  void nobody_waits_for_a_job_whose_turn_will_not_come() {
    World w = new World(program("db").startretries(0), job("migrate").needs("db", READY));
    Goal ready = new Goal.Ready(List.of(World.id("migrate:0")));
    assertThat(w.state(ready)).isInstanceOf(Goal.Pending.class);
    w.exit("db:0", 1);
    assertThat(w.state(ready)).isEqualTo(new Goal.Missed(List.of("migrate:0 is waiting for db: FATAL")));
  }

  @Test
  void a_job_that_is_never_restarted_ends_with_its_failure() {
    World w = new World(job("j").autorestart(AutoRestart.NEVER));
    w.exit("j:0", 1).seconds(100);
    assertThat(w.phase("j:0")).isEqualTo(EXITED);
    assertThat(reason(w, "j:0")).isEqualTo("code 1, not expected");
  }

  // ---- stopping ----

  @Test
  void what_is_done_is_told_after_what_it_was_done_for() {
    World w = new World(program("db"), program("web").needs("db", STARTED)).seconds(2);
    w.news.clear();
    w.command(new Command.Stop(List.of(new Target.All())));
    List<String> ends =
        w.news.stream()
            .filter(n -> n instanceof Action.Signal || n instanceof Transition.Stopped)
            .map(n -> n instanceof Action.Signal s ? "signal " + s.id() : "stopped " + ((Transition.Stopped) n).id())
            .toList();
    assertThat(ends).containsExactly("signal web:0", "stopped web:0", "signal db:0", "stopped db:0");
  }

  @Test
  void a_stop_takes_one_step_after_another() {
    Stopping.Step term = new Stopping.Send(Signal.TERM, Duration.ofSeconds(5));
    Stopping.Step interrupt = new Stopping.Send(Signal.INT, Duration.ofSeconds(3));
    World w = new World(program("web").stop(term, interrupt)).seconds(2);
    w.kernel.ignoreTerm.add("web");
    w.stop("web");
    assertThat(reason(w, "web:0")).isEqualTo("TERM sent, INT in 5 s");
    w.seconds(5);
    assertThat(reason(w, "web:0")).isEqualTo("INT sent, KILL in 3 s");
    assertThat(w.seconds(2.9).phase("web:0")).isEqualTo(STOPPING);
    assertThat(w.seconds(0.1).phase("web:0")).isEqualTo(STOPPED);
    List<Signal> sent = w.kernel.actions.stream().filter(Action.Signal.class::isInstance).map(a -> ((Action.Signal) a).signal()).toList();
    assertThat(sent).containsExactly(Signal.TERM, Signal.INT, Signal.KILL);
  }

  private static World withStopCommand() {
    return withStopCommand(0);
  }

  private static World withStopCommand(int leftBehind) {
    Stopping.Step command = new Stopping.Exec(List.of("ctl", "quit"), Duration.ofSeconds(60));
    Stopping.Step term = new Stopping.Send(Signal.TERM, Duration.ofSeconds(3));
    World w = new World(program("web").autostart(false).stop(command, term));
    w.kernel.leaveBehind.put("web", leftBehind);
    w.start("web");
    w.seconds(2);
    w.stop("web");
    return w;
  }

  private static List<Action.StopCommand> stopCommands(World w) {
    return w.kernel.actions.stream().filter(Action.StopCommand.class::isInstance).map(Action.StopCommand.class::cast).toList();
  }

  @Test
  void an_unhealthy_one_that_is_stopped_by_kill_hears_nothing_else() {
    World w = new World(program("web").stoptime(0).health(NOTIFY, true)).seconds(1);
    w.seconds(5);
    assertThat(w.kernel.actions.stream().filter(Action.Signal.class::isInstance).map(a -> ((Action.Signal) a).signal())).containsExactly(Signal.KILL);
    assertThat(reason(w, "web:0")).startsWith("unhealthy, stopped with signal KILL, retry in");
  }

  @Test
  void a_move_of_one_that_an_earlier_daemon_told_to_end_counts() {
    World w = new World(program("web").stoptime(60)).seconds(2);
    w.kernel.ignoreTerm.add("web");
    w.stop("web");
    long run = ((Action.Signal) w.kernel.actions.getLast()).run();
    w.deliver(new Event.MainMoved(World.id("web:0"), run, 4711, 99));
    assertThat(w.status("web:0").pid()).isEqualTo(4711);
  }

  @Test
  void who_waits_for_everything_waits_for_what_should_run_and_has_not_done_its_work() {
    World w = new World(program("once"), program("web").ready(NOTIFY), program("idle"), job("migrate"));
    Goal all = new Goal.AllReady();
    w.stop("idle");
    w.seconds(100).exit("once:0", 0).exit("migrate:0", 0);
    assertThat(w.state(all)).isEqualTo(new Goal.Pending("web:0 is RUNNING (not ready: no word from it within 5 s)"));
    w.stop("web");
    assertThat(w.state(all)).as("what was stopped meanwhile is nobody's to wait for").isEqualTo(new Goal.Reached());
    w.start("idle");
    w.exit("idle:0", 1);
    assertThat(w.state(all)).isInstanceOf(Goal.Pending.class);
    w.seconds(100).exit("idle:0", 1).seconds(1000);
    assertThat(w.state(all)).isEqualTo(new Goal.Reached());
    assertThat(new World(program("bad").startretries(0)).exit("bad:0", 3).state(all))
        .isEqualTo(new Goal.Missed(List.of("bad:0 is FATAL: exited too quickly, code 3, gave up after 1 attempt")));
  }

  @Test
  void who_waits_for_several_hears_at_the_end_of_those_that_have_failed_too() {
    World w = new World(program("db").startretries(0), program("slow").ready(NOTIFY));
    w.exit("db:0", 1);
    Goal all = new Goal.Ready(List.of(World.id("slow:0"), World.id("db:0")));
    assertThat(w.state(all)).isInstanceOfSatisfying(Goal.Pending.class, p -> assertThat(p.toString()).contains("slow:0 is", "db:0 is FATAL"));
  }

  @Test
  void a_step_of_a_stop_may_be_a_command() {
    World w = withStopCommand();
    assertThat(stopCommands(w)).singleElement().satisfies(c -> assertThat(c.cmd()).containsExactly("ctl", "quit"));
    assertThat(reason(w, "web:0")).isEqualTo("'ctl quit' run, TERM in 1m00s");
    w.exit("web:0", 0);
    assertThat(w.phase("web:0")).isEqualTo(STOPPED);
    assertThat(w.kernel.actions).noneMatch(Action.Signal.class::isInstance);
  }

  @Test
  void after_a_command_that_does_not_help_comes_the_next_step_in_its_time() {
    World w = withStopCommand().seconds(59.9);
    assertThat(w.phase("web:0")).isEqualTo(STOPPING);
    assertThat(w.seconds(0.1).phase("web:0")).isEqualTo(STOPPED);
    assertThat(stopCommands(w)).hasSize(1);
  }

  @Test
  void a_command_that_fails_is_told_and_not_waited_for() {
    World w = withStopCommand();
    w.kernel.ignoreTerm.add("web");
    w.deliver(new Event.StopCommandFailed(World.id("web:0"), stopCommands(w).getFirst().run(), 0, "exit code 1"));
    assertThat(w.told).anySatisfy(t -> assertThat(t).isInstanceOfSatisfying(Transition.StopCommandFailed.class, f -> assertThat(f.why()).isEqualTo("exit code 1")));
    assertThat(w.kernel.actions).last().isInstanceOfSatisfying(Action.Signal.class, s -> assertThat(s.signal()).isEqualTo(Signal.TERM));
    assertThat(reason(w, "web:0")).as("its own time").isEqualTo("TERM sent, KILL in 3 s");
  }

  @Test
  void the_failure_of_a_command_of_an_earlier_step_says_nothing() {
    World w = withStopCommand();
    w.kernel.ignoreTerm.add("web");
    w.seconds(60).deliver(new Event.StopCommandFailed(World.id("web:0"), stopCommands(w).getFirst().run(), 0, "exit code 1"));
    assertThat(reason(w, "web:0")).isEqualTo("TERM sent, KILL in 3 s");
  }

  @Test
  void where_the_last_command_fails_kill_comes_no_sooner() {
    World w = new World(program("web").stop(new Stopping.Exec(List.of("ctl"), Duration.ofSeconds(9)))).seconds(2);
    w.stop("web");
    w.deliver(new Event.StopCommandFailed(World.id("web:0"), stopCommands(w).getFirst().run(), 0, "exit code 1"));
    assertThat(reason(w, "web:0")).isEqualTo("'ctl' failed: exit code 1, KILL in 9 s");
    assertThat(w.seconds(8.9).phase("web:0")).isEqualTo(STOPPING);
    assertThat(w.seconds(0.1).phase("web:0")).isEqualTo(STOPPED);
  }

  @Test
  void what_is_left_behind_after_a_command_hears_a_signal_of_its_own() {
    World w = withStopCommand(2);
    w.exit("web:0", 0);
    assertThat(w.seconds(1).phase("web:0")).isEqualTo(STOPPED);
    assertThat(w.kernel.actions).anySatisfy(a -> assertThat(a).isInstanceOfSatisfying(Action.Signal.class, s -> {
      assertThat(s.purpose()).isEqualTo(Action.Purpose.STOP_REST);
      assertThat(s.reach()).isEqualTo(Action.Reach.TREE);
    }));
  }

  @Test
  void a_program_is_reloaded_by_its_own_signal() {
    World w = new World(program("nginx").reloadSignal(Signal.HUP), program("web")).seconds(2);
    w.command(new Command.ReloadProgram(List.of(new Target.Program("nginx"))));
    assertThat(w.kernel.actions).last().isInstanceOfSatisfying(Action.Signal.class, s -> assertThat(s.signal()).isEqualTo(Signal.HUP));
    assertThat(w.command(new Command.ReloadProgram(List.of(new Target.All()))))
        .isEqualTo(new Commands.Refused("cannot reload web: it has no reload_signal in the file; restart starts it anew"));
  }

  // ---- vital programs ----

  @Test
  void a_vital_program_that_gives_up_ends_the_daemon() {
    World w = new World(program("web").vital(new Vital(true, false)).startretries(0));
    assertThat(w.vitalEnd()).isEmpty();
    w.exit("web:0", 1);
    assertThat(w.vitalEnd()).hasValueSatisfying(v -> assertThat(v.expected()).isFalse());
  }

  @Test
  void one_whose_exit_counts_is_not_started_again_on_the_way() {
    World w = new World(program("web").vital(new Vital(false, true)).autorestart(AutoRestart.ALWAYS)).seconds(2);
    w.exit("web:0", 0);
    assertThat(w.phase("web:0")).isEqualTo(EXITED);
    assertThat(w.vitalEnd()).hasValueSatisfying(v -> assertThat(v.expected()).isTrue());
    World early = new World(program("web").vital(new Vital(false, true)));
    early.exit("web:0", 0);
    assertThat(early.vitalEnd()).hasValueSatisfying(v -> assertThat(v.expected()).as("it had not begun its work").isFalse());
  }

  @Test
  void a_job_that_is_tried_once_is_not_tried_again_where_it_cannot_be_started() {
    World w = new World(job("j").autorestart(AutoRestart.NEVER).autostart(false));
    w.kernel.refusals.put("j", "no such program");
    w.start("j");
    assertThat(w.phase("j:0")).isEqualTo(FATAL);
  }
}
