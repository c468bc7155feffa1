package taskmaster.cli;

import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import taskmaster.api.Durations;
import taskmaster.api.ExitCode;
import taskmaster.cli.local.LocalProcess;
import taskmaster.controller.http.SocketFile;

final class ShutdownCommand implements Command {
  @Override
  public String name() {
    return "shutdown";
  }

  @Override
  public String summary() {
    return "Stop all programs and end the daemon; wait until both are gone.";
  }

  @Override
  public String usage() {
    return "shutdown [--keep-programs] [--no-wait]";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addOption(Command.flag("SIGKILL to all programs, without waiting for any stoptime", "--now"));
    spec.addOption(Command.flag("end the daemon alone; the next one takes over what runs", "--keep-programs"));
    spec.addOption(Command.flag("return at once", "--no-wait"));
    spec.addOption(Command.value("TIME", "wait at most so long; then fail", "--timeout"));
  }

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    long millis = Durations.parse(given.matchedOptionValue("--timeout", "365d")).toMillis();
    boolean keeping = Command.has(given, "--keep-programs");
    if (keeping && Command.has(given, "--now")) {
      return context.fail(ExitCode.USAGE, "usage: " + usage() + " (programs are kept or killed at once, not both)");
    }
    Client client = context.client();
    if (Command.has(given, "--timeout")) client = client.patient(given.matchedOptionValue("--timeout", ""));
    Answer answer = client.post("/v1/shutdown" + (keeping ? "?keep=true" : Command.has(given, "--now") ? "?now=true" : ""));
    String pid = answer.headers().get("taskmaster-pid");
    if (answer.status() >= 300 || pid == null) return context.print(answer);
    if (Command.has(given, "--no-wait")) return context.print(answer);
    OptionalLong here = LocalProcess.pidHere(Long.parseLong(pid), answer.headers().get("taskmaster-pid-space"));
    Path socket = client.socket();
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    try (Progress progress = Progress.of(keeping ? "leaving" : "stopping all programs")) {
      // not ProcessHandle.onExit(): for a process that is no child of ours it looks once in two seconds
      while (here.isPresent() ? LocalProcess.isAlive(here.getAsLong()) : SocketFile.answers(socket)) {
        if (System.nanoTime() > deadline) {
          progress.close();
          String who = here.isPresent() ? "the daemon (PID=" + here.getAsLong() + ")" : "the daemon on " + socket;
          return context.fail(ExitCode.FAILED, "timed out: " + who + " is still stopping its programs");
        }
        Thread.sleep(here.isPresent() ? 10 : 100);
      }
      progress.close();
    }
    context.out.println("[TaskMaster] Daemon " + (here.isPresent() ? "stopped" : "no longer answers; from here it cannot be seen") + fate(keeping, pid));
    return ExitCode.OK;
  }

  /** Of the programs. */
  private static String fate(boolean keeping, String pid) {
    if (!keeping) return "";
    return pid.equals("1") ? "; as PID 1 it took its programs with it" : "; its programs run on";
  }
}
