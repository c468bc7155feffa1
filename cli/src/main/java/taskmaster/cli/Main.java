package taskmaster.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import taskmaster.api.ExitCode;
import taskmaster.cli.local.DaemonCommand;
import taskmaster.cli.local.RunCommand;
import taskmaster.cli.local.ValidateCommand;

/** The program. */
public final class Main {
  private static final int BY_SIGNAL = 128;
  private static final Path STDOUT = Path.of("/proc/self/fd/1");

  private Main() {}

  public static void main(String[] arguments) {
    // without this the JVM calls exit(), see below; the shell and the daemon have handlers of their own
    for (String name : List.of("INT", "TERM")) {
      sun.misc.Signal.handle(new sun.misc.Signal(name), signal -> Runtime.getRuntime().halt(BY_SIGNAL + signal.getNumber()));
    }
    int exitCode = cli(System.out, System.err).execute(arguments);
    // who reads a pipe may have seen enough
    if (System.out.checkError() && exitCode == ExitCode.OK && !isPipe(STDOUT)) {
      System.err.println("ERR cannot write to standard output");
      exitCode = ExitCode.FAILED;
    }
    System.err.flush();
    // not exit(): it would load the whole of logging to write down that it was called
    Runtime.getRuntime().halt(exitCode);
  }

  private static boolean isPipe(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("pipe:");
    } catch (IOException unknown) {
      return false;
    }
  }

  /** With all its commands. */
  public static Cli cli(PrintStream out, PrintStream err) {
    return new Cli(
        new Context(out, err),
        List.of(new ShellCommand(), new ValidateCommand(), new DaemonCommand(), new RunCommand(), new CompletionCommand()));
  }
}
