package taskmaster.cli.local;

import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import taskmaster.api.ExitCode;
import taskmaster.cli.Command;
import taskmaster.cli.Context;
import taskmaster.cli.Shell;
import taskmaster.cli.Terminals;
import taskmaster.controller.Daemon;
import taskmaster.controller.Startup;
import taskmaster.controller.config.Config;
import taskmaster.controller.http.Door;

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
    spec.usageMessage().footer("", "The same: scripts/run_taskmaster.sh start -c FILE");
  }

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    Path file;
    try {
      file = FileOf.locate(context.config());
    } catch (FileOf.UsageError e) {
      return context.fail(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
    Config config = FileOf.load(file);
    Path socket = config.daemon().socket();
    if (Door.answers(socket)) {
      return context.fail(
          ExitCode.FAILED,
          "a daemon already answers on " + socket + "; for a shell on it: taskmaster shell -s " + socket);
    }
    Shell shell = new Shell(socket);
    Daemon daemon;
    try {
      daemon = Daemon.start(file, Daemon.shownBy(shell::say, Terminals.isTerminal(1)));
    } catch (Startup e) {
      return context.fail(ExitCode.FAILED, String.valueOf(e.getMessage()));
    }
    // Ctrl-C belongs to the line being typed; without a terminal it means what it means to every program
    Signals.on(name -> end(daemon, "SIG" + name), "TERM", "HUP");
    if (!Terminals.isTerminal(0)) Signals.on(name -> end(daemon, "SIG" + name), "INT");
    int exitCode = shell.run();
    context.out.println("Stopping all programs …");
    context.out.flush();
    daemon.shutdown("exit");
    daemon.awaitEnd();
    context.out.println("[TaskMaster] All programs stopped");
    return exitCode;
  }

  /** The terminal is gone, or somebody wants this to end: the shell's own thread may wait for input for ever. */
  private static void end(Daemon daemon, String why) {
    daemon.shutdown(why);
    try {
      daemon.awaitEnd();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(ExitCode.OK);
  }
}
