package taskmaster.cli;

import java.io.PrintStream;
import java.util.List;
import taskmaster.cli.local.DaemonCommand;
import taskmaster.cli.local.RunCommand;
import taskmaster.cli.local.ValidateCommand;

/** The program. */
public final class Main {
  private static final int BY_SIGNAL = 128;

  private Main() {}

  public static void main(String[] arguments) {
    // without this the JVM calls exit(), see below; the shell and the daemon have handlers of their own
    for (String name : List.of("INT", "TERM")) {
      sun.misc.Signal.handle(new sun.misc.Signal(name), signal -> Runtime.getRuntime().halt(BY_SIGNAL + signal.getNumber()));
    }
    int exitCode = cli(System.out, System.err).execute(arguments);
    System.out.flush();
    System.err.flush();
    // not exit(): it would load the whole of logging to write down that it was called
    Runtime.getRuntime().halt(exitCode);
  }

  /** With all its commands. */
  public static Cli cli(PrintStream out, PrintStream err) {
    return new Cli(
        new Context(out, err),
        List.of(new ShellCommand(), new ValidateCommand(), new DaemonCommand(), new RunCommand(), new CompletionCommand()));
  }
}
