package taskmaster.cli;

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
    Context context = new Context(System.out, System.err);
    Cli cli =
        new Cli(
            context,
            List.of(new ShellCommand(), new ValidateCommand(), new DaemonCommand(), new RunCommand(), new CompletionCommand()));
    int exitCode = cli.execute(arguments);
    System.out.flush();
    System.err.flush();
    // not exit(): it would load the whole of logging to write down that it was called
    Runtime.getRuntime().halt(exitCode);
  }
}
