import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Makes the AOT caches of a package: one daemon and two command lines do, in a folder of their own, whatever they can do,
 * and write what that loaded as they end: daemon.aot, shell.aot and, of what only asks the daemon, ask.aot.
 * {@code Train.java LAUNCHER FOLDER CACHES}; whoever calls gives a FOLDER of the moment, for the daemon's file, state and
 * logs, and removes it.
 */
final class Train {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String PROGRAMS =
      """
        quiet: { cmd: sleep 1000, numprocs: %d, starttime: 0 }
        talker:
          cmd: [sh, -c, 'while :; do echo the quick brown fox; echo jumps >&2; sleep 0.02; done']
          starttime: 0
          log: { max_bytes: 2kB, backups: 2, compress: gzip, format: json }
        merged:
          cmd: [sh, -c, 'echo "$ANSWER"; echo oops >&2; exec sleep 1000']
          starttime: 0
          stdout: logs/merged.log
          stderr: stdout
          env: { ANSWER: %d }
          workingdir: .
          umask: "022"
        crasher: { cmd: sh -c 'exit 1', startretries: 1, backoff: { initial: 50ms, factor: 2, max: 100ms } }
        job: { type: job, cmd: 'true' }
        served: { cmd: sleep 1000, starttime: 0, depends_on: { job: completed }, reload_signal: CONT }
        later: { cmd: sleep 1000, autostart: false, starttime: 0 }
      """;

  private static final String AROUND = "defaults: { stoptime: 9s, env: { EVERYWHERE: 1 } }\ngroups: { some: [quiet, merged] }\n";

  /** What needs no more than a question and its answer. Without -c: that would read the file. */
  private static final String ASKED =
      """
      status
      status quiet:0 -o wide
      start later
      stop later --timeout 10s
      wait talker --timeout 10s
      restart quiet --no-wait
      restart quiet
      reload
      scale quiet 3
      scale quiet 2
      signal CONT quiet
      plan
      env merged
      alerts
      info
      pid
      version
      status nobody
      shutdown
      exit
      """;

  /** One command of each kind, as people type them. */
  private static final String TYPED =
      """
      status
      status quiet:0 -o wide
      status group:some
      status -o json
      status -o yaml
      start later
      stop later --timeout 10s
      stop job --with-dependents
      start served
      wait served --timeout 10s
      wait job --for completed
      reload-program served
      restart quiet --no-wait
      restart quiet
      logs talker -n 5
      logs merged --all --since 10m --grep 'o'
      logs talker -o json
      logs --daemon -n 3
      logs --reopen
      plan
      plan -o json
      reload --wait
      scale quiet 3
      scale quiet 2
      env merged
      env quiet:0 -o json
      signal CONT quiet
      alerts
      info
      pid
      version
      help
      status --help
      status nobody
      frobnicate
      stop
      exit
      """;

  private static final List<String> ROUTES =
      List.of(
          "GET /v1/status", "GET /v1/status?target=quiet&wide=true&colour=true", "GET /v1/daemon", "GET /v1/alerts", "GET /v1/programs",
          "GET /v1/plan?sync=true", "GET /v1/logfile?target=talker&stream=all", "GET /v1/logs/talker?n=5", "GET /v1/logs?n=5&stream=all&grep=fox", "GET /v1/env?target=merged",
          "GET /metrics", "GET /nowhere", "GET /v1/status?target=nobody", "GET /v1/status?target=group:some", "POST /v1/start?target=later&wait=true&timeout=10s",
          "POST /v1/restart?target=later&wait=true", "POST /v1/stop?target=later&wait=true", "POST /v1/signal?signal=CONT&target=quiet",
          "GET /v1/wait?target=job&for=completed&timeout=10s", "POST /v1/reload-program?target=served", "POST /v1/stop?target=job&with-dependents=true&wait=true",
          "POST /v1/scale?program=quiet&count=3&wait=true", "POST /v1/scale?program=quiet&count=2&wait=true", "POST /v1/logs/reopen");

  private final Path launcher;
  private final Path folder;
  private final Path file;
  private final Path socket;
  private final List<Process> started = new ArrayList<>();

  private Train(Path launcher, Path folder) {
    this.launcher = launcher;
    this.folder = folder;
    this.file = folder.resolve("tm.yaml");
    this.socket = folder.resolve("tm.sock");
  }

  public static void main(String[] args) throws Exception {
    Train train = new Train(Path.of(args[0]), Path.of(args[1]));
    Runtime.getRuntime().addShutdownHook(new Thread(train::cleanUp)); // also where we are interrupted
    Thread.ofPlatform().daemon().start(() -> tooLong(train));
    try {
      train.run(Path.of(args[2]));
    } catch (IOException e) {
      System.err.println("cannot train: " + e.getMessage());
      System.exit(1);
    }
  }

  private static void tooLong(Train train) {
    try {
      Thread.sleep(PATIENCE);
    } catch (InterruptedException e) {
      return;
    }
    System.err.println("cannot train: not done after " + PATIENCE.toSeconds() + " s; what they said is in " + train.folder);
    System.exit(1);
  }

  private void run(Path caches) throws Exception {
    CountDownLatch alerted = new CountDownLatch(3);
    HttpServer receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext("/", exchange -> {
      exchange.getRequestBody().readAllBytes();
      exchange.sendResponseHeaders(alerted.getCount() == 3 ? 503 : 204, -1); // the first is sent again
      exchange.close();
      alerted.countDown();
    });
    receiver.start();
    try {
      String url = "http://127.0.0.1:" + receiver.getAddress().getPort() + "/";
      write(url, 2, 42);
      Process daemon = launch("daemon", caches, "daemon", "--foreground", "-c", file.toString());
      awaitAnswer(daemon);
      for (String route : ROUTES) for (String accept : List.of("application/json", "text/plain", "application/yaml")) ask(route, accept);
      write(url, 2, 43); // merged is another now, for `plan` and `reload`
      type("shell", TYPED, launch("shell", caches, "-c", file.toString(), "shell"));
      write(url, 2, 44);
      if (!alerted.await(20, TimeUnit.SECONDS)) throw new IOException("the webhook is not called");
      type("ask", ASKED, launch("ask", caches, "-s", socket.toString(), "shell")); // its last word ends the daemon, which then writes its cache
      if (daemon.waitFor() != 0) throw new IOException("the daemon ended with code " + daemon.exitValue() + ": " + said("daemon"));
      for (String name : List.of("daemon", "ask", "shell")) {
        if (!Files.exists(cache(caches, name))) throw new IOException("no cache was written: " + said(name));
      }
    } finally {
      receiver.stop(0);
    }
  }

  private static Path cache(Path caches, String name) {
    return caches.resolve(name + ".aot");
  }

  private void type(String name, String commands, Process shell) throws IOException, InterruptedException {
    try (OutputStream in = shell.getOutputStream()) {
      in.write(commands.getBytes(StandardCharsets.UTF_8));
    }
    shell.waitFor();
    if (said(name).contains("timed out")) throw new IOException("a command waited in vain: " + said(name));
  }

  private void write(String webhook, int instances, int answer) throws IOException {
    Files.writeString(
        file,
        "daemon: { socket: tm.sock, pidfile: tm.pid, state: state, logfile: logs/daemon.log }\n"
            + "alerts: { file: logs/alerts.log, webhook: { url: \"" + webhook + "\", timeout: 5s } }\n" + AROUND + "programs:\n"
            + PROGRAMS.formatted(instances, answer).indent(2));
  }

  private Process launch(String name, Path caches, String... arguments) throws IOException {
    List<String> words = new ArrayList<>(List.of(launcher.toString()));
    words.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(words).directory(folder.toFile()).redirectErrorStream(true);
    builder.redirectOutput(folder.resolve(name + ".said").toFile());
    if (!name.equals("daemon")) builder.redirectInput(ProcessBuilder.Redirect.PIPE);
    builder.environment().keySet().removeIf(key -> key.startsWith("TASKMASTER_") || key.equals("NOTIFY_SOCKET"));
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().remove("JDK_JAVA_OPTIONS");
    if (caches != null) builder.environment().put("TASKMASTER_JAVA_OPTIONS", "-XX:AOTCacheOutput=" + cache(caches, name));
    Process process = builder.start();
    started.add(process);
    return process;
  }

  private String said(String name) throws IOException {
    return Files.readString(folder.resolve(name + ".said")).strip() + "\n";
  }

  private void awaitAnswer(Process daemon) throws Exception {
    Instant end = Instant.now().plusSeconds(30);
    while (Instant.now().isBefore(end)) {
      if (!daemon.isAlive()) throw new IOException("the daemon ended with code " + daemon.exitValue() + ": " + said("daemon"));
      try {
        ask("GET /v1/daemon", "application/json");
        return;
      } catch (IOException notYet) {
        Thread.sleep(50);
      }
    }
    throw new IOException("the daemon does not answer: " + said("daemon"));
  }

  private void ask(String route, String accept) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      String request = route + " HTTP/1.1\r\nHost: x\r\nAccept: " + accept + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      Channels.newInputStream(channel).readAllBytes();
    }
  }

  /** Nothing is left running, however it went: not the daemon, not its programs. */
  private void cleanUp() {
    try {
      boolean died = false;
      for (Process process : started) {
        if (process.isAlive()) died |= process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
      }
      if (died) launch("leftovers", null, "daemon", "--stop-leftovers", "-c", file.toString()).waitFor(20, TimeUnit.SECONDS);
    } catch (IOException | InterruptedException e) {
      System.err.println("cannot clean up: " + e.getMessage() + "; see " + folder);
    }
  }
}
