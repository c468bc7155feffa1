package taskmaster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** samples/stack as its README has it: PostgreSQL, a migration, two web servers and nginx, where they are installed. */
@Timeout(180)
class StackE2E {
  private static final List<Integer> PORTS = List.of(18080, 18081, 18088);
  private static final HttpRequest COUNT =
      HttpRequest.newBuilder(URI.create("http://127.0.0.1:18088/count")).timeout(Duration.ofSeconds(20)).build();
  private static final Pattern PROCESS = Pattern.compile("\"event\":\"process_([a-z]+)\".*\"instance\":\"([a-z:0-9]+)\"");

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  @Test
  void a_real_stack_comes_up_in_order_answers_and_goes_down_the_other_way() throws Exception {
    Path stack = copy();
    assumeThatItCanRun(stack);
    String file = stack.resolve(isRoot() ? "as-root.yaml" : "taskmaster.yaml").toString();
    try {
      outside(stack.resolve("up.sh")).succeeded();
      List<String> up = toldUntil(stack, "nginx:0 ready");
      assertThat(up).containsSubsequence("init:0 exited", "db:0 started", "db:0 ready", "migrate:0 started", "migrate:0 exited", "web:0 started", "web:0 ready", "nginx:0 started");
      assertThat(up).containsSubsequence("migrate:0 exited", "web:1 started", "web:1 ready", "nginx:0 started", "nginx:0 ready");
      assertBothAnswer();

      outside(bin("taskmaster"), "-c", file, "stop", "db", "--with-dependents").succeeded();
      List<String> stopped = toldUntil(stack, "db:0 stopped").stream().filter(what -> what.endsWith(" stopped")).toList();
      assertThat(stopped).containsExactlyInAnyOrder("nginx:0 stopped", "web:0 stopped", "web:1 stopped", "db:0 stopped");
      assertThat(stopped).startsWith("nginx:0 stopped").endsWith("db:0 stopped");

      outside(bin("taskmaster"), "-c", file, "start", "nginx").succeeded();
      outside(bin("taskmaster"), "-c", file, "wait", "nginx", "--timeout", "50s").succeeded();
      assertThat(told(stack)).as("a migration that was done is not done again").containsOnlyOnce("migrate:0 started");
      assertNobodyNoticesARestart(file);
      assertThat(processesOf(stack)).as("the daemon, PostgreSQL, two web servers, nginx and its worker").hasSizeGreaterThanOrEqualTo(6);
    } finally {
      Set<Long> all = processesOf(stack);
      outside(bin("taskmasterd.sh"), "stop", "-c", file).succeeded();
      assertThat(all).filteredOn(Outside::isAlive).isEmpty();
      assertThat(processesOf(stack)).filteredOn(Outside::isAlive).isEmpty();
    }
  }

  private Path bin(String name) {
    return folder.resolve("bin").resolve(name);
  }

  private static boolean isRoot() {
    return System.getProperty("user.name", "").equals("root");
  }

  /** As in a package: samples beside bin. PostgreSQL's user has to reach it. */
  private Path copy() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path dist = Outside.HOME.resolve("dist");
    Files.createSymbolicLink(folder.resolve("bin"), dist.resolve(Files.readString(dist.resolve(".made")).strip()).resolve("bin"));
    Path stack = Files.createDirectories(folder.resolve("samples/stack"));
    try (Stream<Path> files = Files.list(Outside.HOME.resolve("samples/stack"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, stack.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    return stack;
  }

  private static void assumeThatItCanRun(Path stack) throws Exception {
    String needed = "PATH=$PATH:/usr/sbin; command -v nginx && command -v python3 && ./pg.sh sh -c 'command -v initdb && command -v psql'";
    Process look = new ProcessBuilder("sh", "-c", needed).directory(stack.toFile()).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    assumeTrue(look.waitFor() == 0, "postgresql, nginx and python3 are installed");
    for (int port : PORTS) assumeTrue(isFree(port), "port " + port + " is free");
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true); // what was closed lately does not count
      socket.bind(new InetSocketAddress("127.0.0.1", port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }

  private Outside.Result outside(Path command, String... arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of(command.toString()));
    words.addAll(List.of(arguments));
    return new Outside(folder).run(words.toArray(String[]::new));
  }

  /** The alerts in short, in their order: {@code web:0 ready}. */
  private static List<String> told(Path stack) throws IOException {
    return Files.readString(stack.resolve("var/logs/alerts.log")).lines().flatMap(line -> {
      Matcher alert = PROCESS.matcher(line);
      return alert.find() ? Stream.of(alert.group(2) + " " + alert.group(1)) : Stream.empty();
    }).toList();
  }

  /** A command may be over before the alert file has what it did. */
  private static List<String> toldUntil(Path stack, String last) {
    return await().until(() -> told(stack), told -> told.contains(last));
  }

  /** One web server after the other. */
  private void assertNobodyNoticesARestart(String file) throws Exception {
    Future<Outside.Result> restart =
        CompletableFuture.supplyAsync(() -> {
          try {
            return outside(bin("taskmaster"), "-c", file, "restart", "web");
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    try (HttpClient client = HttpClient.newHttpClient()) {
      while (!restart.isDone()) assertThat(client.send(COUNT, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }
    assertThat(restart.get().succeeded().out()).isEqualTo("OK restarted web\n");
  }

  /** nginx takes them in turns. */
  private static void assertBothAnswer() throws Exception {
    Set<String> answered = new HashSet<>();
    try (HttpClient client = HttpClient.newHttpClient()) {
      await().untilAsserted(() -> {
        HttpResponse<String> answer = client.send(COUNT, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        answered.add(answer.body().strip().replaceFirst("^[0-9]+ visits, says ", ""));
        assertThat(answered).containsExactlyInAnyOrder("web:0", "web:1");
      });
    }
  }

  /** Whatever works in the stack's folder or has it in its command, the daemon too. */
  private static Set<Long> processesOf(Path stack) throws IOException {
    Set<Long> pids = new HashSet<>();
    try (Stream<Path> all = Files.list(Path.of("/proc"))) {
      for (Path process : all.filter(p -> p.getFileName().toString().matches("[0-9]+")).toList()) {
        if (isOf(process, stack)) pids.add(Long.parseLong(process.getFileName().toString()));
      }
    }
    return pids;
  }

  private static boolean isOf(Path process, Path stack) {
    try {
      return Files.readSymbolicLink(process.resolve("cwd")).startsWith(stack) || Files.readString(process.resolve("cmdline")).contains(stack.toString());
    } catch (IOException over) {
      return false;
    }
  }
}
