package taskmaster.controller.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import taskmaster.api.Check;
import taskmaster.api.Dependencies;
import taskmaster.api.Policy;
import taskmaster.api.Probe;
import taskmaster.api.ProgramType;
import taskmaster.api.Signal;
import taskmaster.api.Stopping;
import taskmaster.api.Vital;

/** Dependencies, checks, jobs, stops and vital programs as the file says them. */
class ServiceKeysTest {
  private static Map<String, taskmaster.api.ProgramSpec> parse(String programs) throws ConfigRejected {
    String text = "programs:\n" + programs.indent(2);
    return ConfigFile.parse(Path.of("/etc/tm.yaml"), text.getBytes(StandardCharsets.UTF_8)).programs();
  }

  private static Policy policy(String keys) throws ConfigRejected {
    return java.util.Objects.requireNonNull(parse("a: { cmd: x }\nb: { cmd: x, type: job }\nweb: { cmd: x, " + keys + " }").get("web")).policy();
  }

  private static Check ready(String probe) throws ConfigRejected {
    return java.util.Objects.requireNonNull(policy("ready: { " + probe + " }").checks().ready());
  }

  @Test
  void depends_on_takes_a_mapping_or_a_list() throws Exception {
    assertThat(policy("depends_on: { a: started, b: completed }, on_dependency_restart: restart").dependencies())
        .isEqualTo(new Dependencies(Map.of("a", Dependencies.Condition.STARTED, "b", Dependencies.Condition.COMPLETED), true));
    assertThat(policy("depends_on: [a]").dependencies()).isEqualTo(new Dependencies(Map.of("a", Dependencies.Condition.READY), false));
    assertThat(policy("depends_on: a").dependencies().conditions()).containsKey("a");
  }

  @Test
  void each_probe_is_read_with_its_defaults() throws Exception {
    assertThat(ready("tcp: 5432"))
        .isEqualTo(new Check(new Probe.Tcp("127.0.0.1", "5432"), Duration.ofSeconds(1), Duration.ofSeconds(5), 1, 3, Duration.ZERO));
    assertThat(ready("tcp: '[::1]:80', interval: 2s, timeout: 500ms, successes: 2, failures: 4, initial_delay: 3s"))
        .isEqualTo(new Check(new Probe.Tcp("::1", "80"), Duration.ofSeconds(2), Duration.ofMillis(500), 2, 4, Duration.ofSeconds(3)));
    assertThat(ready("exec: \"pg_isready -h 'a b'\"").probe()).isEqualTo(new Probe.Exec(List.of("pg_isready", "-h", "a b")));
    assertThat(ready("exec: [sh, -c, 'exit 0']").probe()).isEqualTo(new Probe.Exec(List.of("sh", "-c", "exit 0")));
    assertThat(ready("http: 'http://localhost:8080/up'").probe()).isEqualTo(new Probe.Http("http://localhost:8080/up", 200, 399, Map.of()));
    assertThat(ready("http: { port: 8080, path: up, status: 200-204, headers: { Host: x } }").probe())
        .isEqualTo(new Probe.Http("http://127.0.0.1:8080/up", 200, 204, Map.of("Host", "x")));
    assertThat(ready("log: 'ready to accept'").probe()).isEqualTo(new Probe.Log("ready to accept"));
    assertThat(ready("notify: true").probe()).isEqualTo(new Probe.Notify());
    assertThat(policy("health: { tcp: 1, action: alert }").checks().restartsUnhealthy()).isFalse();
    assertThat(java.util.Objects.requireNonNull(policy("health: { tcp: 1 }").checks().health()).interval()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void a_job_has_its_own_defaults() throws Exception {
    Policy job = java.util.Objects.requireNonNull(parse("j: { cmd: x, type: job }").get("j")).policy();
    assertThat(job.type()).isEqualTo(ProgramType.JOB);
    assertThat(job.starttime()).isZero();
  }

  @Test
  void a_stop_has_steps_or_the_short_form() throws Exception {
    assertThat(policy("stop: [ { signal: TERM, wait: 5s }, { signal: INT, wait: 3 }, { signal: KILL } ]").stopping())
        .isEqualTo(new Stopping(List.of(new Stopping.Send(Signal.TERM, Duration.ofSeconds(5)), new Stopping.Send(Signal.INT, Duration.ofSeconds(3))), true));
    assertThat(policy("stop: [ { exec: \"ctl 'to quit'\", wait: 1m }, { exec: [ctl, '${program}'] }, { signal: INT } ]").stopping().steps())
        .containsExactly(
            new Stopping.Exec(List.of("ctl", "to quit"), Duration.ofMinutes(1)),
            new Stopping.Exec(List.of("ctl", "web"), Duration.ofSeconds(10)),
            new Stopping.Send(Signal.INT, Duration.ofSeconds(10)));
    assertThat(policy("stop: [ { signal: QUIT } ]").stopping()).isEqualTo(Stopping.by(java.util.Objects.requireNonNull(Signal.of(3)), Duration.ofSeconds(10), true));
    assertThat(policy("stop: [ { signal: KILL } ]").stopping().time()).isZero();
    assertThat(policy("stopsignal: INT, stoptime: 2").stopping()).isEqualTo(Stopping.by(Signal.INT, Duration.ofSeconds(2), true));
    assertThat(policy("reload_signal: HUP").reloadSignal()).isEqualTo(Signal.HUP);
    assertThat(policy("on_fatal: shutdown").vital()).isEqualTo(new Vital(true, false));
    assertThat(policy("on_exit: shutdown").vital()).isEqualTo(new Vital(false, true));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      depends_on: [nope]                          | programs.web.depends_on: no such program 'nope'
      depends_on: [web]                           | web depends on itself
      depends_on: { a: soon }                     | a: 'soon' is none of started, ready, completed
      depends_on: { b: ready }                    | b is a job, which is never ready; write b: completed
      on_dependency_restart: restart              | it depends on nothing
      ready: { interval: 1s }                     | ready says not how: give one of exec, http, tcp, log, notify
      ready: { tcp: 1, log: x }                   | ready has tcp and log: give one of exec, http, tcp, log, notify
      ready: { tcp: 70000 }                       | 70000 is not in 1 to 65535
      ready: { tcp: ':80' }                       | neither PORT nor HOST:PORT
      ready: { tcp: postgres }                    | 'postgres' is neither PORT nor HOST:PORT
      stopsignal: STOP                            | STOP ends no program
      stop: [{ signal: STOP }]                    | STOP ends no program
      exitcodes: '0,2'                            | '0,2' is one word; a list is [0,2]
      priority: 10                                | unknown key 'priority' in programs.web (here it is: depends_on, which waits
      ready: { log: '(' }                         | is no regular expression
      ready: { log: '' }                          | an empty pattern
      stdout: discard, stderr: discard, ready: { log: x }  | ready.log needs captured output, and neither stdout nor stderr is: leave one
      stdout: /dev/null, stderr: stdout, ready: { log: x } | ready.log needs captured output
      stdout: discard, stderr: stdout, health: { log: x }  | health.log needs captured output
      stdout: inherit, stderr: inherit, ready: { log: x }  | ready.log needs captured output
      ready: { http: 'ftp://x' }                  | is not a http:// or https:// URL
      ready: { http: { path: / } }                | ready.http needs a url, or a port
      ready: { http: { port: 1, status: 300-200 }}| ends before it begins
      ready: { exec: '' }                         | it names no program
      ready: { notify: false }                    | write true, or leave it out
      ready: { tcp: 1, interval: 0 }              | interval: it must be at least 10ms
      ready: { tcp: 1, failures: 0 }              | 0 is not in 1 to 1000
      ready: { tcp: 1, timeout: -1 }              | timeout
      ready: { tcp: 1, action: alert }            | only health has an action
      health: { tcp: 1, action: pray }            | 'pray' is neither restart nor alert
      type: daemon                                | 'daemon' is none of service, job
      type: job, autorestart: always              | a job ends when it has completed
      stop: TERM                                  | stop must be a list of steps
      stop: []                                    | it has no steps
      stop: [ { wait: 1s } ]                      | a step needs a signal
      stop: [ { signal: KILL }, { signal: INT } ] | nothing follows KILL
      stop: [ { signal: KILL }, { exec: x } ]     | nothing follows KILL
      stop: [ TERM ]                              | a step is { signal: TERM, wait: 5s } or { exec: COMMAND, wait: 5s }
      stop: [ { exec: x, wait: 0 } ]              | a command needs time to take effect
      stop: [ { exec: 'x ${TASKMASTER_PID}' } ]   | ${TASKMASTER_PID} is set for the process alone; let a shell read it
      reload_signal: KILL                         | no program can read its files at KILL
      type: job, ready: { tcp: 1 }                | a job is never ready; others wait for it to be completed
      stop: [ { signal: INT, exec: x } ]          | a step has a signal or a command; make it two
      stop: [ { exec: '' } ]                      | exec: it names no program
      stop: [ { exec: x, wait: -1s } ]            | wait: '-1s' is not a duration
      stop: [ { signal: KILL, wait: 1s } ]        | nothing waits after KILL
      stop: [ { signal: INT } ], stoptime: 1      | 'stop' says it all
      reload_signal: HOP                          | 'HOP' is no signal
      on_fatal: panic                             | 'panic' is neither shutdown nor nothing
      """)
  void what_is_wrong_is_told(String keys, String what) {
    assertThatThrownBy(() -> policy(keys)).isInstanceOf(ConfigRejected.class).hasMessageContaining(what).hasMessageContaining("tm.yaml:4:");
  }

  @Test
  void what_is_captured_in_part_can_be_searched() throws Exception {
    for (String keys : List.of("stdout: discard", "stderr: discard", "stdout: inherit")) {
      assertThat(policy(keys + ", ready: { log: x }").checks().ready()).as(keys).isNotNull();
    }
  }

  @Test
  void a_circle_is_named_once_and_from_any_of_its_programs() {
    String programs = "a: { cmd: x, depends_on: [c] }\nb: { cmd: x, depends_on: [a] }\nc: { cmd: x, depends_on: [b] }\nd: { cmd: x, depends_on: [a] }";
    assertThatThrownBy(() -> parse(programs))
        .isInstanceOfSatisfying(ConfigRejected.class, e -> assertThat(e.getMessage()).containsOnlyOnce("in a circle: a -> c -> b -> a"));
  }

  @Test
  void a_service_that_is_always_restarted_never_completes() {
    assertThatThrownBy(() -> parse("a: { cmd: x, autorestart: always }\nb: { cmd: x, depends_on: { a: completed } }"))
        .hasMessageContaining("a never completes: it is started again after every exit; give it type: job");
  }
}
