package taskmaster.controller.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import taskmaster.api.ProgramSpec;

class ConfigReaderTest {
  private static final Path FILE = Path.of("/srv/tm.yaml");

  /** What may stand in a file: plain, odd, and what looks like an entry and is none. %s is a name. */
  private static final List<String> ENTRIES =
      List.of(
          "  %s: { cmd: sleep 1 }\n",
          "  %s:\n    cmd: sleep 2\n    numprocs: 2\n",
          "  # about it\n\n  %s: # here\n    cmd: [sleep, '3']\n# at the margin\n",
          "  %s:\n    cmd: |\n      echo a\n  \n",
          "  %s: { cmd: \"sleep\n  b: 4\" }\n",
          "  %s: { cmd: sleep 5,\n  stdout: discard }\n",
          "  \"%s\": { cmd: sleep 6 }\n",
          "  ? %s\n  : { cmd: sleep 7 }\n",
          "  %s: &an { cmd: sleep 8 }\n",
          "  %s: *an\n",
          "  %s: { <<: *an, numprocs: 3 }\n",
          "  %s: { cmd: sleep 8, env: {\"X\":&v \"1\"} }\n",
          "  %s: { cmd: sleep 8, env: {\"X\":*v} }\n",
          "  %s: { cmd: sleep 8 }\rdaemon: { tick: 3s }\n",
          "  %s: { cmd: sleep 9, stdout: /tmp/shared.log }\n",
          "  %s: { cmd: sleep 10, stdout: /tmp/shared.log, log: { backups: 1 } }\n",
          "  %s: { cmd: sleep 11, stdout: logs/alerts.log }\n",
          "  %s: { cmd: [sleep }\n",
          "  %s: { cmd: sleep 17, depends_on: [p1] }\n",
          "  %s: { cmd: sleep 18, depends_on: { p2: completed, p3: started } }\n",
          "  %s: { cmd: sleep 19, type: job }\n",
          "  %s: { cmd: sleep 20, autorestart: always, ready: { tcp: 80 } }\n",
          "  %s: { cmd: sleep 12, colour: red }\n",
          "  %s:\n",
          "   %s: { cmd: sleep 13 }\n",
          " %s: { cmd: sleep 14 }\n",
          "%s: { cmd: sleep 15 }\n",
          "  %s:\n\t  cmd: sleep 16\n",
          "  - %s\n",
          "  %s: { cmd: sh -c 'a && b * 2>&1' }\n",
          "  %s: { cmd: a\uFFFD }\n",
          "---\n",
          "programs:\n");

  private static final List<String> BEFORE =
      List.of(
          "programs:\n",
          "daemon: { tick: 2s }\nprograms: # all\n",
          "daemon: { forward: { USR2: [p1, p2] } }\nprograms:\n",
          "defaults: { startretries: 7, log: { format: json } }\nprograms:\n",
          "defaults:\n  cmd: sleep 1\nprograms:\n",
          "defaults: { numprocs: many }\nprograms:\n",
          "include: more.yaml\nprograms:\n",
          "include: '*.d/*.yaml'\nprograms:\n",
          "programs: {}\n");
  private static final List<String> AFTER =
      List.of(
          "",
          "alerts: { file: /tmp/a.log }\n",
          "groups: { some: [p1, p2] }\n",
          "defaults:\n  numprocs: 4\n  stdout: /tmp/shared.log\n",
          "include: [more.yaml]\ngroups: { other: more }\n",
          "# the end");

  /** What more.yaml and a file in a folder may say; the last is no good. */
  private static final List<String> INCLUDED =
      List.of("programs: { more: { cmd: sleep 20 } }", "programs: { more: { cmd: sleep 21 }, p1: { cmd: sleep 22 } }", "programs: [");

  private record File(String before, List<String> entries, String after, int included) {
    File(String before, List<String> entries, String after) {
      this(before, entries, after, 0);
    }

    Reading reading() {
      byte[] more = INCLUDED.get(included).getBytes(StandardCharsets.UTF_8);
      Map<Path, byte[]> files = new HashMap<>(Map.of(FILE, bytes(), FILE.resolveSibling("more.yaml"), more));
      if (included > 0) files.put(FILE.resolveSibling("x.d").resolve("more.yaml"), more);
      return Reading.ofKept(FILE, files);
    }

    byte[] bytes() {
      return (before + String.join("", entries) + after).getBytes(StandardCharsets.UTF_8);
    }
  }

  private static <T> T one(Random random, List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  /** Mostly of those that are no trouble: else hardly any file would be taken apart. */
  private static String entry(Random random) {
    int some = random.nextInt(4) == 0 ? ENTRIES.size() : 4;
    return ENTRIES.get(random.nextInt(some)).formatted("p" + random.nextInt(12));
  }

  private static File edited(Random random, File file) {
    List<String> entries = new ArrayList<>(file.entries());
    int at = random.nextInt(entries.size() + 1);
    switch (random.nextInt(6)) {
      case 0, 1 -> entries.add(at, entry(random));
      case 2 -> entries.subList(Math.min(at, entries.size()), Math.min(at + 1, entries.size())).clear();
      case 3 -> {
        if (at < entries.size()) entries.set(at, entry(random));
      }
      case 4 -> java.util.Collections.shuffle(entries, random);
      default -> {
        int included = random.nextInt(INCLUDED.size());
        if (random.nextInt(4) == 0) return new File(one(random, BEFORE), entries, one(random, AFTER), included);
        return new File(file.before(), file.entries(), file.after(), included);
      }
    }
    return new File(file.before(), entries, file.after(), file.included());
  }

  private static String outcome(ConfigParser parser, File file) {
    try {
      return parser.parse(file.reading()).toString();
    } catch (ConfigRejected e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static Reading reading(byte[] bytes) {
    return Reading.ofKept(FILE, Map.of(FILE, bytes));
  }

  private static ConfigReader reader(byte[] bytes) throws ConfigRejected {
    Reading reading = reading(bytes);
    return new ConfigReader(ConfigFile.parse(reading), reading);
  }

  private interface ConfigParser {
    Config parse(Reading reading) throws ConfigRejected;
  }

  @Test
  void whatIsReadInPiecesIsWhatIsReadWhole() throws ConfigRejected {
    int good = 0;
    for (int seed = 0; seed < 400; seed++) {
      Random random = new Random(seed);
      File file = new File("programs:\n", List.of("  a: { cmd: sleep 1 }\n"), "");
      ConfigReader reader = reader(file.bytes());
      for (int step = 0; step < 25; step++) {
        File next = edited(random, file);
        String whole = outcome(ConfigFile::parse, next);
        assertThat(outcome(reader::parse, next)).as("seed %s, step %s", seed, step).isEqualTo(whole);
        // from a file that is no good one goes on rarely: most people mend it
        if (whole.startsWith("Config[") || random.nextInt(3) == 0) file = next;
        if (whole.startsWith("Config[")) good++;
      }
    }
    assertThat(good).isGreaterThan(3000);
  }

  @Test
  void whatIsTooMuchAsAWholeIsTooMuchInPieces() throws ConfigRejected {
    ConfigReader reader = reader(programs(19_000));
    assertThatThrownBy(() -> reader.parse(reading(programs(21_000)))).hasMessageContaining("it has more than 300000 keys");
  }

  private static byte[] programs(int count) {
    StringBuilder text = new StringBuilder("programs:\n");
    for (int i = 0; i < count; i++) {
      text.append("  program").append(i).append(": { cmd: run, stdout: discard, stderr: discard, autostart: no, numprocs: 2, umask: '022' }\n");
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aProgramWithDefaultsIsReadByItself() throws ConfigRejected {
    String text = "defaults: { numprocs: 2 }\nprograms:\n  a: { cmd: sleep 1 }\n  b: { cmd: sleep 2 }\ngroups: { g: [a] }\n";
    ConfigReader reader = reader(text.getBytes(StandardCharsets.UTF_8));
    ProgramSpec kept = reader.parse(reading(text.getBytes(StandardCharsets.UTF_8))).programs().get("a");
    String next = text.replace("sleep 2", "sleep 3");
    Config config = reader.parse(reading(next.getBytes(StandardCharsets.UTF_8)));
    assertThat(config.programs().get("a")).as("and not again").isSameAs(kept);
    assertThat(config).isEqualTo(ConfigFile.parse(FILE, next.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void whatHasNotChangedIsNotReadAgain() throws ConfigRejected {
    byte[] one = "programs:\n  a: { cmd: sleep 1 }\n  b: { cmd: sleep 2 }\n".getBytes(StandardCharsets.UTF_8);
    byte[] two = "programs:\n  b: { cmd: sleep 2 }\n  c: { cmd: sleep 3 }\n".getBytes(StandardCharsets.UTF_8);
    Reading begin = reading(one);
    Config first = ConfigFile.parse(begin);
    ConfigReader reader = new ConfigReader(first, begin);

    assertThat(reader.parse(reading(one))).isSameAs(first);
    Config second = reader.parse(reading(two));
    ProgramSpec kept = first.programs().get("b");
    assertThat(second.programs().get("b")).isSameAs(kept);
    assertThat(second.programs()).containsOnlyKeys("b", "c");
    assertThat(reader.parse(reading(one)).programs().get("b")).isSameAs(kept);
  }
}
