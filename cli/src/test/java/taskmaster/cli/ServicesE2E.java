package taskmaster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs that need each other, as an operator sees and moves them. */
@Timeout(120)
class ServicesE2E {
  private static final Pattern ALERT = Pattern.compile("\"event\":\"(process_st[a-z]+)\".*?\"instance\":\"([^\"]+)\"");

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;
  @SuppressWarnings("NullAway.Init")
  private Outside o;

  @BeforeEach
  void start() throws Exception {
    o = new Outside(folder);
    o.config(
        """
        db: { cmd: sleep 100000, starttime: 200ms }
        migrate: { type: job, cmd: [sh, -c, 'until [ -e go ]; do sleep 0.05; done; echo migrated'], depends_on: { db: ready } }
        web:
          cmd: [sh, -c, "trap 'echo read again' HUP; while :; do sleep 0.05; done"]
          starttime: 0
          depends_on: { db: ready, migrate: completed }
          reload_signal: HUP
        broken: { type: job, cmd: [sh, -c, 'exit 3'], startretries: 0 }
        needy: { cmd: sleep 100000, depends_on: { broken: completed } }
        later: { cmd: sleep 100000, autostart: false, starttime: 0 }
        """);
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
  }

  @AfterEach
  void stop() throws Exception {
    o.run("taskmasterd.sh", "stop", "-c", "tm.yaml").succeeded();
  }

  private void go() throws Exception {
    Files.createFile(folder.resolve("go"));
    o.taskmaster("wait", "web", "--timeout", "30s").succeeded();
  }

  /** "started web:0" and the like, in the order in which they were told. */
  private List<String> told() throws Exception {
    List<String> told = new ArrayList<>();
    for (String line : o.read("logs/alerts.log").lines().toList()) {
      Matcher alert = ALERT.matcher(line);
      if (alert.find()) told.add(alert.group(1).substring("process_".length()) + " " + alert.group(2));
    }
    return told;
  }

  private static void failed(Outside.Result result, int exitCode, String err) {
    assertThat(result.err()).isEqualTo(err);
    assertThat(result.exitCode()).isEqualTo(exitCode);
  }

  @Test
  void programs_come_up_in_order_and_whoever_waits_hears_of_it() throws Exception {
    failed(o.taskmaster("wait", "web", "--timeout", "1s"), 1, "ERR timed out: web:0 is STARTING (waiting for migrate: RUNNING)\n");
    failed(o.taskmaster("wait", "migrate", "--for", "completed", "--timeout", "200ms"), 1, "ERR timed out: migrate:0 is RUNNING\n");
    Files.createFile(folder.resolve("go"));
    assertThat(o.taskmaster("wait", "migrate", "--for", "completed", "--timeout", "30s").succeeded().out()).isEqualTo("OK migrate has completed\n");
    assertThat(o.taskmaster("wait", "web", "--timeout", "30s").succeeded().out()).isEqualTo("OK web is ready\n");
    assertThat(told()).containsSubsequence("started db:0", "started migrate:0", "started web:0");
    assertThat(o.taskmaster("status", "-o", "json").succeeded().out())
        .containsPattern("\"instance\":\"migrate:0\",\"phase\":\"EXITED\"[^}]*\"reason\":\"completed, code 0\"[^}]*\"ready\":true,\"healthy\":null");
  }

  @Test
  void a_wait_for_what_will_not_come_ends_at_once() throws Exception {
    failed(o.taskmaster("wait", "needy"), 1, "ERR needy:0 is waiting for broken: FATAL\n");
    failed(o.taskmaster("wait", "broken", "--for", "completed"), 1, "ERR broken:0 is FATAL: failed, code 3, gave up after 1 attempt\n");
    Outside.Result all = o.taskmaster("wait", "all", "--timeout", "200ms");
    assertThat(all.exitCode()).isEqualTo(1);
    assertThat(all.err()).as("nobody wants later to run").doesNotContain("later");
  }

  @Test
  void a_wait_for_a_stop_that_somebody_else_asks_for() throws Exception {
    assertThat(o.taskmaster("wait", "later", "--for", "stopped").succeeded().out()).isEqualTo("OK later is stopped\n");
    failed(o.taskmaster("wait", "db", "--for", "stopped", "--timeout", "100ms"), 1, "ERR timed out: db:0 is up\n");
    failed(
        o.taskmaster("wait", "db", "--for", "redy"), 2,
        "ERR cannot wait for 'redy': it is none of ready, stopped, completed (did you mean ready?)\n");
  }

  @Test
  void a_stop_says_who_runs_on_without_it() throws Exception {
    go();
    assertThat(o.taskmaster("stop", "db").succeeded().out())
        .isEqualTo("OK stopped db\nNOTE: web runs on without db; stop --with-dependents takes it along\n");
    assertThat(o.taskmaster("status", "web").exitCode()).isZero();
    assertThat(o.taskmaster("stop", "web").succeeded().out()).isEqualTo("OK stopped web\n");
  }

  @Test
  void dependents_are_taken_along_and_come_back_with_what_they_need() throws Exception {
    go();
    assertThat(o.taskmaster("stop", "db", "--with-dependents").succeeded().out()).isEqualTo("OK stopped db\nOK stopped migrate\nOK stopped web\n");
    await().untilAsserted(() -> assertThat(told()).endsWith("stopped web:0", "stopped db:0"));
    assertThat(o.taskmaster("start", "web").succeeded().out()).isEqualTo("OK started web\n");
    await().untilAsserted(() -> assertThat(told()).as("the job is not done again").endsWith("stopped db:0", "started db:0", "started web:0"));
  }

  @Test
  void a_change_rolls_and_a_mistake_costs_one_instance() throws Exception {
    String three = "three: { cmd: [sh, -c, 'echo up; exec sleep 1000'], numprocs: 3, rolling: true, starttime: 200ms, startretries: 0, ready: { log: up } }\n";
    o.config(three);
    o.taskmaster("reload", "--wait").succeeded();
    o.taskmaster("wait", "three", "--timeout", "30s").succeeded();
    o.taskmaster("restart", "three").succeeded();
    await().untilAsserted(() -> assertThat(told())
        .endsWith("stopped three:0", "started three:0", "stopped three:1", "started three:1", "stopped three:2", "started three:2"));

    // never ready, and however slow the machine is, it ends before it counts as started
    o.config(three.replace("echo up;", "echo mistyped >&2; exit 1;").replace("starttime: 200ms", "starttime: 30s"));
    assertThat(o.taskmaster("plan").succeeded().out()).contains("three:1", ", in its turn");
    Outside.Result mistaken = o.taskmaster("reload", "--wait");
    assertThat(mistaken.exitCode()).isEqualTo(1);
    assertThat(mistaken.err()).startsWith("ERR reloaded, but three:0 is FATAL: ").contains("; three:1 is to be replaced after three:0: FATAL");
    assertThat(o.taskmaster("status", "three").out())
        .containsPattern("three:0 +FATAL .*").containsPattern("three:2 +(RUNNING|STARTING) +1/1 .* to be replaced after three:0: FATAL");
    assertThat(o.taskmaster("restart", "three").err()).contains("ERR three:0 is FATAL: ", "ERR three:2 is to be replaced after three:0: FATAL\n");
    await().untilAsserted(() -> assertThat(o.alerts("process_fatal")).filteredOn(l -> l.contains("three:0")).as("all is told").hasSize(2));
    int before = told().size();
    o.config(three);
    o.taskmaster("reload", "--wait").succeeded();
    await().untilAsserted(() -> assertThat(told()).as("the restart goes on")
        .endsWith("started three:0", "stopped three:1", "started three:1", "stopped three:2", "started three:2"));
    assertThat(told()).hasSize(before + 5);
  }

  @Test
  void a_program_is_asked_to_read_its_own_files_again() throws Exception {
    go();
    assertThat(o.taskmaster("reload-program", "web").succeeded().out()).isEqualTo("OK sent HUP to web:0\n");
    await().untilAsserted(() -> assertThat(o.read("logs/web-0.stdout.log")).isEqualTo("read again\n"));
    failed(
        o.taskmaster("reload-program", "web", "db"), 1,
        "ERR cannot reload db: it has no reload_signal in the file; restart starts it anew\n");
    o.taskmaster("stop", "web").succeeded();
    failed(o.taskmaster("reload-program", "web"), 1, "ERR cannot reload web: not running\n");
  }

  @Test
  void help_shows_how() throws Exception {
    assertThat(o.taskmaster("wait", "--help").succeeded().out()).contains("--for=WHAT", "taskmaster wait web --timeout 30s");
    assertThat(o.taskmaster("stop", "--help").succeeded().out()).contains("taskmaster stop db --with-dependents");
    assertThat(o.taskmaster("start", "--help").succeeded().out()).doesNotContain("--with-dependents");
    assertThat(o.taskmaster("reload-program", "--help").succeeded().out()).contains("taskmaster reload-program nginx");
    assertThat(o.run("taskmaster", "help").succeeded().out()).contains("reload-program");
    assertThat(o.taskmaster("help", "wait").succeeded().out()).contains("--for=WHAT");
    assertThat(o.taskmaster("completion").succeeded().out()).contains("reload-program", "(\"ready\" \"stopped\" \"completed\")");
  }

  /** What bash would offer for that line, ended by Tab. */
  private String completed(String line) throws Exception {
    String script = "source completion.sh; COMP_LINE='" + line + "' COMP_POINT=${#COMP_LINE} COMP_WORDS=($COMP_LINE) COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); "
        + "COMP_WORDS[0]='" + Outside.HOME.resolve("scripts/taskmaster") + "'; _complete_taskmaster_names; echo \"${COMPREPLY[*]}\"";
    return o.run("/bin/bash", "-c", script).succeeded().out();
  }

  @Test
  void names_are_completed_as_the_daemon_has_them() throws Exception {
    o.write("completion.sh", o.taskmaster("completion").succeeded().out());
    String socket = " -s " + folder.resolve("tm.sock") + " ";
    assertThat(completed("taskmaster" + socket + "restart w")).isEqualTo("web\n");
    assertThat(completed("taskmaster" + socket + "wait web --for re")).isEqualTo("ready\n");
    assertThat(completed("taskmaster -s /nowhere restart w")).isEqualTo("\n");
    assertThat(o.taskmaster("names").succeeded().out().lines()).contains("web", "db");
  }
}
