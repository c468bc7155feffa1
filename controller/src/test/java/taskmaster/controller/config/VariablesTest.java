package taskmaster.controller.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import taskmaster.api.EnvInherit;
import taskmaster.api.InstanceId;
import taskmaster.api.Output;
import taskmaster.api.Placeholders;
import taskmaster.api.Shape;

/** env, env_file, env_inherit, and ${NAME} wherever it may stand. */
class VariablesTest {
  private static final Surroundings SURROUNDINGS =
      new Surroundings(Surroundings.BARE.accounts(), Map.of("STAGE", "test", "EMPTY", "", "HOME", "/daemon", "ODD", "\uFDD0"));
  private static final InstanceId WEB_3 = new InstanceId("web", 3);

  @TempDir Path folder;

  private Config parse(String... lines) throws ConfigRejected {
    String text = "programs:\n  web:\n    " + String.join("\n    ", lines) + "\n";
    file("tm.yaml", text);
    return ConfigFile.parse(Reading.ofDisk(folder.resolve("tm.yaml"), SURROUNDINGS));
  }

  private Shape shape(String... lines) throws ConfigRejected {
    return Objects.requireNonNull(parse(lines).programs().get("web")).shape();
  }

  private String errors(String... lines) {
    try {
      parse(lines);
    } catch (ConfigRejected e) {
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError("accepted: " + List.of(lines));
  }

  private void file(String name, String text) {
    try {
      Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          plain              | plain
          ${STAGE}           | test
          a-${STAGE}-b       | a-test-b
          ${STAGE}${STAGE}   | testtest
          ${NOPE:-standard}  | standard
          ${NOPE:-}          | ~~
          ${EMPTY:-standard} | standard
          ${EMPTY}           | ~~
          ${STAGE:-standard} | test
          $${STAGE}          | ${STAGE}
          $$${STAGE}         | $${STAGE}
          $STAGE             | $STAGE
          $$                 | $$
          ${x%y}             | ${x%y}
          ${STAGE            | ${STAGE
          ${STAGE:-open      | ${STAGE:-open
          ${1}               | ${1}
          ${}                | ${}
          ${program}         | web
          ${index}           | 3
          ${instance}        | web:3
          """)
  void a_text_is_read_so(String text, String meant) throws ConfigRejected {
    Shape shape = shape("cmd: [run, '" + text + "']", "env: { X: '" + text + "' }");
    assertThat(Placeholders.fill(shape.cmd().get(1), WEB_3)).isEqualTo(meant);
    assertThat(Placeholders.fill(shape.env().getOrDefault("X", "?"), WEB_3)).isEqualTo(meant);
  }

  @Test
  void a_command_line_is_split_before() throws ConfigRejected {
    assertThat(shape("cmd: run ${ARGS} 'of ${STAGE}'", "env: { ARGS: a b }").cmd()).containsExactly("run", "a b", "of test");
  }

  @Test
  void paths_differ_by_instance() throws ConfigRejected {
    Shape shape = shape("cmd: run", "workingdir: /srv/${index}", "stdout: logs/${STAGE}-${instance}.log", "stderr: '${program}.err'");
    assertThat(Placeholders.fill(shape.workingdir(), WEB_3)).isEqualTo(Path.of("/srv/3"));
    assertThat(shape.stdout()).isInstanceOfSatisfying(Output.ToFile.class, f ->
        assertThat(Placeholders.fill(f.path(), WEB_3)).isEqualTo(folder.resolve("logs/test-web:3.log")));
    assertThat(shape.stderr()).isEqualTo(new Output.ToFile(folder.resolve("web.err")));
  }

  @Test
  void names_are_looked_up_in_env_then_env_file_then_user_then_the_daemons() throws Exception {
    file("a.env", "A=file\nB=file\nSTAGE=file\n");
    Shape shape = shape("cmd: '${A} ${B} ${HOME} ${STAGE}'", "user: root", "env_file: a.env", "env: { A: env, STAGE: '${STAGE}+' }");
    assertThat(shape.cmd()).containsExactly("env", "file", "/root", "file+");
  }

  @Test
  void later_files_win_and_env_over_all() throws Exception {
    file("a.env", "A=1\nB=1\nC=1\n");
    file("b-test.env", "B=2\nC=2\n");
    Config config = parse("cmd: run", "env_file: [a.env, 'b-${STAGE}.env']", "env: { C: 3 }");
    assertThat(Objects.requireNonNull(config.programs().get("web")).shape().env()).isEqualTo(Map.of("A", "1", "B", "2", "C", "3"));
    assertThat(config.alsoRead()).containsExactly(folder.resolve("a.env"), folder.resolve("b-test.env"));
  }

  @Test
  void what_is_inherited() throws ConfigRejected {
    assertThat(shape("cmd: run").envInherit()).isEqualTo(EnvInherit.ALL);
    assertThat(shape("cmd: run", "env_inherit: true").envInherit()).isEqualTo(EnvInherit.ALL);
    assertThat(shape("cmd: run", "env_inherit: false").envInherit()).isEqualTo(EnvInherit.NONE);
    assertThat(shape("cmd: run", "env_inherit: [LANG, TZ]").envInherit().names()).containsExactly("LANG", "TZ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          cmd: run ${DB_URL}           | :3:10: cmd: ${DB_URL} is set nowhere; write ${DB_URL:-default}, or $${DB_URL} for the text itself
          env: { X: '${DB_URL}' }      | :3:15: env: X: ${DB_URL} is set nowhere
          workingdir: '${NOPE}'        | :3:17: workingdir: ${NOPE} is set nowhere
          env: { X: '${A:-${B}}' }     | env: X: the default of ${A:-…} cannot hold another ${
          env: { X: "\uFDD0" }         | env: X: it holds U+FDD0 or U+FDD1
          env: { X: '${ODD}' }         | env: X: ${ODD} holds U+FDD0 or U+FDD1
          stdout: "a\\x11"             | stdout: a path cannot hold U+0011 or U+0012
          env_inherit: some            | env_inherit: 'some' is neither true nor false
          env_inherit: ['A=B']         | env_inherit: 'A=B' cannot be the name of a variable
          env_file: nope.env           | :3:15: env_file: cannot read FOLDER/nope.env: no such file
          env_file: .                  | env_file: cannot read FOLDER: it is a directory
          env_file: /dev/null          | env_file: cannot read /dev/null: it is not a regular file
          env_file: 'x-${index}.env'   | env_file: it is read once for all instances: no ${index}, no ${instance}
          env_file: [{}]               | env_file must be a single value
          """)
  void what_is_wrong_is_told_with_its_place(String line, String message) {
    String cmd = line.startsWith("cmd") ? "" : "cmd: run";
    assertThat(errors(line, cmd)).contains(message.replace("FOLDER", folder.toString()));
  }

  @Test
  void a_file_of_variables_is_read_as_a_shell_reads_it() throws Exception {
    file(
        "a.env",
        "\uFEFF# a comment\r\n"
            + "\n"
            + "  PLAIN=a b  \r\n"
            + "export EXPORTED=1\n"
            + "EMPTY=\n"
            + "COMMENT=a#b # c\n"
            + "ONLY_COMMENT= # c\n"
            + "SINGLE='a \\n $x \"' # c\n"
            + "DOUBLE=\"a\\n\\\"\\$x\\\\ \\t '\"\n"
            + "LINES='one\n"
            + "two'\n"
            + "EQUALS=a=b\n"
            + "NOT_REPLACED=${STAGE}\n"
            + "LAST=x");
    assertThat(EnvFile.parse(folder.resolve("a.env"), Files.readAllBytes(folder.resolve("a.env"))))
        .isEqualTo(
            Map.ofEntries(
                Map.entry("PLAIN", "a b"),
                Map.entry("EXPORTED", "1"),
                Map.entry("EMPTY", ""),
                Map.entry("COMMENT", "a#b"),
                Map.entry("ONLY_COMMENT", ""),
                Map.entry("SINGLE", "a \\n $x \""),
                Map.entry("DOUBLE", "a\n\"$x\\ \\t '"),
                Map.entry("LINES", "one\ntwo"),
                Map.entry("EQUALS", "a=b"),
                Map.entry("NOT_REPLACED", "${STAGE}"),
                Map.entry("LAST", "x")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          A=1/hunter2           | :2: it is not of the form NAME=value
          A=1/B C=hunter2       | :2: what stands before the = is no name of a variable (letters, digits, _)
          A=1/=hunter2          | :2: what stands before the = is no name of a variable
          A='x/y'/B="hunter2    | :3: a " is not closed
          A=1/B='hunter2        | :2: a ' is not closed
          B='x'hunter2          | :1: more stands after the closing quote
          """)
  void its_mistakes_are_told_by_line_and_without_values(String lines, String message) throws Exception {
    file("a.env", lines.replace('/', '\n'));
    assertThat(errors("cmd: run", "env_file: a.env")).contains(":4:15: env_file: " + folder.resolve("a.env") + message).doesNotContain("hunter2");
  }

  @Test
  void what_is_no_text_or_too_much_is_refused() throws Exception {
    Path file = folder.resolve("a.env");
    assertThatThrownBy(() -> EnvFile.parse(file, new byte[] {'A', '=', 0})).hasMessage("cannot read " + file + ": it holds a NUL, so it is no text");
    assertThatThrownBy(() -> EnvFile.parse(file, new byte[] {'A', '=', (byte) 0xff})).hasMessage("cannot read " + file + ": it is not UTF-8");
    assertThatThrownBy(() -> EnvFile.parse(file, new byte[(1 << 20) + 1])).hasMessage("cannot read " + file + ": it is larger than 1 MiB");
  }

  private Reading reading(String text) {
    file("tm.yaml", text);
    return Reading.ofDisk(folder.resolve("tm.yaml"), SURROUNDINGS);
  }

  @Test
  void a_reader_looks_into_the_other_files_each_time() throws Exception {
    file("a.env", "A=1\n");
    String with = "programs:\n  a: { cmd: sleep 1 }\n  b: { cmd: sleep 2, env_file: a.env }\n";
    String without = "programs:\n  a: { cmd: sleep 1 }\n";
    for (String first : List.of(with, without)) {
      Reading begin = reading(first);
      ConfigReader reader = new ConfigReader(ConfigFile.parse(begin), begin);
      for (String value : List.of("2", "3")) {
        file("a.env", "A=" + value + "\n");
        assertThat(reader.parse(reading(with))).isEqualTo(ConfigFile.parse(reading(with)));
      }
      assertThat(reader.parse(reading(without))).isEqualTo(ConfigFile.parse(reading(without)));
    }
  }

  @Test
  void what_was_kept_of_a_reading_holds_the_variables_too() throws Exception {
    file("a.env", "A=1\n");
    Reading reading = reading("defaults: { env_file: a.env }\nprograms:\n  a: { cmd: 'run ${A}' }\n  b: { cmd: sleep 2 }\n");
    Config config = ConfigFile.parse(reading);
    Files.delete(folder.resolve("a.env"));
    assertThat(ConfigFile.parse(Reading.ofKept(reading.file(), reading.files(), SURROUNDINGS))).isEqualTo(config);
    assertThat(Objects.requireNonNull(config.programs().get("a")).shape().cmd()).containsExactly("run", "1");
  }
}
