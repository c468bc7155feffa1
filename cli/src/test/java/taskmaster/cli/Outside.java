package taskmaster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The built program as a user has it: the scripts, in a folder of the test's own. */
final class Outside {
  static final Path HOME = Path.of("..").toAbsolutePath().normalize();
  final Path folder;

  /** Where the commands are. */
  Path scripts = HOME.resolve("scripts");

  /** What becomes each command: setpriv(1) and the like. */
  List<String> prefix = List.of();

  /** What the scripts are given beside the test's own environment. */
  final Map<String, String> environment = new HashMap<>();

  Outside(Path folder) {
    this.folder = folder;
  }

  /** What a command printed and ended with. */
  record Result(int exitCode, String out, String err) {
    Result succeeded() {
      assertThat(exitCode).as("exit code; out: %s err: %s", out, err).isZero();
      return this;
    }
  }

  void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  /** A file that is not there yet is nothing to give up for: who waits looks again. */
  String read(String name) throws IOException {
    try {
      return Files.readString(folder.resolve(name));
    } catch (NoSuchFileException none) {
      throw new AssertionError("no file " + name, none);
    }
  }

  void config(String programs, String... more) throws IOException {
    write(
        "tm.yaml",
        "daemon: { socket: tm.sock, pidfile: tm.pid, state: state, logfile: logs/daemon.log }\n"
            + String.join("\n", more) + "\nprograms:\n" + programs.indent(2));
  }

  Result run(String... command) throws Exception {
    return runWith("", command);
  }

  Result runWith(String input, String... command) throws Exception {
    Process process = process(command).start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    }
    Collected out = new Collected(process.getInputStream());
    Collected err = new Collected(process.getErrorStream());
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(List.of(command) + " does not end; out: " + out + " err: " + err);
    }
    out.join();
    err.join();
    return new Result(process.exitValue(), out.toString(), err.toString());
  }

  ProcessBuilder process(String... command) {
    List<String> words = new ArrayList<>(List.of(command));
    words.set(0, scripts.resolve(command[0]).toString());
    words.addAll(0, prefix);
    ProcessBuilder builder = new ProcessBuilder(words).directory(folder.toFile());
    Map<String, String> env = builder.environment();
    env.put("XDG_STATE_HOME", folder.resolve("home").toString());
    env.remove("TASKMASTER_SOCKET");
    env.remove("TASKMASTER_CONFIG");
    env.putAll(environment);
    return builder;
  }

  /** The command line, aimed at the test's daemon. */
  Result taskmaster(String... arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of("taskmaster", "-s", folder.resolve("tm.sock").toString()));
    words.addAll(List.of(arguments));
    return run(words.toArray(String[]::new));
  }

  void killDaemon() throws IOException {
    kill(daemonPid());
  }

  long daemonPid() throws IOException {
    return Long.parseLong(read("tm.pid").strip());
  }

  static void kill(long pid) {
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    await().untilAsserted(() -> assertThat(isAlive(pid)).isFalse());
  }

  static boolean isAlive(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
    } catch (IOException gone) {
      return false;
    }
  }

  /** The status, asked as any client may: a command line of its own for each look would take most of a test's time. */
  String row(String target) throws Exception {
    return new Client(folder.resolve("tm.sock")).ask("GET", "/v1/status?target=" + Client.encode(target), "application/json").body();
  }

  long pid(String instance) throws Exception {
    String row = row(instance);
    Matcher m = Pattern.compile("\"pid\":([0-9]+)").matcher(row);
    assertThat(m.find()).as(row).isTrue();
    return Long.parseLong(m.group(1));
  }

  void awaitRow(String target, String content) {
    await().untilAsserted(() -> assertThat(row(target)).contains(content));
  }

  List<String> alerts(String event) throws IOException {
    return read("logs/alerts.log").lines().filter(l -> l.contains("\"event\":\"" + event + "\"")).toList();
  }

  void awaitAlert(String event, String content) {
    await().untilAsserted(() -> assertThat(alerts(event)).anyMatch(l -> l.contains(content)));
  }

  /** A command in a pseudo-terminal of its own, typed to and read like a person would. */
  Typed inTerminal(String... command) throws IOException {
    List<String> quoted = new ArrayList<>();
    quoted.add(scripts.resolve(command[0]).toString());
    for (int i = 1; i < command.length; i++) quoted.add(command[i]);
    ProcessBuilder builder = process(command).command("script", "-qefc", "stty rows 40 cols 160; " + String.join(" ", quoted), "/dev/null");
    builder.environment().put("TERM", "xterm");
    return new Typed(builder.redirectErrorStream(true).start());
  }

  static final class Typed {
    final Process process;
    private final Collected screen;

    Typed(Process process) {
      this.process = process;
      this.screen = new Collected(process.getInputStream());
    }

    void type(String keys) throws IOException {
      process.getOutputStream().write(keys.getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    }

    /** What the terminal has shown, without its control sequences. */
    String screen() {
      return screen.toString().replaceAll("\u001b\\[[0-9;?]*[a-zA-Z]|\u001b[=>]", "");
    }

    void clear() {
      screen.clear();
    }

    void awaitScreen(String text) {
      await().untilAsserted(() -> assertThat(screen()).contains(text));
    }

    int awaitEnd() throws InterruptedException {
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("ends; screen: %s", screen()).isTrue();
      return process.exitValue();
    }
  }

  private static final class Collected {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Thread thread;

    Collected(InputStream in) {
      thread = Thread.ofPlatform().daemon().start(() -> {
        byte[] buffer = new byte[8192];
        try {
          for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            synchronized (bytes) {
              bytes.write(buffer, 0, n);
            }
          }
        } catch (IOException e) {
          if (!String.valueOf(e.getMessage()).contains("closed")) throw new UncheckedIOException(e);
        }
      });
    }

    void clear() {
      synchronized (bytes) {
        bytes.reset();
      }
    }

    void join() throws InterruptedException {
      thread.join(5000);
    }

    @Override
    public String toString() {
      synchronized (bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
      }
    }
  }
}
