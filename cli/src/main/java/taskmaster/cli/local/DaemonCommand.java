package taskmaster.cli.local;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import taskmaster.api.Command.Shutdown.How;
import taskmaster.api.ExitCode;
import taskmaster.cli.Answer;
import taskmaster.cli.Client;
import taskmaster.cli.Command;
import taskmaster.cli.Context;
import taskmaster.cli.NoDaemon;
import taskmaster.cli.Terminals;
import taskmaster.controller.Daemon;
import taskmaster.controller.Rehearsal;
import taskmaster.controller.Startup;
import taskmaster.controller.Voice;
import taskmaster.controller.config.ConfigRejected;
import taskmaster.controller.linux.Host;

/** The daemon itself. */
public final class DaemonCommand implements Command {
  /** A daemon that leaves has little to do: it writes what is left to write. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Override
  public String name() {
    return "daemon";
  }

  @Override
  public String summary() {
    return "Run the daemon in this process: for containers and init systems.";
  }

  @Override
  public String usage() {
    return "daemon --foreground|--check|--stop-leftovers [-c FILE]";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addOption(Command.flag("stay in the foreground and log to standard error too", "--foreground"));
    spec.addOption(Command.flag("say when it answers, then let go of standard output and error (for start scripts)", "--detach"));
    spec.addOption(Command.flag("only find out whether it could start; nothing is changed", "--check"));
    spec.addOption(Command.flag("stop the programs of a daemon that has died, and end", "--stop-leftovers"));
    spec.addOption(Command.flag("let the daemon that runs leave first, and keep its programs", "--take-over"));
    spec.usageMessage().footer("", FileOf.WHERE_IT_LISTENS, "", "Example: taskmaster daemon --foreground -c /etc/taskmaster/taskmaster.yaml", "In the background: taskmasterd.sh start");
  }

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    boolean detach = Command.has(given, "--detach");
    boolean check = Command.has(given, "--check");
    boolean leftovers = Command.has(given, "--stop-leftovers");
    int modes = (detach ? 1 : 0) + (check ? 1 : 0) + (leftovers ? 1 : 0) + (Command.has(given, "--foreground") ? 1 : 0);
    if (modes != 1) {
      return context.fail(ExitCode.USAGE, "usage: " + usage() + "; for the background there is taskmasterd.sh start");
    }
    Voice voice = Voice.begin();
    Daemon daemon;
    try {
      Path file = FileOf.ofNewDaemon(context);
      boolean takeOver = Command.has(given, "--take-over");
      if (check || takeOver) Rehearsal.of(file);
      if (check) {
        context.out.println("OK the daemon could start with " + file);
        return ExitCode.OK;
      }
      if (leftovers) return stopLeftovers(voice, file, context);
      Daemon.warmUp(voice);
      boolean waits = takeOver && letLeave(FileOf.socket(file));
      Daemon.Console console = detach ? Daemon.silent() : Daemon.onStderr(Terminals.isTerminal(2));
      daemon = Daemon.prepare(voice, file, console, waits ? PATIENCE : Duration.ZERO);
    } catch (FileOf.UsageError e) {
      return context.fail(ExitCode.USAGE, String.valueOf(e.getMessage()));
    } catch (Startup e) {
      return context.fail(ExitCode.FAILED, String.valueOf(e.getMessage()));
    }
    Signals.on(name -> daemon.shutdown("SIG" + name, daemon.isEnding() ? How.AT_ONCE : How.GRACEFULLY), "TERM", "INT");
    Signals.on(name -> forwardElse(daemon, name, () -> reload(daemon)), "HUP");
    Signals.on(name -> forwardElse(daemon, name, daemon.control()::reopenLogs), "USR1");
    Signals.on(name -> forwardElse(daemon, name, () -> {}), "USR2", "WINCH");
    if (detach) return detached(daemon);
    try {
      daemon.begin();
    } catch (Startup e) {
      return context.fail(ExitCode.FAILED, String.valueOf(e.getMessage()));
    }
    daemon.awaitEnd();
    return daemon.exitCode();
  }

  private static int stopLeftovers(Voice voice, Path file, Context context) throws Startup, InterruptedException {
    int stopped = Daemon.leftRecords(file) ? Daemon.prepare(voice, file, Daemon.silent(), Duration.ZERO).stopLeftovers() : -1;
    String had = stopped < 0 ? "" : "; stopped what an earlier one had left (" + stopped + (stopped == 1 ? " instance)" : " instances)");
    context.out.println("[TaskMaster] Daemon is not running" + had);
    return ExitCode.OK;
  }

  /** Asks the daemon that runs to leave; false where none does. */
  private static boolean letLeave(Path socket) throws IOException {
    try {
      Answer answer = new Client(socket).post("/v1/shutdown?keep=true");
      if (answer.status() >= 300) throw new IOException("the daemon on " + socket + " does not leave: " + answer.body().strip());
      return true;
    } catch (NoDaemon none) {
      return false;
    }
  }

  /** What started us reads until we let go: so we do that before there is a child that could hold on. */
  private static int detached(Daemon daemon) throws IOException, InterruptedException {
    Path log = daemon.config().daemon().logfile();
    String failed = null;
    try (OutputStream starter = Host.moveOutputTo(log.resolveSibling(log.getFileName() + ".stderr"))) {
      try {
        daemon.begin();
      } catch (Startup e) {
        failed = "ERR " + e.getMessage() + "\n";
      }
      String instead = daemon.rejected().map(why -> "[TaskMaster] going on with the last good copy of a file that was rejected:\n" + why + "\n").orElse("");
      String started = instead + "[TaskMaster] Daemon started (PID=" + ProcessHandle.current().pid() + ")\n";
      starter.write((failed != null ? failed : started).getBytes(StandardCharsets.UTF_8));
    }
    if (failed != null) return ExitCode.FAILED;
    daemon.awaitEnd();
    return daemon.exitCode();
  }

  /** As {@code daemon.forward} says, else what the daemon itself does. */
  static void forwardElse(Daemon daemon, String name, Runnable own) {
    try {
      if (!daemon.forward(name)) own.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static void reload(Daemon daemon) {
    try {
      daemon.control().reload(null);
    } catch (ConfigRejected alreadyLoggedAndAlerted) {
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
