package taskmaster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every sample is run; a new one has to say here what it should look like. */
@Timeout(120)
class SamplesE2E {
  /** Programs that must come to RUNNING, by sample. */
  private static final Map<String, Set<String>> RUNNING =
      Map.ofEntries(
          Map.entry("demo.yaml", Set.of("fast_ok", "slow_start", "multi_proc")),
          Map.entry("webhook.yaml", Set.of("steady")),
          Map.entry("probes.yaml", Set.of("exec", "http", "tcp", "log", "notify")),
          Map.entry("web_server.yaml", Set.of("web")),
          Map.entry("rolling.yaml", Set.of("web")),
          Map.entry("dependencies.yaml", Set.of("db", "app", "proxy")),
          Map.entry("jobs.yaml", Set.of("server")),
          Map.entry("stopping.yaml", Set.of("polite", "stubborn", "commanded", "reader")),
          Map.entry("vital.yaml", Set.of("server", "helper")),
          Map.entry("composed.yaml", Set.of("janitor", "proxy", "app", "queue", "worker")),
          Map.entry("every_key.yaml", Set.of("everything")),
          Map.entry("identity.yaml", Set.of("server", "batch")),
          Map.entry("environment.yaml", Set.of("web")));

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  static Stream<Path> samples() throws IOException {
    return Files.list(Outside.HOME.resolve("samples")).filter(p -> p.toString().endsWith(".yaml")).sorted();
  }

  @ParameterizedTest
  @MethodSource("samples")
  void a_sample_runs(Path sample) throws Exception {
    String name = sample.getFileName().toString();
    Outside o = new Outside(folder);
    String own = "  socket: tm.sock\n  pidfile: tm.pid\n  state: state\n  logfile: logs/daemon.log\n";
    String text = Files.readString(sample);
    Path socket = folder.resolve(text.contains("socket:") ? "run/taskmaster.sock" : "tm.sock");
    if (!text.contains("socket:")) text = text.contains("\ndaemon:\n") ? text.replace("\ndaemon:\n", "\ndaemon:\n" + own) : "daemon:\n" + own + text;
    o.write("tm.yaml", text);
    Path parts = Files.createDirectory(folder.resolve("conf.d"));
    try (Stream<Path> included = Files.list(Outside.HOME.resolve("samples/conf.d"))) {
      for (Path part : included.toList()) Files.copy(part, parts.resolve(part.getFileName()));
    }
    Files.copy(Outside.HOME.resolve("samples/environment.env"), folder.resolve("environment.env"));
    o.run("taskmaster", "validate", "tm.yaml").succeeded();
    o.run("taskmasterd.sh", "start", "-c", "tm.yaml").succeeded();
    try {
      String[] status = {"taskmaster", "-s", socket.toString(), "status"};
      for (String program : RUNNING.getOrDefault(name, Set.of())) {
        await().pollInterval(Duration.ofMillis(300)).untilAsserted(() ->
            assertThat(o.run(status).succeeded().out()).containsPattern("(?m)^" + program + " +RUNNING "));
      }
      assertThat(RUNNING).as("what %s should look like", name).containsKey(name);
      assertThat(o.run("taskmaster", "-s", socket.toString(), "reload").succeeded().out()).startsWith("OK reloaded\n");
    } finally {
      o.run("taskmasterd.sh", "stop", "-c", "tm.yaml").succeeded();
    }
  }
}
