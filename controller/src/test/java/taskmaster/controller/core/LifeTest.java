package taskmaster.controller.core;

import static org.assertj.core.api.Assertions.assertThat;
import static taskmaster.api.Phase.BACKOFF;
import static taskmaster.api.Phase.EXITED;
import static taskmaster.api.Phase.FATAL;
import static taskmaster.api.Phase.RUNNING;
import static taskmaster.api.Phase.STARTING;
import static taskmaster.api.Phase.STOPPED;
import static taskmaster.api.Phase.STOPPING;
import static taskmaster.controller.Specs.program;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import taskmaster.api.AutoRestart;
import taskmaster.api.Backoff;
import taskmaster.api.Command;
import taskmaster.api.Exit;
import taskmaster.api.Signal;
import taskmaster.api.Target;
import taskmaster.controller.FakeKernel;
import taskmaster.controller.World;

/** Every phase and rule, in virtual time. */
class LifeTest {
  @Test
  void a_program_is_starting_until_starttime_has_passed() {
    World w = new World(program("web").starttime(5));
    assertThat(w.phase("web:0")).isEqualTo(STARTING);
    assertThat(w.seconds(4.9).phase("web:0")).isEqualTo(STARTING);
    assertThat(w.seconds(0.1).phase("web:0")).isEqualTo(RUNNING);
  }

  @Test
  void with_starttime_0_it_runs_at_once() {
    assertThat(new World(program("web").starttime(0)).phase("web:0")).isEqualTo(RUNNING);
  }

  @Test
  void a_shorter_starttime_counts_at_once_and_a_longer_one_from_the_next_start() {
    World w = new World(program("web").starttime(5).autorestart(AutoRestart.NEVER));
    w.seconds(2).reload(false, program("web").starttime(1).autorestart(AutoRestart.NEVER));
    assertThat(w.phase("web:0")).isEqualTo(RUNNING);
    World v = new World(program("web").starttime(1).autorestart(AutoRestart.NEVER));
    v.seconds(2).reload(false, program("web").starttime(30).autorestart(AutoRestart.NEVER));
    assertThat(v.phase("web:0")).as("it was RUNNING already").isEqualTo(RUNNING);
    v.exit("web:0", 0);
    assertThat(v.phase("web:0")).as("and so it did not fail to start").isEqualTo(EXITED);
    v.start("web");
    v.seconds(2).exit("web:0", 0);
    assertThat(v.status("web:0").reason()).startsWith("exited too quickly, code 0");
  }

  @Test
  void an_early_exit_is_a_failed_start_whatever_its_code_and_backs_off_longer_each_time_until_fatal() {
    World w = new World(program("web").startretries(2).autorestart(AutoRestart.NEVER));
    w.exit("web:0", 0);
    assertThat(w.phase("web:0")).isEqualTo(BACKOFF);
    assertThat(w.status("web:0").reason()).isEqualTo("exited too quickly, code 0, retry in 1 s");
    assertThat(w.seconds(0.99).phase("web:0")).isEqualTo(BACKOFF);
    assertThat(w.seconds(0.01).phase("web:0")).isEqualTo(STARTING);
    w.exit("web:0", 1);
    assertThat(w.seconds(1.99).phase("web:0")).isEqualTo(BACKOFF);
    assertThat(w.seconds(0.01).phase("web:0")).isEqualTo(STARTING);
    w.exit("web:0", 1);
    assertThat(w.phase("web:0")).isEqualTo(FATAL);
    assertThat(w.status("web:0").reason()).isEqualTo("exited too quickly, code 1, gave up after 2 retries");
    assertThat(w.seconds(3600).phase("web:0")).isEqualTo(FATAL);
    assertThat(w.toldNames())
        .containsExactly(
            "Started web:0", "Exited web:0", "BackedOff web:0",
            "Started web:0", "Exited web:0", "BackedOff web:0",
            "Started web:0", "Exited web:0", "Failed web:0");
  }

  @Test
  void the_count_of_failed_starts_begins_anew_once_it_ran() {
    World w = new World(program("web").startretries(1));
    w.exit("web:0", 1).seconds(1);
    w.seconds(1);
    assertThat(w.phase("web:0")).isEqualTo(RUNNING);
    w.exit("web:0", 1).seconds(2);
    assertThat(w.phase("web:0")).isEqualTo(STARTING);
    w.exit("web:0", 1);
    assertThat(w.phase("web:0")).isEqualTo(BACKOFF);
  }

  @Test
  void a_refused_spawn_counts_as_a_failed_start_also_with_starttime_0() {
    World w = new World();
    w.kernel.refusals.put("web", "/usr/bin/ngnix: No such file or directory");
    w.reload(false, program("web").starttime(0).startretries(1));
    assertThat(w.phase("web:0")).isEqualTo(BACKOFF);
    assertThat(w.status("web:0").reason()).startsWith("cannot start: /usr/bin/ngnix: No such file or directory, retry in");
    assertThat(w.seconds(1).phase("web:0")).isEqualTo(FATAL);
    assertThat(w.toldNames()).containsExactly("BackedOff web:0", "Failed web:0");
  }

  @Test
  void unexpected_restarts_only_an_unexpected_exit() {
    World w = new World(program("web"));
    w.seconds(100).exit("web:0", 0);
    assertThat(w.phase("web:0")).isEqualTo(EXITED);
    assertThat(w.status("web:0").reason()).isEqualTo("code 0, expected");
    World v = new World(program("web"));
    v.seconds(100).exit("web:0", 1);
    assertThat(v.phase("web:0")).isEqualTo(STARTING);
    assertThat(v.status("web:0").restarts()).isEqualTo(1);
  }

  @Test
  void always_restarts_any_exit_and_never_none() {
    World w = new World(program("a").autorestart(AutoRestart.ALWAYS), program("n").autorestart(AutoRestart.NEVER));
    w.seconds(100).exit("a:0", 0).exit("n:0", 1);
    assertThat(w.phase("a:0")).isEqualTo(STARTING);
    assertThat(w.phase("n:0")).isEqualTo(EXITED);
    assertThat(w.status("n:0").reason()).isEqualTo("code 1, not expected");
  }

  @Test
  void a_death_by_signal_is_never_expected() {
    World w = new World(program("web"));
    w.seconds(100);
    w.kernel.exit(World.id("web:0"), new Exit.Killed(Signal.KILL, false));
    assertThat(w.settle().phase("web:0")).isEqualTo(STARTING);
  }

  @Test
  void a_run_that_lived_long_enough_is_followed_at_once_and_a_quick_one_after_the_backoff() {
    World w = new World(program("web").autorestart(AutoRestart.ALWAYS));
    w.seconds(59).exit("web:0", 1);
    assertThat(w.phase("web:0")).isEqualTo(BACKOFF);
    w.seconds(1).seconds(60).exit("web:0", 1);
    assertThat(w.phase("web:0")).isEqualTo(STARTING);
  }

  @Test
  void a_hot_loop_is_impossible_even_with_an_initial_backoff_of_0() {
    Backoff none = new Backoff(Duration.ZERO, 1, Duration.ZERO, Duration.ofSeconds(60));
    World w = new World(program("web").starttime(0).autorestart(AutoRestart.ALWAYS).backoff(none));
    w.exit("web:0", 0);
    assertThat(w.phase("web:0")).as("the first quick death is answered at once").isEqualTo(RUNNING);
    for (int i = 0; i < 10; i++) {
      w.exit("web:0", 0);
      assertThat(w.pass(Duration.ofMillis(99)).phase("web:0")).isEqualTo(BACKOFF);
      assertThat(w.pass(Duration.ofMillis(1)).phase("web:0")).isEqualTo(RUNNING);
    }
  }

  @Test
  void a_hot_loop_is_impossible_even_where_every_run_counts_as_long_enough() {
    Backoff none = new Backoff(Duration.ZERO, 1, Duration.ZERO, Duration.ZERO);
    World w = new World(program("web").starttime(0).autorestart(AutoRestart.ALWAYS).backoff(none));
    w.exit("web:0", 0).exit("web:0", 0);
    assertThat(w.phase("web:0")).isEqualTo(BACKOFF);
  }

  @Test
  void a_refusal_is_told_before_the_next_attempt_also_without_a_backoff() {
    World w = new World();
    w.kernel.refusals.put("web", "no");
    w.reload(false, program("web").startretries(1).backoff(new Backoff(Duration.ZERO, 1, Duration.ZERO, Duration.ZERO)));
    w.seconds(1);
    assertThat(w.toldNames()).containsExactly("BackedOff web:0", "Failed web:0");
  }

  @Test
  void one_that_even_kill_does_not_end_is_not_asked_for_ever_at_full_speed() {
    World w = new World(program("web").stoptime(1));
    w.kernel.immortal.add("web");
    w.stop("web");
    w.seconds(600);
    assertThat(w.phase("web:0")).isEqualTo(STOPPING);
    long kills = w.kernel.actions.stream().filter(a -> a instanceof Action.Signal s && s.signal().equals(Signal.KILL)).count();
    assertThat(kills).isBetween(50L, 110L);
  }

  @Test
  void a_spawn_that_breaks_something_of_ours_costs_that_program_alone() {
    World w = new World();
    w.kernel.refusals.put("odd", FakeKernel.THROWS);
    w.violationsExpected = true;
    w.reload(false, program("odd").startretries(0), program("web").starttime(0));
    w.seconds(1);
    assertThat(w.phase("odd:0")).isEqualTo(FATAL);
    assertThat(w.phase("web:0")).isEqualTo(RUNNING);
  }

  @Test
  void the_backoff_grows_to_its_cap() {
    Backoff b = new Backoff(Duration.ofSeconds(1), 2, Duration.ofSeconds(5), Duration.ofSeconds(60));
    assertThat(List.of(0, 1, 2, 3, 4, 5, 4000).stream().map(n -> Verdict.delay(b, n).toSeconds()).toList())
        .containsExactly(0L, 1L, 2L, 4L, 5L, 5L, 5L);
  }

  @Test
  void stop_sends_the_signal_then_kill_when_stoptime_is_over() {
    World w = new World(program("web").stoptime(7));
    w.kernel.ignoreTerm.add("web");
    w.seconds(2);
    w.stop("web");
    assertThat(w.phase("web:0")).isEqualTo(STOPPING);
    assertThat(w.status("web:0").reason()).isEqualTo("TERM sent, KILL in 7 s");
    assertThat(w.seconds(6.9).phase("web:0")).isEqualTo(STOPPING);
    assertThat(w.seconds(0.1).phase("web:0")).isEqualTo(STOPPED);
    assertThat(w.told.getLast()).isInstanceOf(Transition.PhaseChanged.class);
    assertThat(w.toldNames()).containsExactly("Started web:0", "Stopped web:0");
    assertThat(w.status("web:0").reason()).isEqualTo("by an operator");
  }

  @Test
  void stoptime_0_kills_at_once() {
    World w = new World(program("web").stoptime(0));
    w.kernel.ignoreTerm.add("web");
    w.stop("web");
    assertThat(w.phase("web:0")).isEqualTo(STOPPED);
  }

  @Test
  void stop_group_false_signals_the_main_process_alone_and_then_what_it_left() {
    World w = new World(program("web").stopGroup(false));
    w.kernel.leaveBehind.put("web", 2);
    w.restart("web");
    w.kernel.actions.clear();
    w.stop("web");
    assertThat(w.kernel.actions.stream().filter(Action.Signal.class::isInstance).map(a -> ((Action.Signal) a).reach()).toList())
        .containsExactly(Action.Reach.MAIN, Action.Reach.TREE);
    assertThat(w.seconds(0.1).phase("web:0")).isEqualTo(STOPPED);
  }

  @Test
  void what_a_main_process_left_behind_is_stopped_before_the_next_run() {
    World w = new World();
    w.kernel.leaveBehind.put("web", 3);
    w.kernel.ignoreTerm.add("web");
    w.reload(false, program("web").stoptime(2));
    w.seconds(100).exit("web:0", 1);
    assertThat(w.phase("web:0")).isEqualTo(STOPPING);
    assertThat(w.toldNames()).contains("Exited web:0").doesNotContain("Stopped web:0");
    assertThat(w.seconds(1.9).phase("web:0")).isEqualTo(STOPPING);
    assertThat(w.seconds(0.2).phase("web:0")).isEqualTo(STARTING);
    assertThat(w.toldNames().stream().filter("Exited web:0"::equals)).hasSize(1);
  }

  @Test
  void start_and_stop_are_idempotent() {
    World w = new World(program("web").starttime(0));
    int pid = w.pid("web:0");
    w.start("web");
    assertThat(w.pid("web:0")).isEqualTo(pid);
    w.stop("web");
    w.stop("web");
    assertThat(w.phase("web:0")).isEqualTo(STOPPED);
    w.start("web:0");
    assertThat(w.phase("web:0")).isEqualTo(RUNNING);
  }

  @Test
  void a_start_of_what_runs_does_not_bring_it_back_after_an_expected_exit() {
    World w = new World(program("web").starttime(0));
    w.start("web");
    w.exit("web:0", 0);
    assertThat(w.phase("web:0")).isEqualTo(EXITED);
  }

  @Test
  void start_revives_what_is_fatal_with_all_its_retries() {
    World w = new World(program("web").startretries(1));
    w.exit("web:0", 1).seconds(1).exit("web:0", 1);
    assertThat(w.phase("web:0")).isEqualTo(FATAL);
    w.start("web");
    assertThat(w.phase("web:0")).isEqualTo(STARTING);
    w.exit("web:0", 1);
    assertThat(w.phase("web:0")).isEqualTo(BACKOFF);
  }

  @Test
  void a_start_while_it_is_stopping_starts_it_after_that() {
    World w = new World(program("web").stoptime(5).starttime(0));
    w.kernel.ignoreTerm.add("web");
    w.stop("web");
    w.start("web");
    assertThat(w.phase("web:0")).isEqualTo(STOPPING);
    assertThat(w.seconds(5).phase("web:0")).isEqualTo(RUNNING);
    assertThat(w.kernel.alive()).hasSize(1);
  }

  @Test
  void restart_replaces_the_process_and_starts_what_is_stopped() {
    World w = new World(program("web").starttime(0), program("off").autostart(false).starttime(0));
    int pid = w.pid("web:0");
    w.restart("all");
    assertThat(w.pid("web:0")).isNotEqualTo(pid);
    assertThat(w.phase("off:0")).isEqualTo(RUNNING);
    w.stop("web");
    w.restart("web");
    assertThat(w.phase("web:0")).isEqualTo(RUNNING);
  }

  @Test
  void stop_of_one_instance_survives_scaling_down_and_up() {
    World w = new World(program("web").numprocs(3).starttime(0));
    w.stop("web:1");
    w.command(new Command.Scale("web", 1));
    assertThat(w.kernel.alive()).containsExactly(World.id("web:0"));
    w.command(new Command.Scale("web", 3));
    assertThat(w.kernel.alive()).containsExactlyInAnyOrder(World.id("web:0"), World.id("web:2"));
    assertThat(w.phase("web:1")).isEqualTo(STOPPED);
    assertThat(w.program("web").phase()).as("the worst of them").isEqualTo(STOPPED);
    assertThat(w.program("web").running()).isEqualTo(2);
  }

  @Test
  void a_signal_is_sent_once_to_the_main_process() {
    World w = new World(program("web").starttime(0));
    w.command(new Command.SendSignal(Signal.HUP, List.of(new Target.All())));
    w.seconds(10);
    assertThat(w.kernel.actions.stream().filter(a -> a instanceof Action.Signal s && s.purpose() == Action.Purpose.REQUESTED)).hasSize(1);
    w.stop("web");
    assertThat(w.command(new Command.SendSignal(Signal.HUP, List.of(new Target.Program("web")))))
        .isEqualTo(new Commands.Refused("cannot signal web: not running"));
  }

  @Test
  void shutdown_stops_everything_and_a_second_one_kills() {
    World w = new World(program("web").numprocs(2), program("stubborn").stoptime(600));
    w.kernel.ignoreTerm.add("stubborn");
    w.command(new Command.Shutdown(Command.Shutdown.How.GRACEFULLY));
    assertThat(w.kernel.alive()).containsExactly(World.id("stubborn:0"));
    assertThat(w.loop.isOver()).isFalse();
    assertThat(w.start("web")).isInstanceOf(Commands.Refused.class);
    w.command(new Command.Shutdown(Command.Shutdown.How.AT_ONCE));
    assertThat(w.kernel.isEmpty()).isTrue();
    assertThat(w.loop.isOver()).isTrue();
  }

  @Test
  void an_unknown_program_is_named_with_the_nearest_known() {
    World w = new World(program("fast_ok"));
    assertThat(w.start("fats_ok")).isEqualTo(new Commands.Refused("no such program 'fats_ok' (did you mean fast_ok?)"));
    assertThat(w.start("fast_ok:3")).isEqualTo(new Commands.Refused("no such instance 'fast_ok:3': it has 0 to 0"));
  }

  @Test
  void a_late_event_about_an_earlier_run_changes_nothing() {
    World w = new World(program("web").starttime(0));
    long first = w.status("web:0").run();
    w.restart("web");
    Observed before = w.loop.snapshot().observed();
    List<Event> stale =
        List.of(
            new Event.Exited(World.id("web:0"), first, new Exit.Code(1)),
            new Event.Gone(World.id("web:0"), first),
            new Event.Remains(World.id("web:0"), first, 4),
            new Event.Stirred(World.id("web:0"), first));
    assertThat(Fold.apply(before, stale, w.kernel.now())).isSameAs(before);
  }

  @Test
  void the_goal_of_a_start_is_reached_missed_or_pending() {
    World w = new World(program("web"), program("bad").startretries(0));
    Goal web = new Goal.Started(List.of(World.id("web:0")));
    assertThat(w.state(web)).isInstanceOf(Goal.Pending.class);
    w.seconds(1);
    assertThat(w.state(web)).isEqualTo(new Goal.Reached());
    w.stop("web");
    assertThat(w.state(web)).isEqualTo(new Goal.Missed(List.of("web:0 was told to stop meanwhile")));
    World v = new World(program("bad").startretries(0));
    v.exit("bad:0", 3);
    assertThat(v.state(new Goal.Started(List.of(World.id("bad:0")))))
        .isEqualTo(new Goal.Missed(List.of("bad:0 is FATAL: exited too quickly, code 3, gave up after 1 attempt")));
  }

  private static long run(World w) {
    return w.status("web:0").run();
  }

  @Test
  void a_main_process_that_moves_is_the_same_run() {
    World w = new World(program("web").starttime(5).autorestart(AutoRestart.NEVER)).seconds(4);
    int before = w.pid("web:0");
    long run = run(w);
    w.deliver(new Event.MainMoved(World.id("web:0"), run, 4711, 99));
    assertThat(w.pid("web:0")).isEqualTo(4711);
    assertThat(w.phase("web:0")).isEqualTo(STARTING);
    assertThat(w.seconds(1).phase("web:0")).isEqualTo(RUNNING);
    assertThat(w.status("web:0").uptime()).isEqualTo(Duration.ofSeconds(5));
    Run now = java.util.Objects.requireNonNull(java.util.Objects.requireNonNull(w.loop.snapshot().observed().instance(World.id("web:0"))).run());
    assertThat(now.born()).isEqualTo(99);
    assertThat(now.leader()).isEqualTo(new Run.First(before, before));
    w.deliver(new Event.MainMoved(World.id("web:0"), run, 4712, 100));
    assertThat(w.pid("web:0")).isEqualTo(4712);
    w.exit("web:0", 0);
    assertThat(w.phase("web:0")).isEqualTo(EXITED);
    assertThat(w.toldNames()).containsExactly("Started web:0", "Exited web:0");
  }

  @Test
  void a_move_is_written_down() {
    World w = new World(program("web"));
    Observed before = w.loop.snapshot().observed();
    w.deliver(new Event.MainMoved(World.id("web:0"), run(w), 4711, 99));
    Observed after = w.loop.snapshot().observed();
    assertThat(Entry.between(before, after)).containsExactly(new Entry.Known(java.util.Objects.requireNonNull(after.instance(World.id("web:0")))));
  }

  @Test
  void a_run_that_is_over_moves_no_more() {
    World w = new World(program("web").starttime(0));
    long first = run(w);
    w.stop("web");
    assertThat(w.phase("web:0")).isEqualTo(STOPPED);
    w.deliver(new Event.MainMoved(World.id("web:0"), first, 4711, 99));
    assertThat(w.phase("web:0")).isEqualTo(STOPPED);
    w.start("web");
    int next = w.pid("web:0");
    w.deliver(new Event.MainMoved(World.id("web:0"), first, 4711, 99));
    assertThat(w.pid("web:0")).isEqualTo(next);
  }
}
