package taskmaster.cli.local;

import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import taskmaster.api.Command.Shutdown.How;
import taskmaster.api.ExitCode;
import taskmaster.cli.Command;
import taskmaster.cli.Context;
import taskmaster.cli.Shell;
import taskmaster.cli.Terminals;
import taskmaster.controller.Daemon;
import taskmaster.controller.Startup;
import taskmaster.controller.Voice;
import taskmaster.controller.config.Config;
import taskmaster.controller.http.SocketFile;

/** The interactive mode: the daemon and a shell on it, in one process that ends with the shell. */
public final class RunCommand implements Command {
  @Override
  public String name() {
    return "run";
  }

  @Override
  public String summary() {
    return "Run the programs and a shell on them in this terminal; exit stops all.";
  }

  @Override
  public String usage() {
    return "run [-c FILE]";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage().footer("", FileOf.WHERE_IT_LISTENS, "", "The same: scripts/run_taskmaster.sh start -c FILE");
  }

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    Voice voice = Voice.begin();
    Path file;
    try {
      file = FileOf.ofNewDaemon(context);
    } catch (FileOf.UsageError e) {
      return context.fail(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
    Config config = FileOf.load(file);
    Path socket = config.daemon().socket();
    if (SocketFile.answers(socket)) {
      return context.fail(
          ExitCode.FAILED,
          "a daemon already answers on " + socket + "; for a shell on it: taskmaster shell -s " + socket);
    }
    Shell shell = new Shell(socket, true);
    Daemon daemon;
    try {
      daemon = Daemon.prepare(voice, file, Daemon.shownBy(shell::say, Terminals.isTerminal(1)), Duration.ZERO);
      listen(daemon);
      daemon.begin();
    } catch (Startup e) {
      return context.fail(ExitCode.FAILED, String.valueOf(e.getMessage()));
    }
    endWith(daemon, shell, context);
    exitCode = shell.run();
    listen(daemon); // the terminal had taken Ctrl-C for itself
    context.out.println("Stopping all programs …");
    context.out.flush();
    daemon.shutdown("exit", How.GRACEFULLY);
    Thread.currentThread().join(); // the thread that waits for the daemon ends the process
    return exitCode;
  }

  private volatile int exitCode;

  private static void listen(Daemon daemon) {
    Signals.on(name -> daemon.shutdown("SIG" + name, daemon.isEnding() ? How.AT_ONCE : How.GRACEFULLY), "TERM", "INT");
    // as of the daemon: without a handler they would end it, and leave its programs to nobody
    Signals.on(name -> DaemonCommand.forwardElse(daemon, name, daemon.control()::reopenLogs), "USR1");
    Signals.on(name -> DaemonCommand.forwardElse(daemon, name, () -> {}), "USR2");
    // the terminal is gone; WINCH is the shell's, which draws its line anew
    Signals.on(name -> daemon.shutdown("SIG" + name, How.GRACEFULLY), "HUP");
  }

  /** However the daemon's end came about, by exit, a signal or another client: the process ends with it. */
  private void endWith(Daemon daemon, Shell shell, Context context) {
    Thread.ofPlatform().name("end").daemon().start(() -> {
      try {
        daemon.awaitEnd();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      shell.restoreTerminal();
      context.out.println(daemon.isKeeping() ? "[TaskMaster] Daemon stopped; its programs run on" : "[TaskMaster] All programs stopped");
      context.out.flush();
      Runtime.getRuntime().halt(daemon.exitCode() != ExitCode.OK ? daemon.exitCode() : exitCode);
    });
  }
}
