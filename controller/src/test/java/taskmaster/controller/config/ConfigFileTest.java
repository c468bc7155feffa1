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
import org.junit.jupiter.params.provider.ValueSource;
import taskmaster.api.AutoRestart;
import taskmaster.api.LogPolicy;
import taskmaster.api.Output;
import taskmaster.api.Policy;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Signal;
import taskmaster.api.Target;

class ConfigFileTest {
  private static final Path FILE = Path.of("/srv/conf/taskmaster.yaml");

  private static Config parse(String text) throws ConfigRejected {
    return ConfigFile.parse(FILE, text.getBytes(StandardCharsets.UTF_8));
  }

  private static ProgramSpec web(String... lines) throws ConfigRejected {
    String body = String.join("\n    ", lines);
    ProgramSpec spec = parse("programs:\n  web:\n    cmd: run\n    " + body + "\n").programs().get("web");
    if (spec == null) throw new AssertionError("no web");
    return spec;
  }

  private static String errors(String text) {
    try {
      parse(text);
    } catch (ConfigRejected e) {
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError("accepted: " + text);
  }

  @Test
  void more_than_fits_beside_a_daemon_is_refused_before_it_is_made() {
    assertThat(errors("programs: [" + "a,".repeat(1_000_000) + "]\n")).contains("it has more than 300000 keys, values and lists");
  }

  @Test
  void a_word_of_megabytes_is_as_quick_to_read_as_many_words() throws ConfigRejected {
    String word = "x".repeat(5_000_000); // with the library's own reader a matter of minutes
    assertThat(web("env: { A: " + word + " }").shape().env()).containsEntry("A", word);
  }

  @Test
  void only_nothing_is_nothing() throws ConfigRejected {
    for (String nothing : List.of("", "~", "null", "Null", "NULL", "# none")) {
      assertThat(web("numprocs: " + nothing).policy().numprocs()).as(nothing).isEqualTo(1);
    }
    for (String word : List.of("'~'", "\"null\"", "nUll", "''", "!!str null")) {
      assertThat(errors("programs: { web: { cmd: x, numprocs: " + word + " } }\n")).as(word).contains("is not a whole number");
    }
    assertThat(web("env: { A: 2026-11-23, B: 0x1F, C: yes, D: 1_000, E: =, F: '<<' }").shape().env())
        .isEqualTo(Map.of("A", "2026-11-23", "B", "0x1F", "C", "yes", "D", "1_000", "E", "=", "F", "<<"));
  }

  @Test
  void signals_are_forwarded_to_targets_that_are_there() throws ConfigRejected {
    Config config =
        parse("daemon: { forward: { SIGUSR2: web, hup: ['group:g', 'web:0'], WINCH: ~, USR1: [] } }\nprograms: { web: { cmd: x } }\ngroups: { g: [web] }\n");
    assertThat(config.daemon().forward())
        .containsOnlyKeys(Signal.HUP, Signal.of(10), Signal.of(12))
        .containsEntry(Signal.HUP, List.of(Target.parse("group:g"), Target.parse("web:0")));
    assertThat(errors("daemon:\n  forward:\n    USR2: wbe\n    HUP: [group:h, all]\n    TERM: web\n    USR1: web:1\nprograms: { web: { cmd: x } }\n"))
        .contains(
            ":3:11: daemon.forward.USR2: no such program 'wbe' (did you mean web?)",
            ":4:10: daemon.forward.HUP: no such group 'h'",
            ":5:5: daemon.forward: 'TERM' cannot be forwarded; HUP, USR1, USR2, WINCH can",
            ":6:11: daemon.forward.USR1: no such instance 'web:1': numprocs is 1");
  }

  @Test
  void the_defaults() throws ConfigRejected {
    ProgramSpec web = web("");
    Policy p = web.policy();
    assertThat(p.numprocs()).isEqualTo(1);
    assertThat(p.autostart()).isTrue();
    assertThat(p.autorestart()).isEqualTo(AutoRestart.UNEXPECTED);
    assertThat(p.exitcodes()).containsExactly(0);
    assertThat(p.starttime()).isEqualTo(Duration.ofSeconds(1));
    assertThat(p.startretries()).isEqualTo(3);
    assertThat(p.stopping().firstSignal()).isEqualTo(Signal.TERM);
    assertThat(p.stopping().time()).isEqualTo(Duration.ofSeconds(10));
    assertThat(p.stopping().group()).isTrue();
    assertThat(web.shape().workingdir()).isEqualTo(Path.of("/srv/conf"));
    assertThat(web.shape().stdout()).isEqualTo(new Output.PerInstance(Path.of("/srv/conf/logs")));
    Config config = parse("programs: {}");
    assertThat(config.daemon().socket()).isEqualTo(Path.of("/tmp/taskmaster.sock"));
    assertThat(config.daemon().pidfile()).isEqualTo(Path.of("/tmp/taskmaster_daemon.pid"));
    assertThat(config.daemon().logfile()).isEqualTo(Path.of("/srv/conf/logs/daemon.log"));
    assertThat(config.alerts().file()).isEqualTo(Path.of("/srv/conf/logs/alerts.log"));
    assertThat(config.alerts().webhook()).isNull();
  }

  @Test
  void files_as_the_exercises_users_write_them_load_as_they_are() throws ConfigRejected {
    ProgramSpec web =
        web("env:", "umask: 022", "exitcodes: 0", "stopsignal: USR1", "autorestart: true", "starttime: 5", "stoptime: 0.5");
    assertThat(web.shape().env()).isEmpty();
    assertThat(web.shape().umask()).isEqualTo(022);
    assertThat(web.policy().stopping().firstSignal().name()).isEqualTo("USR1");
    assertThat(web.policy().autorestart()).isEqualTo(AutoRestart.ALWAYS);
    assertThat(web.policy().stopping().time()).isEqualTo(Duration.ofMillis(500));
    assertThat(web("env: { ANSWER: 42, YES: yes, EMPTY: , OCTAL: 022 }").shape().env())
        .isEqualTo(Map.of("ANSWER", "42", "YES", "yes", "EMPTY", "", "OCTAL", "022"));
  }

  @ParameterizedTest
  @CsvSource({"022,18", "'\"022\"',18", "22,18", "0o22,18", "77,63", "0,0"})
  void a_umask_is_octal_however_it_is_written(String text, int value) throws ConfigRejected {
    assertThat(web("umask: " + text).shape().umask()).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "SIGTERM", "sigterm", "15"})
  void a_signal_has_three_names(String text) throws ConfigRejected {
    assertThat(web("stopsignal: " + text).policy().stopping().firstSignal()).isEqualTo(Signal.TERM);
  }

  @Test
  void a_cmd_is_split_as_a_shell_splits_and_a_list_is_exact() throws ConfigRejected {
    assertThat(ShellWords.split("/usr/bin/nginx -g 'daemon off;' \"a \\\"b\\\" $c\" d\\ e ''"))
        .containsExactly("/usr/bin/nginx", "-g", "daemon off;", "a \"b\" $c", "d e", "");
    ProgramSpec exact = parse("programs: { web: { cmd: [echo, 'a b', '*'] } }").programs().get("web");
    assertThat(exact).isNotNull();
    assertThat(java.util.Objects.requireNonNull(exact).shape().cmd()).containsExactly("echo", "a b", "*");
    assertThatThrownBy(() -> ShellWords.split("echo 'oops")).hasMessage("a ' is not closed");
  }

  @Test
  void everything_that_is_wrong_is_told_at_once_with_its_place() {
    String text =
        """
        programs:
          web:
            command: run
            startsecs: 3
            numprocs: many
            stopsignal: TREM
            umask: 999
            exitcodes: [0, 300]
            stoptime: -3
            env: [a]
          all:
            cmd: x
        deamon:
          tick: 1s
        """;
    assertThat(errors(text).lines().filter(l -> l.startsWith("/srv")).toList())
        .containsExactly(
            "/srv/conf/taskmaster.yaml:2:3: programs.web has no cmd",
            "/srv/conf/taskmaster.yaml:3:5: unknown key 'command' in programs.web (here it is: cmd)",
            "/srv/conf/taskmaster.yaml:4:5: unknown key 'startsecs' in programs.web (here it is: starttime)",
            "/srv/conf/taskmaster.yaml:5:15: numprocs: 'many' is not a whole number",
            "/srv/conf/taskmaster.yaml:6:17: stopsignal: 'TREM' is no signal (did you mean TERM?)",
            "/srv/conf/taskmaster.yaml:7:12: umask: '999' is not an octal number from 0 to 777",
            "/srv/conf/taskmaster.yaml:8:20: exitcodes: 300 is not in 0 to 255",
            "/srv/conf/taskmaster.yaml:9:15: stoptime: '-3' is not a duration: write 10, 1.5s, 200ms, 5m, 2h or 7d",
            "/srv/conf/taskmaster.yaml:10:10: programs.web.env must be a mapping (key: value), not a list",
            "/srv/conf/taskmaster.yaml:11:3: 'all' cannot be a program's name: 'all' means all programs",
            "/srv/conf/taskmaster.yaml:13:1: unknown key 'deamon' in the file (did you mean daemon?)");
    assertThat(errors(text)).contains("    |     numprocs: many\n    |               ^");
  }

  @Test
  void a_key_that_stands_twice_is_an_error() {
    assertThat(errors("programs:\n  a: { cmd: x }\n  a: { cmd: y }\n"))
        .contains("taskmaster.yaml:3:3: 'a' stands twice in programs (first in line 2)");
  }

  @Test
  void programs_at_the_top_level_get_an_error_that_shows_the_mend() {
    assertThat(errors("fast_ok:\n  cmd: sleep 1\n")).contains("programs stand under 'programs:'").contains("programs:\n  fast_ok:\n    cmd: …");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   \n", "# only a comment\n", "---\n", "~"})
  void an_empty_file_says_what_it_needs(String text) {
    assertThat(errors(text)).contains("the file is empty");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"programs: [", "programs:\n\t- x", "a: b: c", "programs: web", "- 1", "programs: { web: 3 }", "programs: *nope", "%YAML 9", "\"", "{}{}", "a: &a [*a]"})
  void malformed_files_are_refused_with_a_sentence(String text) {
    assertThat(errors(text)).startsWith("/srv/conf/taskmaster.yaml").doesNotContain("Exception");
  }

  @Test
  void bytes_that_are_no_text_are_refused() {
    assertThatThrownBy(() -> ConfigFile.parse(FILE, new byte[] {'a', '\n', (byte) 0xff, (byte) 0xfe}))
        .isInstanceOf(ConfigRejected.class)
        .hasMessageContaining("line 2 is not UTF-8");
  }

  @Test
  void merge_keys_are_followed_and_aliases_cannot_explode() throws ConfigRejected {
    Config config =
        parse("programs:\n  a: &a { cmd: run, numprocs: 2 }\n  b:\n    <<: *a\n    numprocs: 3\n");
    assertThat(java.util.Objects.requireNonNull(config.programs().get("b")).policy().numprocs()).isEqualTo(3);
    StringBuilder bomb = new StringBuilder("programs:\n  p0: &p0 { cmd: x }\n");
    for (int i = 1; i < 40; i++) {
      bomb.append("  p%d: &p%d { <<: [*p%d, *p%d], cmd: x }\n".formatted(i, i, i - 1, i - 1));
    }
    assertThat(errors(bomb.toString())).contains("aliases are merged into each other too often");
    assertThat(errors("programs:\n  a: &a { <<: *a, cmd: x }\n")).contains("taskmaster.yaml:");
  }

  @Test
  void a_webhook_needs_a_url() {
    assertThat(errors("programs: {}\nalerts: { webhook: { timeout: 3 } }")).contains("alerts.webhook has no url");
    assertThat(errors("programs: {}\nalerts: { webhook: { url: 'ftp://x' } }")).contains("is not a http:// or https:// URL");
  }

  @Test
  void outputs() throws ConfigRejected {
    assertThat(web("stdout: out/web.log", "stderr: stdout").shape().stdout()).isEqualTo(new Output.ToFile(Path.of("/srv/conf/out/web.log")));
    assertThat(web("stdout: out/web.log", "stderr: stdout").shape().stderr()).isEqualTo(new Output.WithStdout());
    assertThat(web("stdout: discard").shape().stdout()).isEqualTo(new Output.Discard());
    assertThat(web("stdout: inherit").shape().stdout()).isEqualTo(new Output.Inherit());
    assertThat(List.of(web("stdout:").shape().stdout())).containsExactly(new Output.PerInstance(Path.of("/srv/conf/logs")));
  }

  @Test
  void how_output_is_kept() throws ConfigRejected {
    assertThat(web("").policy().log()).isEqualTo(LogPolicy.DEFAULT);
    assertThat(web("log: { max_bytes: 1GB, backups: 3, compress: gzip, max_age: 7d, format: json, overflow: block }").policy().log())
        .isEqualTo(new LogPolicy(1L << 30, 3, LogPolicy.Compress.GZIP, Duration.ofDays(7), LogPolicy.Format.JSON, LogPolicy.Overflow.BLOCK));
    assertThat(web("log: { max_bytes: 0 }").policy().log().maxBytes()).isZero();
    assertThat(web("log: { max_bytes: 500 KB }").policy().log().maxBytes()).isEqualTo(500 * 1024);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "max_bytes: 10|10 is less than 1KB",
    "max_bytes: many|'many' is not a size",
    "max_bytes: -1|'-1' is not a size",
    "max_bytes: 9999999999GB|is too large",
    "compress: zip|'zip' is none of none, gzip",
    "format: xml|'xml' is none of raw, timestamped, json",
    "overflow: maybe|'maybe' is none of block, drop",
    "backups: 5000|5000 is not in 0 to 1000",
    "rotate: daily|unknown key 'rotate'"
  })
  void what_cannot_be_kept_is_an_error(String log, String error) {
    assertThat(errors("programs: { web: { cmd: x, log: { " + log + " } } }")).contains(error);
  }

  @Test
  void programs_that_share_a_log_keep_it_by_one_rule() throws ConfigRejected {
    String same = "programs:\n  a: { cmd: x, stdout: all.log, log: { backups: 2 } }\n  b: { cmd: x, stderr: all.log, log: { backups: %s } }\n";
    assertThat(parse(same.formatted("2")).programs()).hasSize(2);
    assertThat(errors(same.formatted("3")))
        .contains("taskmaster.yaml:3:3: programs.a and programs.b share /srv/conf/all.log, so their 'log' must be the same");
  }

  @Test
  void so_do_those_whose_instances_share_one() throws ConfigRejected {
    String both = "programs:\n  a: { cmd: x, numprocs: 3, stdout: 'x-${index}.log', log: { backups: 2 } }\n  b: { cmd: x, stdout: %s, log: { backups: 3 } }\n";
    assertThat(errors(both.formatted("x-2.log"))).contains("programs.a and programs.b share /srv/conf/x-2.log, so their 'log' must be the same");
    assertThat(parse(both.formatted("x-3.log")).programs()).hasSize(2);
    String usual = "daemon: { logfile: /logs/d.log }\nprograms:\n  a: { cmd: x, log: { backups: 2 } }\n  b: { cmd: x, stderr: /logs/a-0.stdout.log, log: { backups: %s } }\n";
    assertThat(errors(usual.formatted("3"))).contains("programs.b and programs.a share /logs/a-0.stdout.log");
    assertThat(parse(usual.formatted("2")).programs()).hasSize(2);
  }

  @Test
  void no_program_writes_into_the_daemons_own_files() {
    assertThat(errors("programs: { web: { cmd: x, stdout: logs/daemon.log } }")).contains("/srv/conf/logs/daemon.log is written by the daemon itself");
    assertThat(errors("programs: { web: { cmd: x, stderr: logs/alerts.log } }")).contains("/srv/conf/logs/alerts.log is written by the daemon itself");
  }
}
