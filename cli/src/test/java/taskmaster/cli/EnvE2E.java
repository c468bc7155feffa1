package taskmaster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What `taskmaster env` says of a process is what the kernel says of it. */
@Timeout(120)
class EnvE2E {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private static JsonNode only(Outside.Result result) {
    JsonNode all = new JsonMapper().readTree(result.succeeded().out());
    assertThat(all.size()).isEqualTo(1);
    return all.get(0);
  }

  private static String field(int pid, String name) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream().filter(l -> l.startsWith(name + ":")).findFirst().orElseThrow().substring(name.length() + 1).strip();
  }

  private static Map<String, String> environment(int pid) throws IOException {
    Map<String, String> all = new TreeMap<>();
    for (String entry : Files.readString(Path.of("/proc/" + pid + "/environ")).split("\0")) {
      all.put(entry.substring(0, entry.indexOf('=')), entry.substring(entry.indexOf('=') + 1));
    }
    return all;
  }

  @Test
  void it_is_what_the_process_has() throws Exception {
    Outside o = new Outside(folder);
    o.write("app.env", "API_KEY='do not tell'\nLANG=C\n");
    String user = isRoot() ? "user: nobody\n  " : "";
    o.config("web:\n  " + user
        + """
          cmd: [sleep, "100000", "${index}"]
            numprocs: 2
            starttime: 0
            workingdir: /
            env_file: app.env
            env: { WHO: "${instance}", URL: "http://u:${API_KEY}@h/" }
            umask: 027
            limits: { nofile: 123 }
            nice: 10
          off: { cmd: sleep 1, autostart: false, env: { A: b } }
          """.replace("sleep, \"100000\", \"${index}\"", "sleep, \"10000${index}\""));
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    try {
      JsonNode it = only(o.taskmaster("env", "web:1", "--show-secrets", "-o", "json"));
      int pid = it.get("pid").asInt();
      await().untilAsserted(() -> assertThat(Files.readString(Path.of("/proc/" + pid + "/comm"))).isEqualTo("sleep\n"));
      Map<String, String> said = new TreeMap<>();
      it.get("env").forEachEntry((name, value) -> said.put(name, value.asString()));
      assertThat(said).isEqualTo(environment(pid)).containsEntry("WHO", "web:1").containsEntry("LANG", "C");
      List<String> argv = new ArrayList<>();
      it.get("argv").forEach(word -> argv.add(word.asString()));
      assertThat(String.join("\0", argv) + "\0").isEqualTo(Files.readString(Path.of("/proc/" + pid + "/cmdline"))).isEqualTo("sleep\000100001\0");
      assertThat(field(pid, "Uid")).startsWith(it.get("uid").asString() + "\t");
      assertThat(field(pid, "Gid")).startsWith(it.get("gid").asString() + "\t");
      assertThat(field(pid, "Umask")).isEqualTo("0" + it.get("umask").asString());
      assertThat(it.get("limits").get("nofile").asString()).isEqualTo("123");
      assertThat(it.get("workingdir").asString()).isEqualTo(Files.readSymbolicLink(Path.of("/proc/" + pid + "/cwd")).toString());

      assertThat(o.taskmaster("env", "web").succeeded().out())
          .contains("instance       web:0, running, pid ", "instance       web:1, running, pid " + pid + "\n", "API_KEY=***\n", "URL='http://u:***@h/'\n")
          .doesNotContain("do not tell");
      assertThat(o.taskmaster("env", "off").succeeded().out()).startsWith("instance       off:0, not running: as it would be started now\n").contains("\n  A=b\n");
      assertThat(o.taskmaster("env", "wep").err()).isEqualTo("ERR no such program 'wep' (did you mean web?)\n");
      assertThat(o.taskmaster("env", "web", "-o", "xml").exitCode()).isEqualTo(2);
    } finally {
      o.run("taskmasterd.sh", "stop", "-c", "tm.yaml").succeeded();
    }
  }

  @Test
  void it_is_what_the_process_was_given_by_an_earlier_daemon_too() throws Exception {
    Outside o = new Outside(folder);
    o.config("web: { cmd: sleep 100000, starttime: 0 }\noff: { cmd: sleep 1, autostart: false }\n");
    o.environment.put("COLOUR", "red");
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    try {
      ProcessHandle daemon = ProcessHandle.of(Long.parseLong(o.read("tm.pid").strip())).orElseThrow();
      daemon.destroyForcibly();
      await().until(() -> !daemon.isAlive());
      o.environment.put("COLOUR", "blue");
      o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
      assertThat(o.taskmaster("env", "web").succeeded().out()).contains("environment\n", "  COLOUR=red\n");
      assertThat(o.taskmaster("env", "off").succeeded().out()).contains("  COLOUR=blue\n");
      o.environment.put("TASKMASTER_CONFIG", "tm.yaml");
      assertThat(o.run("taskmaster", "pid").succeeded().out()).as("the file's socket").isEqualTo(o.read("tm.pid"));
    } finally {
      o.run("taskmasterd.sh", "stop", "-c", "tm.yaml").succeeded();
    }
  }

  /** As somebody who is not root: told to somebody else's process by setpriv(1), which the daemon itself uses. */
  @Test
  void a_daemon_that_is_not_root_starts_nobody_else_and_gives_nothing_it_has_not() throws Exception {
    assumeTrue(isRoot(), "needs root to become somebody who is not");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "there is no setpriv");
    Path own = Files.createDirectory(folder.resolve("own"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setAttribute(own, "unix:uid", 65534);
    Files.setAttribute(own, "unix:gid", 65534);
    Outside o = new Outside(own);
    // a copy, since its home may be closed to others
    String program = open(folder.resolve("program"));
    o.config("web: { cmd: sleep 1000, user: root }");
    Outside.Result refused = as65534(o, program, "validate", "tm.yaml");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains("tm.yaml:4:33: user: cannot start as root: the daemon runs as ").contains("; start the daemon as root\n");
    o.config(
        """
        web: { cmd: sleep 1000, user: 65534, group: 65534, starttime: 0, limits: { nofile: 64 }, nice: 3 }
        nice: { cmd: sleep 1000, nice: -5, startretries: 0 }
        core: { cmd: sleep 1000, limits: { memlock: unlimited }, startretries: 0 }
        """);
    Process daemon = command(o, program, "daemon", "--foreground", "-c", "tm.yaml").redirectErrorStream(true).redirectOutput(folder.resolve("said").toFile()).start();
    try {
      await().untilAsserted(() ->
          assertThat(o.taskmaster("status").out()).as(Files.readString(folder.resolve("said"))).containsPattern("web +RUNNING").containsPattern("nice +FATAL").containsPattern("core +FATAL"));
      assertThat(o.taskmaster("status").out())
          .contains("cannot start: nice -5 is a higher priority than the daemon's own, 0, which needs CAP_SYS_NICE; start the daemon as root")
          .contains("cannot start: limits.memlock unlimited is above the daemon's own hard limit, ");
      JsonNode it = only(o.taskmaster("env", "web", "-o", "json"));
      int pid = it.get("pid").asInt();
      assertThat(field(pid, "Uid")).isEqualTo("65534\t65534\t65534\t65534");
      assertThat(field(pid, "CapEff")).isEqualTo("0000000000000000");
      assertThat(it.get("env").get("USER").asString()).isIn("nobody", "65534");
    } finally {
      daemon.destroy();
      assertThat(daemon.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** A container mostly has no locale, and what it is given is in UTF-8, or in no charset at all. */
  @Test
  void what_it_hands_on_is_what_it_was_given_byte_for_byte() throws Exception {
    Outside o = new Outside(folder);
    o.prefix = List.of("sh", "-c", "W=$(printf 'p\\344ss\\303\\244'); U=$(printf '\\303\\244'); export W U; unset LANG; LC_ALL=C; export LC_ALL; exec \"$@\"", "sh");
    String dump = "printf %s \"$W-$V\" | od -An -tx1 > x; mv x out; exec sleep 100000";
    o.config("web: { cmd: [sh, -c, '" + dump + "'], starttime: 0, env: { V: '${U}' } }");
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    try {
      await().untilAsserted(() -> assertThat(o.read("out").strip()).isEqualTo("70 e4 73 73 c3 a4 2d c3 a4"));
    } finally {
      o.run("taskmasterd.sh", "stop", "-c", "tm.yaml");
    }
  }

  private String open(Path to) throws Exception {
    Path home = Path.of(Files.readString(Outside.HOME.resolve("dist/.made")).strip());
    Path from = Outside.HOME.resolve("dist").resolve(home);
    assertThat(new ProcessBuilder("cp", "-r", from.toString(), to.toString()).start().waitFor()).isZero();
    assertThat(new ProcessBuilder("chmod", "-R", "a+rX", to.toString()).start().waitFor()).isZero();
    return to.resolve("bin/taskmaster").toString();
  }

  private static ProcessBuilder command(Outside o, String... words) {
    List<String> all = new ArrayList<>(List.of("/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "prlimit", "--memlock=65536", "--"));
    all.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(all).directory(o.folder.toFile());
    builder.environment().put("HOME", o.folder.toString());
    builder.environment().remove("XDG_RUNTIME_DIR");
    return builder;
  }

  private static Outside.Result as65534(Outside o, String... words) throws Exception {
    Path err = o.folder.resolve("err");
    Process process = command(o, words).redirectError(err.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    return new Outside.Result(process.waitFor(), out, Files.readString(err));
  }
}
