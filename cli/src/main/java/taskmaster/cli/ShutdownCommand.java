package taskmaster.cli;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import taskmaster.api.Durations;
import taskmaster.api.ExitCode;

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
    return "shutdown [--no-wait]";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addOption(Command.flag("SIGKILL to all programs, without waiting for any stoptime", "--now"));
    spec.addOption(Command.flag("return at once", "--no-wait"));
    spec.addOption(Command.value("TIME", "wait at most so long; then fail", "--timeout"));
  }

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    long millis = Durations.parse(given.matchedOptionValue("--timeout", "365d")).toMillis();
    Answer answer = context.client().post("/v1/shutdown" + (Command.has(given, "--now") ? "?now=true" : ""));
    String pid = answer.headers().get("taskmaster-pid");
    if (answer.status() >= 300 || pid == null) return context.print(answer);
    if (Command.has(given, "--no-wait")) return context.print(answer);
    try (Progress progress = Progress.of("stopping all programs")) {
      ProcessHandle daemon = ProcessHandle.of(Long.parseLong(pid)).orElse(null);
      if (daemon != null) daemon.onExit().get(millis, TimeUnit.MILLISECONDS);
      progress.close();
    } catch (TimeoutException e) {
      return context.fail(ExitCode.FAILED, "timed out: the daemon (PID=" + pid + ") is still stopping its programs");
    }
    context.out.println("[TaskMaster] Daemon stopped");
    return ExitCode.OK;
  }
}
