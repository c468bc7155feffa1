package taskmaster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import taskmaster.controller.config.StateFolder;

/** The package, unpacked elsewhere, where there is no Java. */
@Timeout(60)
class PackageE2E {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  static Path elsewhere;
  @SuppressWarnings("NullAway.Init")
  private static Path home;
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  @BeforeAll
  static void unpack() throws Exception {
    Path dist = Outside.HOME.resolve("dist");
    home = elsewhere.resolve("a folder").resolve("taskmaster");
    Files.createDirectory(home.getParent());
    Path made = dist.resolve(Files.readString(dist.resolve(".made")).strip());
    assertThat(new ProcessBuilder("cp", "-a", made.toString(), home.toString()).start().waitFor()).isZero();
    Path tools = Files.createDirectory(elsewhere.resolve("tools"));
    for (String tool : List.of("sh", "setsid", "sleep", "readlink")) {
      Path there = Files.exists(Path.of("/usr/bin", tool)) ? Path.of("/usr/bin", tool) : Path.of("/bin", tool);
      Files.copy(there.toRealPath(), tools.resolve(tool), StandardCopyOption.COPY_ATTRIBUTES);
    }
  }

  @BeforeEach
  void file() throws IOException {
    Files.writeString(
        folder.resolve("tm.yaml"),
        "daemon: { socket: tm.sock, pidfile: tm.pid, state: state, logfile: logs/daemon.log }\nprograms: { web: { cmd: sleep 100000, starttime: 0 } }\n");
  }

  private record Result(int exitCode, String said) {}

  private Result run(Map<String, String> more, String... command) throws Exception {
    Path said = Files.createTempFile(folder, "said", "");
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).redirectOutput(said.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", elsewhere.resolve("tools").toString());
    builder.environment().putAll(more);
    Process process = builder.start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("%s ends", List.of(command)).isTrue();
    return new Result(process.exitValue(), Files.readString(said));
  }

  private Result taskmaster(String... arguments) throws Exception {
    return run(Map.of(), words(home.resolve("bin/taskmaster"), arguments));
  }

  private static String[] words(Path program, String... arguments) {
    List<String> words = new ArrayList<>(List.of(program.toString()));
    words.addAll(List.of(arguments));
    return words.toArray(String[]::new);
  }

  private Path app() throws IOException {
    try (var all = Files.newDirectoryStream(home.resolve("lib"), "app-*")) {
      Path newest = null;
      String launcher = Files.readString(home.resolve("bin/taskmaster"));
      for (Path path : all) if (launcher.contains(path.getFileName().toString())) newest = path;
      return java.util.Objects.requireNonNull(newest);
    }
  }

  private boolean usesItsCache(String... arguments) throws Exception {
    Path loaded = Files.createTempFile(folder, "loaded", "");
    run(Map.of("TASKMASTER_JAVA_OPTIONS", "-Xlog:class+load:file=" + loaded), words(home.resolve("bin/taskmaster"), arguments));
    return Files.readString(loaded).contains("taskmaster.cli.Main source: shared objects file");
  }

  @ParameterizedTest
  @CsvSource({
      "ask,    '',      -s none.sock status",
      "ask,    '',      status",
      "ask,    '',      shutdown -s none.sock",
      "ask,    tm.yaml, -s none.sock -c tm.yaml status",
      "shell,  tm.yaml, status",
      "shell,  '',      -c tm.yaml status",
      "shell,  '',      status -c tm.yaml",
      "shell,  '',      status --config=tm.yaml",
      "shell,  '',      -s none.sock logs web",
      "shell,  '',      status --help",
      "shell,  '',      --version",
      "daemon, '',      -c tm.yaml daemon --check",
  })
  void what_a_call_needs_is_in_its_cache_and_not_much_more(String cache, String config, String arguments) throws Exception {
    String[] command = ("sh -x " + home.resolve("bin/taskmaster").toString().replace(' ', '?') + " " + arguments).split(" ");
    command[2] = command[2].replace('?', ' ');
    assertThat(run(config.isEmpty() ? Map.of() : Map.of("TASKMASTER_CONFIG", config), command).said()).contains("/" + cache + ".aot");
  }

  /** The threads that make children have no descriptors, so no class may be left to be loaded there. */
  @Test
  void without_a_cache_every_kind_of_stream_starts_after_many_others() throws Exception {
    StringBuilder file = new StringBuilder("daemon: { socket: tm.sock, pidfile: tm.pid, state: state, logfile: logs/daemon.log }\nprograms:\n");
    for (int i = 0; i < 9; i++) file.append("  a%d: { cmd: sleep 100000, starttime: 0 }\n".formatted(i));
    file.append("  merged: { cmd: sleep 100000, stderr: stdout, starttime: 0 }\n  mute: { cmd: sleep 100000, stdout: discard, stderr: discard, starttime: 0 }\n");
    file.append("  muteToo: { cmd: sleep 100000, stdout: discard, stderr: stdout, starttime: 0 }\n  last: { cmd: sleep 100000, starttime: 0, limits: { nofile: 100 } }\n");
    Files.writeString(folder.resolve("tm.yaml"), file.toString());
    String daemon = home.resolve("bin/taskmasterd.sh").toString();
    try {
      assertThat(run(Map.of("TASKMASTER_JAVA_OPTIONS", "-XX:AOTMode=off"), daemon, "start", "-c", "tm.yaml").exitCode()).isZero();
      await().untilAsserted(() -> assertThat(taskmaster("-c", "tm.yaml", "status").said().lines().skip(1)).hasSize(13).allMatch(l -> l.contains(" RUNNING ")));
    } finally {
      assertThat(run(Map.of(), daemon, "stop", "-c", "tm.yaml").exitCode()).isZero();
    }
  }

  /** A start needs nearly all of it, what follows little: it is not to be counted as the daemon's for ever. */
  @Test
  void what_a_start_has_read_is_let_go_of_at_rest() throws Exception {
    String daemon = home.resolve("bin/taskmasterd.sh").toString();
    assertThat(run(Map.of(), daemon, "start", "-c", "tm.yaml").exitCode()).isZero();
    try {
      Path smaps = Path.of("/proc", Files.readString(folder.resolve("tm.pid")).strip(), "smaps");
      await().untilAsserted(() -> {
        long[] size = sizes(Files.readAllLines(smaps));
        assertThat(size[1]).as("of %s kB", size[0]).isPositive().isLessThan(size[0] * 3 / 4);
      });
      assertThat(taskmaster("-c", "tm.yaml", "status", "web").said()).containsPattern("web +RUNNING +1/1");
    } finally {
      assertThat(run(Map.of(), daemon, "stop", "-c", "tm.yaml").exitCode()).isZero();
    }
  }

  /** Size and Rss of what is mapped of the cache without write access. */
  private static long[] sizes(List<String> smaps) {
    long[] found = new long[2];
    boolean isOurs = false;
    for (String line : smaps) {
      if (!Character.isUpperCase(line.charAt(0))) isOurs = line.contains(" r--p ") && line.endsWith("daemon.aot");
      else if (isOurs && line.startsWith("Size:")) found[0] += kilobytes(line);
      else if (isOurs && line.startsWith("Rss:")) found[1] += kilobytes(line);
    }
    return found;
  }

  private static long kilobytes(String line) {
    return Long.parseLong(line.replaceAll("[^0-9]", ""));
  }

  @Test
  void it_starts_answers_and_stops() throws Exception {
    assertThat(taskmaster("--version")).isEqualTo(new Result(0, "taskmaster " + taskmaster.controller.Version.TEXT + "\n"));
    String daemon = home.resolve("bin/taskmasterd.sh").toString();
    Result started = run(Map.of(), daemon, "start", "-c", "tm.yaml");
    try {
      assertThat(started.said()).startsWith("[TaskMaster] Daemon started (PID=");
      String pid = Files.readString(folder.resolve("tm.pid")).strip();
      assertThat(Files.readString(Path.of("/proc", pid, "maps"))).contains("/lib/runtime/").contains("daemon.aot");
      assertThat(taskmaster("-c", "tm.yaml", "status", "web").said()).containsPattern("web +RUNNING +1/1");
      assertThat(run(Map.of(), daemon, "status", "-c", "tm.yaml")).isEqualTo(new Result(0, "[TaskMaster] Daemon is running (PID=" + pid + ")\n"));
      assertThat(taskmaster("-c", "tm.yaml", "logs", "web").exitCode()).isZero();
    } finally {
      assertThat(run(Map.of(), daemon, "stop", "-c", "tm.yaml")).isEqualTo(new Result(0, "[TaskMaster] Daemon stopped\n"));
    }
    assertThat(run(Map.of(), daemon, "status", "-c", "tm.yaml").exitCode()).isEqualTo(3);
  }

  /** Each class that is made at run time takes a millisecond of a start, and what calls it is slow until it is compiled. */
  @Test
  void no_switch_of_its_own_is_linked_at_run_time() throws Exception {
    Path loaded = Files.createTempFile(folder, "loaded", "");
    String daemon = home.resolve("bin/taskmasterd.sh").toString();
    try {
      assertThat(run(Map.of("TASKMASTER_JAVA_OPTIONS", "-Xlog:class+load:file=" + loaded), daemon, "start", "-c", "tm.yaml").exitCode()).isZero();
      assertThat(taskmaster("-c", "tm.yaml", "restart", "web").exitCode()).isZero();
    } finally {
      assertThat(run(Map.of(), daemon, "stop", "-c", "tm.yaml")).isEqualTo(new Result(0, "[TaskMaster] Daemon stopped\n"));
    }
    assertThat(loaded).content().contains("taskmaster.controller.core.Planner ").doesNotContainPattern("taskmaster\\.\\S+\\$\\$TypeSwitch");
  }

  /** As most files are: the socket is then found by what the daemon has left in the usual place. */
  @Test
  void a_daemon_whose_file_names_no_state_folder_is_found_by_the_file() throws Exception {
    Path file = folder.resolve("tm.yaml");
    Files.writeString(file, Files.readString(file).replace(" state: state,", ""));
    Path state = StateFolder.defaultFor(file);
    String daemon = home.resolve("bin/taskmasterd.sh").toString();
    try {
      assertThat(run(Map.of(), daemon, "start", "-c", "tm.yaml").said()).startsWith("[TaskMaster] Daemon started (PID=");
      assertThat(state.resolve("socket")).content().startsWith(folder.resolve("tm.sock").toString());
      assertThat(taskmaster("-c", "tm.yaml", "status", "web").said()).containsPattern("web +RUNNING +1/1");
    } finally {
      assertThat(run(Map.of(), daemon, "stop", "-c", "tm.yaml")).isEqualTo(new Result(0, "[TaskMaster] Daemon stopped\n"));
      try (var left = Files.walk(state)) {
        for (Path path : left.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
      }
    }
  }

  @Test
  void what_reads_files_has_the_libraries_for_it() throws Exception {
    assertThat(taskmaster("validate", "tm.yaml").said()).startsWith("OK ");
    assertThat(taskmaster("validate", home.resolve("samples/every_key.yaml").toString()).said()).startsWith("OK ");
    assertThat(taskmaster("validate", home.resolve("samples/environment.yaml").toString()).said()).startsWith("OK ");
    assertThat(taskmaster("validate", home.resolve("samples/container/taskmaster.yaml").toString()).said()).startsWith("OK ");
    Files.writeString(folder.resolve("tm.yaml"), "programs: { web: { comd: x } }\n");
    assertThat(taskmaster("validate", "tm.yaml").said()).contains("unknown key 'comd'");
    assertThat(taskmaster("-c", "tm.yaml", "logs", "--daemon").said()).startsWith("ERR ").doesNotContain("internal error");
  }

  @Test
  void its_readme_names_what_is_in_it() throws Exception {
    assertThat(home.resolve("README.md")).content().contains("This is the package", "$ bin/taskmaster status").doesNotContain("scripts/taskmaster");
  }

  @Test
  void links_and_relative_paths_lead_to_it() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("tm"), home.resolve("bin/taskmaster"));
    assertThat(run(Map.of(), link.toString(), "--version").said()).startsWith("taskmaster ");
    Files.delete(link);
    Path around = Files.createSymbolicLink(folder.resolve("around"), home);
    assertThat(run(Map.of(), around.resolve("bin/taskmaster").toString(), "--version").said()).startsWith("taskmaster ");
    assertThat(run(Map.of(), "sh", "-c", "cd around/bin && sh taskmaster --version && ./taskmaster --version").said()).matches("(taskmaster .*\n){2}");
    Files.delete(around);
  }

  private enum Harm {
    MISSING, EMPTY, CUT_SHORT, ZEROS, OF_ANOTHER_PROGRAM
  }

  @ParameterizedTest
  @EnumSource
  void a_cache_that_does_not_fit_costs_speed_only(Harm harm) throws Exception {
    Path cache = app().resolve("ask.aot");
    Path kept = elsewhere.resolve("kept.aot");
    Files.move(cache, kept);
    try {
      if (harm != Harm.MISSING) Files.copy(harm == Harm.OF_ANOTHER_PROGRAM ? app().resolve("daemon.aot") : kept, cache, StandardCopyOption.COPY_ATTRIBUTES);
      if (harm == Harm.EMPTY) Files.write(cache, new byte[0]);
      if (harm == Harm.CUT_SHORT || harm == Harm.ZEROS) {
        try (RandomAccessFile file = new RandomAccessFile(cache.toFile(), "rw")) {
          long length = file.length();
          file.setLength(harm == Harm.CUT_SHORT ? length / 2 : 0);
          file.setLength(harm == Harm.CUT_SHORT ? length / 2 : length);
        }
      }
      // as if nobody had touched it: the JVM itself has to refuse it
      if (harm != Harm.MISSING) Files.setLastModifiedTime(cache, Files.getLastModifiedTime(kept));
      assertThat(usesItsCache("version")).isFalse();
      assertThat(taskmaster("version").said()).startsWith("taskmaster " + taskmaster.controller.Version.TEXT + "\n");
      assertThat(taskmaster("-s", "none.sock", "status").exitCode()).isEqualTo(4);
    } finally {
      Files.move(kept, cache, StandardCopyOption.REPLACE_EXISTING);
    }
    assertThat(usesItsCache("version")).isTrue();
    assertThat(usesItsCache("shell", "--help")).isTrue();
  }

  @Test
  void a_jar_that_was_replaced_is_what_runs() throws Exception {
    assertThat(usesItsCache("daemon", "--help")).isTrue();
    Path jar = app().resolve("cli-" + taskmaster.controller.Version.TEXT + ".jar");
    Path kept = elsewhere.resolve("kept.jar");
    Files.copy(jar, kept, StandardCopyOption.COPY_ATTRIBUTES);
    try {
      for (long seconds : new long[] {-86400, 1}) { // an older one as well
        Files.copy(kept, jar, StandardCopyOption.REPLACE_EXISTING);
        Files.setLastModifiedTime(jar, java.nio.file.attribute.FileTime.from(Files.getLastModifiedTime(kept).toInstant().plusSeconds(seconds)));
        assertThat(usesItsCache("daemon", "--help")).as("%s s", seconds).isFalse();
        assertThat(usesItsCache("version")).as("%s s", seconds).isFalse();
      }
    } finally {
      Files.copy(kept, jar, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
    }
  }

  @Test
  void bash_completes_with_its_script() throws Exception {
    String script = home.resolve("share/bash-completion/completions/taskmaster").toString();
    String ask = "source '" + script + "' && complete -p taskmaster && COMP_WORDS=(taskmaster sta) COMP_CWORD=1 && _complete_taskmaster && echo \"${COMPREPLY[*]}\"";
    Result said = run(Map.of("PATH", "/usr/bin:/bin"), "bash", "-c", ask);
    assertThat(said.said()).contains("-F _complete_taskmaster").containsPattern("(?m)^(start status|status start)$");
  }

  @Test
  void it_has_a_man_page_for_every_command() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/groff")), "groff is not installed");
    Path pages = home.resolve("share/man/man1");
    for (Command command : Main.cli(System.out, System.err).commands()) {
      String page = pages.resolve("taskmaster-" + command.name() + ".1").toString();
      assertThat(run(Map.of("PATH", "/usr/bin:/bin"), "sh", "-c", "groff -ww -z -man -Tutf8 '" + page + "'")).isEqualTo(new Result(0, ""));
    }
    assertThat(run(Map.of("PATH", "/usr/bin:/bin"), "groff", "-ww", "-z", "-man", "-Tutf8", pages.resolve("taskmaster.1").toString())).isEqualTo(new Result(0, ""));
  }

  @Test
  void anybody_may_run_it() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root can become somebody else");
    for (Path path : List.of(elsewhere, folder)) Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
    String[] nobody = {"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", home.resolve("bin/taskmaster").toString()};
    List<String> version = new ArrayList<>(List.of(nobody));
    version.add("--version");
    assertThat(run(Map.of(), version.toArray(String[]::new)).said()).startsWith("taskmaster ");
    List<String> check = new ArrayList<>(List.of(nobody));
    check.addAll(List.of("daemon", "--check", "-c", "tm.yaml"));
    assertThat(run(Map.of(), check.toArray(String[]::new)).said()).isEqualTo("OK the daemon could start with tm.yaml\n");
  }
}
