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
import taskmaster.cli.Command;
import taskmaster.cli.Context;
import taskmaster.cli.Terminals;
import taskmaster.controller.Daemon;
import taskmaster.controller.Startup;
import taskmaster.controller.config.ConfigRejected;
import taskmaster.controller.linux.Host;

/** The daemon itself. */
public final class DaemonCommand implements Command {
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
    return "daemon --foreground [-c FILE]";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addOption(Command.flag("stay in the foreground and log to standard error too", "--foreground"));
    spec.addOption(Command.flag("say when it answers, then let go of standard output and error (for start scripts)", "--detach"));
    spec.usageMessage().footer("", "Example: taskmaster daemon --foreground -c /etc/taskmaster/taskmaster.yaml", "In the background: taskmasterd.sh start");
  }

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    boolean detach = Command.has(given, "--detach");
    if (detach == Command.has(given, "--foreground")) {
      return context.fail(ExitCode.USAGE, "usage: " + usage() + "; for the background there is taskmasterd.sh start");
    }
    Daemon daemon;
    try {
      Path file = FileOf.locate(context.config());
      daemon = Daemon.prepare(file, detach ? Daemon.silent() : Daemon.onStderr(Terminals.isTerminal(2)), Duration.ZERO);
    } catch (FileOf.UsageError e) {
      return context.fail(ExitCode.USAGE, String.valueOf(e.getMessage()));
    } catch (Startup e) {
      return context.fail(ExitCode.FAILED, String.valueOf(e.getMessage()));
    }
    Signals.on(name -> daemon.shutdown("SIG" + name, daemon.isEnding() ? How.AT_ONCE : How.GRACEFULLY), "TERM", "INT");
    Signals.on(name -> reload(daemon), "HUP");
    if (detach) return detached(daemon);
    try {
      daemon.begin();
    } catch (Startup e) {
      return context.fail(ExitCode.FAILED, String.valueOf(e.getMessage()));
    }
    daemon.awaitEnd();
    return ExitCode.OK;
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
      String started = "[TaskMaster] Daemon started (PID=" + ProcessHandle.current().pid() + ")\n";
      starter.write((failed != null ? failed : started).getBytes(StandardCharsets.UTF_8));
    }
    if (failed != null) return ExitCode.FAILED;
    daemon.awaitEnd();
    return ExitCode.OK;
  }

  static void reload(Daemon daemon) {
    try {
      daemon.reload(null);
    } catch (ConfigRejected alreadyLoggedAndAlerted) {
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
