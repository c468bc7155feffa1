package taskmaster.controller.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import taskmaster.api.Dependencies;
import taskmaster.api.LogPolicy;
import taskmaster.api.Output;
import taskmaster.api.Probe;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Signal;
import taskmaster.api.Stopping;

/** Several files that are one, what holds for all programs, and programs with a common name. */
class CompositionTest {
  private static final Path MAIN = Path.of("/srv/conf/tm.yaml");
  private static final String ONE = "programs: { %s: { cmd: run } }\n";

  /** Files by their names from the main file's folder on. */
  private final Map<Path, byte[]> files = new LinkedHashMap<>();

  private CompositionTest file(String name, String text) {
    files.put(MAIN.resolveSibling(name), text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  private Config parse() throws ConfigRejected {
    return ConfigFile.parse(Reading.ofKept(MAIN, files));
  }

  private Config parse(String text) throws ConfigRejected {
    return file("tm.yaml", text).parse();
  }

  private static ProgramSpec spec(Config config, String program) {
    return Objects.requireNonNull(config.programs().get(program));
  }

  private String error(String text) {
    file("tm.yaml", text);
    try {
      parse();
    } catch (ConfigRejected e) {
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError("accepted: " + text);
  }

  private List<String> errors(String text) {
    return error(text).lines().filter(line -> line.startsWith("/srv")).toList();
  }

  // ---- include ----

  @Test
  void programs_of_included_files_come_after_those_of_the_file_in_the_order_in_which_they_are_named() throws ConfigRejected {
    file("conf.d/b.yaml", ONE.formatted("b")).file("conf.d/a.yaml", ONE.formatted("a")).file("conf.d/.a.yaml", ONE.formatted("hidden"));
    file("conf.d/a.txt", "no yaml: [").file("last.yaml", ONE.formatted("last"));
    Config config = parse("include: [last.yaml, conf.d/*.yaml]\n" + ONE.formatted("main"));
    assertThat(config.programs().keySet()).containsExactly("main", "last", "a", "b");
    assertThat(config.alsoRead()).contains(Path.of("/srv/conf/last.yaml"), Path.of("/srv/conf/conf.d"), Path.of("/srv/conf/conf.d/a.yaml"));
    assertThat(parse("include: conf.d/a.yaml").programs().keySet()).as("one, and no programs of its own").containsExactly("a");
  }

  @Test
  void includes_are_looked_for_from_the_file_that_names_them_and_paths_start_from_the_main_one() throws ConfigRejected {
    file("sites/one/site.yaml", "include: [../../common.yaml, parts/p.yaml]\nprograms: { one: { cmd: ./run, stdout: out.log } }\n");
    file("sites/two/site.yaml", "include: ../../common.yaml\n" + ONE.formatted("two"));
    file("sites/one/parts/p.yaml", "# nothing yet\n").file("common.yaml", ONE.formatted("common"));
    Config config = parse("include: sites/*/site.yaml\n");
    assertThat(config.programs().keySet()).as("the common one is read once").containsExactly("one", "common", "two");
    assertThat(spec(config, "one").shape().workingdir()).isEqualTo(Path.of("/srv/conf"));
    assertThat(spec(config, "one").shape().stdout()).isEqualTo(new Output.ToFile(Path.of("/srv/conf/out.log")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"include:", "include: []", "include: conf.d/*.yaml", "include: [no/*/such/*.yaml, '?.yaml', '[xyz].yaml', '{x,y}']"})
  void a_pattern_may_fit_nothing(String include) throws ConfigRejected {
    assertThat(parse(include + "\n" + ONE.formatted("main")).programs()).containsOnlyKeys("main");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "include: gone.yaml|tm.yaml:1:10: include: cannot read /srv/conf/gone.yaml: no such file",
    "include: [good.yaml, gone.yaml]|tm.yaml:1:22: include: cannot read /srv/conf/gone.yaml: no such file",
    "include: { a: b }|tm.yaml:1:10: include must be a single value or a list of them, not a mapping",
    "include: [[good.yaml]]|tm.yaml:1:11: include must be a single value or a list of them, not a list",
    "include: ['']|tm.yaml:1:11: include: a path cannot be empty",
    "include: '[abc'|tm.yaml:1:10: include: '[abc' is no pattern: a bracket is not closed; before a character that stands for itself write \\",
    "include: ['conf.d/*.yaml[']|tm.yaml:1:11: include: '*.yaml[' is no pattern: a bracket is not closed",
    "include: '*[]'|include: '*[]' is no pattern: a bracket has nothing in it",
    "include: '*[!]'|include: '*[!]' is no pattern: a bracket has nothing in it",
    "include: '{a,b'|include: '{a,b' is no pattern: a brace is not closed within the name of one file or folder",
    "include: '{a/b,c}'|include: '{a' is no pattern: a brace is not closed within the name of one file or folder",
    "include: '{a,{b}}'|include: '{a,{b}}' is no pattern: braces cannot stand in braces",
    "include: '[z-a]*'|include: '[z-a]*' is no pattern: a range goes backwards or has no beginning",
    "include: 'a\\'|include: 'a\\' is no pattern: nothing follows its last \\",
    "include: \"a\\0*\"|tm.yaml:1:10: include: a path cannot hold a NUL",
    "include: tm.yaml|tm.yaml:1:10: include: it goes in a circle: tm.yaml -> tm.yaml",
    "include: '*.yaml'|tm.yaml:1:10: include: it goes in a circle: tm.yaml -> tm.yaml",
    "include: to/a.yaml|/srv/conf/to/b.yaml:1:10: include: it goes in a circle: to/a.yaml -> to/b.yaml -> to/a.yaml",
    "include: back.yaml|/srv/conf/back.yaml:1:11: include: it goes in a circle: tm.yaml -> back.yaml -> tm.yaml",
    "include: bad.yaml|/srv/conf/bad.yaml:2:15: not YAML:",
    "include: binary.yaml|/srv/conf/binary.yaml: line 1 is not UTF-8",
    "include: word.yaml|/srv/conf/word.yaml:1:1: the file must be a mapping",
    "include: whole.yaml|/srv/conf/whole.yaml:1:1: only the main file, /srv/conf/tm.yaml, says what 'daemon' is",
    "include: whole.yaml|/srv/conf/whole.yaml:2:1: only the main file, /srv/conf/tm.yaml, says what 'alerts' is",
    "include: whole.yaml|/srv/conf/whole.yaml:3:1: only the main file, /srv/conf/tm.yaml, says what 'defaults' is",
    "include: whole.yaml|/srv/conf/whole.yaml:4:1: unknown key 'program' in the file (did you mean programs?)",
    "include: bare.yaml|/srv/conf/bare.yaml:1:1: programs stand under 'programs:'"
  })
  void what_cannot_be_included_is_an_error_with_its_place(String text, String error) {
    file("good.yaml", ONE.formatted("good")).file("conf.d/x.yaml", ONE.formatted("x")).file("to/a.yaml", "include: b.yaml").file("to/b.yaml", "include: [../to/a.yaml]".replace("[", "").replace("]", ""));
    file("back.yaml", "include: [tm.yaml]").file("bad.yaml", "programs:\n  a: { cmd: [ }\n").file("word.yaml", "word");
    file("whole.yaml", "daemon: { tick: 1s }\nalerts:\ndefaults: {}\nprogram: {}\n").file("bare.yaml", "web:\n  cmd: run\n");
    files.put(MAIN.resolveSibling("binary.yaml"), new byte[] {(byte) 0x7f, 'E', (byte) 0xff, 0});
    assertThat(error(text + "\n" + ONE.formatted("main"))).contains(error);
  }

  @Test
  void of_two_ways_to_stop_the_programs_own_wins_over_that_of_the_defaults() throws ConfigRejected {
    String steps = "stop: [ { signal: INT, wait: 1s } ]";
    Config config = parse("defaults: { stoptime: 5s }\nprograms: { own: { cmd: run, " + steps + " }, plain: { cmd: run } }");
    assertThat(spec(config, "own").policy().stopping().steps()).containsExactly(new Stopping.Send(Signal.INT, Duration.ofSeconds(1)));
    assertThat(spec(config, "plain").policy().stopping().steps()).containsExactly(new Stopping.Send(Signal.TERM, Duration.ofSeconds(5)));
    config = parse("defaults: { " + steps + " }\nprograms: { own: { cmd: run, stoptime: 5s }, plain: { cmd: run } }");
    assertThat(spec(config, "own").policy().stopping().steps()).containsExactly(new Stopping.Send(Signal.TERM, Duration.ofSeconds(5)));
    assertThat(spec(config, "plain").policy().stopping().steps()).containsExactly(new Stopping.Send(Signal.INT, Duration.ofSeconds(1)));
    assertThat(error("programs: { own: { cmd: run, stoptime: 5s, " + steps + " } }")).contains("stoptime: 'stop' says it all; give one of the two");
  }

  @Test
  void a_program_or_group_in_two_files_is_an_error_that_names_both_places() {
    file("conf.d/a.yaml", "groups:\n  all_of_it: [web]\nprograms:\n  web: { cmd: run }\n");
    file("conf.d/b.yaml", "programs:\n  api: { cmd: run }\n\n  web: { cmd: walk }\ngroups: { all_of_it: [api] }\n");
    assertThat(errors("include: conf.d/*.yaml\nprograms: { api: { cmd: run } }\n"))
        .containsExactly(
            "/srv/conf/conf.d/b.yaml:2:3: the program 'api' stands in /srv/conf/tm.yaml:2 already; a program stands in one file",
            "/srv/conf/conf.d/b.yaml:4:3: the program 'web' stands in /srv/conf/conf.d/a.yaml:4 already; a program stands in one file",
            "/srv/conf/conf.d/b.yaml:5:11: the group 'all_of_it' stands in /srv/conf/conf.d/a.yaml:2 already; a group stands in one file");
  }

  @Test
  void the_errors_of_all_files_are_told_at_once_each_with_its_own_place() {
    file("b.yaml", "include: gone.yaml\nprograms:\n  b: { cmd: run, umask: 9 }\n").file("a.yaml", "programs:\n  a: { cmd: run, stoptime: soon }\n");
    String said = error("include: [b.yaml, a.yaml]\nprograms:\n  m: { cmd: run, numprocs: x }\ngroups: { g: [a, bb] }\n");
    assertThat(said.lines().filter(l -> l.startsWith("/srv")).map(l -> l.replaceAll("(:[0-9]+:[0-9]+).*", "$1")).toList())
        .containsExactly("/srv/conf/tm.yaml:3:28", "/srv/conf/tm.yaml:4:18", "/srv/conf/b.yaml:1:10", "/srv/conf/b.yaml:3:25", "/srv/conf/a.yaml:2:28");
    assertThat(said).contains("    |   a: { cmd: run, stoptime: soon }\n    |                            ^");
    assertThat(said).contains("groups.g: no such program 'bb' (did you mean a?)".replace("a?", "b?"));
  }

  @Test
  void programs_of_two_files_that_share_a_log_keep_it_by_one_rule() {
    file("a.yaml", "programs:\n  a: { cmd: run, stdout: all.log, log: { backups: 1 } }\n");
    assertThat(errors("include: a.yaml\nprograms: { m: { cmd: run, stdout: all.log } }"))
        .containsExactly("/srv/conf/a.yaml:2:3: programs.m and programs.a share /srv/conf/all.log, so their 'log' must be the same");
  }

  @Test
  void a_default_is_taken_back_by_a_word_for_nothing_and_not_by_leaving_it_out() throws ConfigRejected {
    Config config = parse("""
        defaults: { stoptime: 30s, ready: { tcp: 1 }, log: { backups: 2 }, env: { A: 1 } }
        programs:
          back: { cmd: run, stoptime: ~, ready: null, log: { backups: ~ } }
          out: { cmd: run, stoptime: , ready: , log: { backups: } }
        """);
    assertThat(spec(config, "back").policy()).isEqualTo(spec(parse("programs: { back: { cmd: run } }"), "back").policy());
    assertThat(spec(config, "out").policy().stopping().time()).hasSeconds(30);
    assertThat(spec(config, "out").policy().checks().ready()).isNotNull();
    assertThat(spec(config, "out").policy().log().backups()).isEqualTo(2);
  }

  @Test
  void on_the_disk(@TempDir Path folder) throws Exception {
    Files.createDirectories(folder.resolve("conf.d/a.yaml"));
    Path main = Files.writeString(folder.resolve("tm.yaml"), "include: conf.d/*.yaml");
    assertThat(rejected(main)).contains("tm.yaml:1:10: include: cannot read " + folder + "/conf.d/a.yaml: it is a directory");
    Files.delete(folder.resolve("conf.d/a.yaml"));
    assertThat(new ProcessBuilder("mkfifo", folder.resolve("conf.d/pipe.yaml").toString()).start().waitFor()).isZero();
    assertThat(rejected(main)).contains("conf.d/pipe.yaml: it is not a regular file");
    Files.delete(folder.resolve("conf.d/pipe.yaml"));
    Files.createSymbolicLink(folder.resolve("conf.d/z.yaml"), Path.of("z.yaml"));
    assertThat(rejected(main)).contains("conf.d/z.yaml: Too many levels of symbolic links");
    Files.delete(folder.resolve("conf.d/z.yaml"));
    Files.createSymbolicLink(folder.resolve("conf.d/d"), folder.resolve("conf.d"));
    Files.writeString(folder.resolve("conf.d/a.yaml"), "include: d/a.yaml\n");
    assertThat(rejected(main)).contains("is included over more than 16 files");
    Files.writeString(folder.resolve("conf.d/a.yaml"), ONE.formatted("a"));
    assertThat(ConfigFile.load(main, Surroundings.BARE).programs()).containsOnlyKeys("a");
    Files.writeString(main, "include: tm.yaml/*.yaml\nprograms: {}");
    assertThat(ConfigFile.load(main, Surroundings.BARE).programs()).as("a file has no names in it").isEmpty();
    Files.writeString(main, "include: confd/*.yaml\nprograms: {}");
    assertThat(rejected(main)).contains("tm.yaml:1:10: include: there is no folder " + folder + "/confd; make it, or mend the pattern");
  }

  private static String rejected(Path main) {
    try {
      return "accepted: " + ConfigFile.load(main, Surroundings.BARE);
    } catch (ConfigRejected e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void a_reading_is_outdated_once_any_file_or_folder_has_changed(@TempDir Path folder) throws Exception {
    Path conf = Files.createDirectory(folder.resolve("conf.d"));
    Path main = Files.writeString(folder.resolve("tm.yaml"), "include: [gone.yaml, conf.d/*.yaml]\nprograms: {}\n");
    Path included = Files.writeString(conf.resolve("a.yaml"), ONE.formatted("a"));
    for (Path path : List.of(main, included, conf)) {
      Reading reading = reading(main);
      assertThat(reading.isOutdated()).isFalse();
      Files.setLastModifiedTime(path, FileTime.fromMillis(Files.getLastModifiedTime(path).toMillis() - 5000));
      assertThat(reading.isOutdated()).as("%s", path).isTrue();
    }
    Reading reading = reading(main);
    Files.writeString(folder.resolve("gone.yaml"), "");
    assertThat(reading.isOutdated()).as("what was missing is there").isTrue();
  }

  private static Reading reading(Path main) throws IOException {
    Reading reading = Reading.ofDisk(main);
    try {
      ConfigFile.parse(reading);
      throw new IOException("accepted");
    } catch (ConfigRejected goneIsGone) {
      return reading;
    }
  }

  // ---- defaults ----

  @Test
  void defaults_hold_for_every_program_that_does_not_say_the_key_itself() throws ConfigRejected {
    file("conf.d/in.yaml", "programs: { included: { cmd: run, numprocs: } }");
    Config config =
        parse(
            """
            include: conf.d/*.yaml
            defaults:
              numprocs: 2
              stoptime: 3s
              exitcodes: [0, 7]
              env: { A: 1, B: 2, C: 3 }
              log: { backups: 3, format: json }
              backoff: { initial: 5s, max: 20s }
            programs:
              plain: { cmd: run }
              own:
                cmd: run
                numprocs: 1
                exitcodes: 1
                env: { B: own, C: , D: 4 }
                log: { format: raw, backups: }
                backoff: { max: 30s }
            """);
    for (String name : List.of("plain", "included")) {
      assertThat(spec(config, name).policy().numprocs()).as(name).isEqualTo(2);
      assertThat(spec(config, name).policy().log().format()).isEqualTo(LogPolicy.Format.JSON);
      assertThat(spec(config, name).shape().env()).isEqualTo(Map.of("A", "1", "B", "2", "C", "3"));
    }
    ProgramSpec own = spec(config, "own");
    assertThat(own.policy().numprocs()).isEqualTo(1);
    assertThat(own.policy().stopping().time()).isEqualTo(Duration.ofSeconds(3));
    assertThat(own.policy().exitcodes()).as("a list is not added to").containsExactly(1);
    assertThat(own.shape().env()).isEqualTo(Map.of("A", "1", "B", "own", "C", "", "D", "4"));
    assertThat(own.policy().log().format()).isEqualTo(LogPolicy.Format.RAW);
    assertThat(own.policy().log().backups()).isEqualTo(3);
    assertThat(own.policy().backoff().initial()).isEqualTo(Duration.ofSeconds(5));
    assertThat(own.policy().backoff().max()).isEqualTo(Duration.ofSeconds(30));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "defaults: { stoptime: soon }|1:23: stoptime: 'soon' is not a duration",
    "defaults: { log: { rotate: daily } }|1:20: unknown key 'rotate' in defaults.log",
    "defaults: { log: 3 }|1:18: defaults.log must be a mapping",
    "defaults: { startsecs: 3 }|1:13: unknown key 'startsecs' in defaults (here it is: starttime)",
    "defaults: { cmd: run }|1:13: cmd has no default: each program says its own",
    "defaults: [umask]|1:11: defaults must be a mapping",
    "defaults: { umask: 7, umask: 0 }|1:23: 'umask' stands twice in defaults (first in line 1)",
    "defaults: { exitcodes: [0, x] }|1:28: exitcodes: 'x' is not a whole number"
  })
  void an_error_in_a_default_is_told_once_with_its_place_whoever_takes_it(String defaults, String error) {
    String some = "programs:\n  a: { cmd: run }\n  b: { cmd: run, log: { backups: 2 } }\n  c: { cmd: run, stoptime: 1 }\n";
    assertThat(errors(defaults + "\n" + some)).filteredOn(l -> l.contains("/tm.yaml:1:")).as("three programs").first().asString().startsWith("/srv/conf/tm.yaml:" + error);
    assertThat(errors(defaults + "\n" + some)).filteredOn(l -> l.contains(error)).hasSize(1);
    assertThat(errors(defaults + "\nprograms: {}")).as("no program").filteredOn(l -> l.contains(error)).hasSize(1);
    assertThat(errors(defaults + "\nprograms: { own: { cmd: run, stoptime: 1, umask: 0, exitcodes: 0, log: { backups: 1 } } }"))
        .as("one that says it itself")
        .filteredOn(l -> l.contains(error))
        .hasSize(1);
  }

  @Test
  void what_a_program_says_by_another_key_displaces_a_default() throws ConfigRejected {
    String defaults = "defaults: { stoptime: 7s, stopsignal: INT, ready: { http: { url: 'http://x/' }, timeout: 2s }, health: { tcp: 80 } }\n";
    Config config =
        parse(defaults + "programs:\n  a: { cmd: run, stop: [ { signal: HUP, wait: 1s } ], ready: { tcp: 81 } }\n  b: { cmd: run, ready: { http: { port: 82 } } }\n");
    assertThat(spec(config, "a").policy().stopping().steps()).containsExactly(new Stopping.Send(Signal.HUP, Duration.ofSeconds(1)));
    assertThat(Objects.requireNonNull(spec(config, "a").policy().checks().ready()).probe()).isEqualTo(new Probe.Tcp("127.0.0.1", "81"));
    assertThat(Objects.requireNonNull(spec(config, "a").policy().checks().ready()).timeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(Objects.requireNonNull(spec(config, "b").policy().checks().ready()).probe().toString()).contains("http://127.0.0.1:82/");
    assertThat(spec(config, "b").policy().stopping().steps()).containsExactly(new Stopping.Send(Signal.INT, Duration.ofSeconds(7)));
    Config steps = parse("defaults: { stop: [ { signal: HUP } ] }\nprograms: { a: { cmd: run, stoptime: 3s }, b: { cmd: run } }");
    assertThat(spec(steps, "a").policy().stopping().steps()).containsExactly(new Stopping.Send(Signal.TERM, Duration.ofSeconds(3)));
    assertThat(spec(steps, "b").policy().stopping().firstSignal()).isEqualTo(Signal.HUP);
  }

  @Test
  void a_default_that_only_one_program_cannot_have_is_told_with_its_name() {
    assertThat(errors("defaults: { autorestart: always }\nprograms: { web: { cmd: run }, migrate: { cmd: run, type: job }, clean: { cmd: run, type: job } }"))
        .containsExactly(
            "/srv/conf/tm.yaml:1:26: autorestart: a job ends when it has completed; write unexpected or never (in programs.migrate)",
            "/srv/conf/tm.yaml:1:26: autorestart: a job ends when it has completed; write unexpected or never (in programs.clean)");
  }

  @Test
  void a_default_may_speak_of_what_only_programs_know() throws ConfigRejected {
    String defaults = "defaults: { env_file: '${program}.env', workingdir: '/srv/${PLACE}', depends_on: [db] }\n";
    file("db.env", "PLACE=there\n").file("web.env", "PLACE=here\n");
    Config config = parse(defaults + "programs: { web: { cmd: run }, db: { cmd: run, depends_on: [] } }");
    assertThat(spec(config, "web").shape().workingdir()).isEqualTo(Path.of("/srv/here"));
    assertThat(spec(config, "db").shape().workingdir()).isEqualTo(Path.of("/srv/there"));
    file("web.env", "");
    assertThat(errors(defaults + "programs: { web: { cmd: run }, db: { cmd: run, depends_on: [] } }"))
        .singleElement().asString().startsWith("/srv/conf/tm.yaml:1:53: workingdir: ${PLACE} is set nowhere");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "[dbb]|no such program 'dbb' (did you mean db?)",
    "{ dbb: started }|no such program 'dbb' (did you mean db?)",
    "[job]|job is a job, which is never ready; write job: completed",
    "{ db: completed }|db never completes: it is started again after every exit; give it type: job"
  })
  void a_default_that_names_a_wrong_dependency_is_told_once_where_it_stands(String dependsOn, String error) {
    String programs =
        "programs:\n  db: { cmd: run, depends_on: ~, autorestart: always }\n  job: { cmd: run, type: job, depends_on: ~ }\n  a: { cmd: run }\n  b: { cmd: run }\n";
    assertThat(errors("defaults:\n  umask: 0\n  depends_on: " + dependsOn + "\n" + programs))
        .containsExactly("/srv/conf/tm.yaml:3:3: defaults.depends_on: " + error);
    assertThat(errors("defaults:\n  depends_on: " + dependsOn + "\n" + programs.replace("a: { cmd: run }", "a: { cmd: run, depends_on: [job] }")))
        .as("a program's own stays at the program")
        .containsExactly("/srv/conf/tm.yaml:2:3: defaults.depends_on: " + error, "/srv/conf/tm.yaml:6:18: programs.a.depends_on: job is a job, which is never ready; write job: completed");
  }

  @Test
  void of_dependencies_that_are_merged_each_is_told_where_it_stands() {
    String defaults = "defaults: { depends_on: { dbb: ready } }\n";
    assertThat(errors(defaults + "programs: { db: { cmd: run, depends_on: ~ }, a: { cmd: run, depends_on: { nope: ready } }, b: { cmd: run, depends_on: { db: } } }"))
        .containsExactly(
            "/srv/conf/tm.yaml:1:13: defaults.depends_on: no such program 'dbb' (did you mean db?)",
            "/srv/conf/tm.yaml:2:61: programs.a.depends_on: no such program 'nope'");
  }

  @Test
  void what_all_depend_on_has_to_take_the_default_back_for_itself() throws ConfigRejected {
    String defaults = "defaults: { depends_on: [db, cache] }\n";
    assertThat(errors(defaults + "programs: { db: { cmd: run }, cache: { cmd: run }, a: { cmd: run }, b: { cmd: run } }"))
        .as("and no circle beside that")
        .containsExactly(
            "/srv/conf/tm.yaml:1:13: defaults.depends_on: db depends on itself; write depends_on: ~ in programs.db",
            "/srv/conf/tm.yaml:1:13: defaults.depends_on: cache depends on itself; write depends_on: ~ in programs.cache");
    assertThat(dependencies(parse(defaults + "programs: { db: { cmd: run, depends_on: ~ }, cache: { cmd: run, depends_on: ~ }, a: { cmd: run } }")))
        .isEqualTo(Map.of("db", Set.of(), "cache", Set.of(), "a", Set.of("db", "cache")));
  }

  @Test
  void of_a_mapping_of_dependencies_one_can_be_taken_back() throws ConfigRejected {
    String defaults = "defaults: { depends_on: { db: ready } }\n";
    String init = ", init: { cmd: run, type: job, depends_on: ~ } }";
    assertThat(errors(defaults + "programs: { db: { cmd: run, depends_on: { init: completed } }" + init))
        .containsExactly("/srv/conf/tm.yaml:1:13: defaults.depends_on: db depends on itself; write db: ~ in programs.db.depends_on");
    assertThat(dependencies(parse(defaults + "programs: { db: { cmd: run, depends_on: { init: completed, db: ~ } }" + init)))
        .isEqualTo(Map.of("db", Set.of("init"), "init", Set.of()));
  }

  @Test
  void a_circle_over_a_default_is_told_there_with_the_programs_that_can_leave_it() {
    assertThat(errors("defaults: { depends_on: [db] }\nprograms: { a: { cmd: run }, db: { cmd: run, depends_on: { init: started } }, init: { cmd: run }, b: { cmd: run } }"))
        .containsExactly("/srv/conf/tm.yaml:1:13: depends_on goes in a circle: db -> init -> db; write depends_on: ~ in programs.init");
  }

  private static Map<String, Set<String>> dependencies(Config config) {
    return config.programs().values().stream()
        .collect(Collectors.toMap(ProgramSpec::name, spec -> spec.policy().dependencies().conditions().keySet()));
  }

  @Test
  void on_dependency_restart_as_a_default_is_for_those_that_depend_on_something() throws ConfigRejected {
    String programs = "programs: { db: { cmd: run }, web: { cmd: run, depends_on: [db] } }";
    Config config = parse("defaults: { on_dependency_restart: restart }\n" + programs);
    assertThat(spec(config, "web").policy().dependencies().restartsWith()).isTrue();
    assertThat(spec(config, "db").policy().dependencies()).isEqualTo(Dependencies.NONE);
    assertThat(errors("programs: { db: { cmd: run, on_dependency_restart: restart } }"))
        .containsExactly("/srv/conf/tm.yaml:1:52: on_dependency_restart: it depends on nothing");
    assertThat(errors("defaults: { on_dependency_restart: again }\n" + programs))
        .containsExactly("/srv/conf/tm.yaml:1:36: on_dependency_restart: 'again' is neither restart nor nothing");
  }

  @Test
  void aliases_in_defaults_cannot_explode() {
    assertThat(error("defaults: &d { env: *d, log: *d }\nprograms: { web: &w { cmd: run, env: *w, log: *w } }")).contains("tm.yaml:");
    StringBuilder both = new StringBuilder("defaults:\n  env: &d0 { a: 1 }\n");
    for (int i = 1; i < 18; i++) both.append("  x%d: &d%d { a: *d%d, b: *d%d }\n".formatted(i, i, i - 1, i - 1));
    both.append("  log: *d17\nprograms:\n  w0: &w0 { a: 1 }\n");
    for (int i = 1; i < 18; i++) both.append("  w%d: &w%d { a: *w%d, b: *w%d }\n".formatted(i, i, i - 1, i - 1));
    assertThat(error(both + "  web: { cmd: run, log: *w17 }\n")).contains("aliases are merged into the defaults too often");
  }

  // ---- groups ----

  @Test
  void groups_name_programs_of_all_files() throws ConfigRejected {
    file("conf.d/a.yaml", "groups: { mixed: [a, main] }\n" + ONE.formatted("a"));
    Config config = parse("include: conf.d/a.yaml\ngroups:\n  1st: a\n  main: [main]\n" + ONE.formatted("main"));
    assertThat(config.groups()).isEqualTo(Map.of("1st", List.of("a"), "main", List.of("main"), "mixed", List.of("a", "main")));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "g: []|1:11: the group 'g' is empty: name its programs, or remove it",
    "g: |1:11: the group 'g' is empty",
    "g: [web, wbe]|1:20: groups.g: no such program 'wbe' (did you mean web?)",
    "g: wbe|1:14: groups.g: no such program 'wbe' (did you mean web?)",
    "g: ['web:0']|1:15: groups.g: no such program 'web:0'",
    "g: [~]|1:15: groups.g: no such program '~'",
    "g: [web, web]|1:20: groups.g: 'web' stands twice",
    "g: [[web]]|1:15: groups.g must be a single value or a list of them, not a list",
    "g: { web: 1 }|1:14: groups.g must be a single value or a list of them, not a mapping",
    "1: [web]|1:11: '1' cannot be a group's name",
    "all: [web]|1:11: 'all' cannot be a group's name",
    "a b: [web]|1:11: 'a b' cannot be a group's name",
    "g: [web], g: [web]|1:21: 'g' stands twice in groups (first in line 1)"
  })
  void what_cannot_be_a_group_is_an_error(String group, String error) {
    assertThat(errors("groups: { " + group + " }\n" + ONE.formatted("web"))).singleElement().asString().startsWith("/srv/conf/tm.yaml:" + error);
  }

  @Test
  void what_is_empty_is_told_also_beside_another_error_of_its_line() {
    assertThat(errors("groups: { e: [], g: [wbe], all: [] }\n" + ONE.formatted("web")))
        .containsExactly(
            "/srv/conf/tm.yaml:1:11: the group 'e' is empty: name its programs, or remove it",
            "/srv/conf/tm.yaml:1:22: groups.g: no such program 'wbe' (did you mean web?)",
            "/srv/conf/tm.yaml:1:28: 'all' cannot be a group's name: use letters, digits, '.', '_' and '-', not digits alone, not 'all'",
            "/srv/conf/tm.yaml:1:28: the group 'all' is empty: name its programs, or remove it");
    assertThat(errors("programs: { a: { umask: 9, cmd: '' }, b: { umask: 9, cmd: [] }, c: { cmd: ['', x] }, d: { cmd: [[x]] }, e: { cmd: '\"' } }"))
        .extracting(l -> l.replaceAll("^.*:1:", ""))
        .containsExactly(
            "25: umask: '9' is not an octal number from 0 to 777",
            "33: cmd: it names no program",
            "51: umask: '9' is not an octal number from 0 to 777",
            "59: cmd: it names no program",
            "75: cmd: it names no program",
            "97: cmd must be a single value, not a list",
            "115: cmd: a \" is not closed");
  }

  @Test
  void a_program_with_an_error_of_its_own_is_one_of_a_group_all_the_same() {
    assertThat(errors("groups: { g: [web] }\nprograms: { web: { numprocs: 1 } }")).containsExactly("/srv/conf/tm.yaml:2:13: programs.web has no cmd");
    assertThat(errors("groups: [web]\nprograms: { web: { cmd: x } }")).containsExactly("/srv/conf/tm.yaml:1:9: groups must be a mapping (key: value), not a list");
  }
}
