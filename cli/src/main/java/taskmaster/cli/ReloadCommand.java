package taskmaster.cli;

import java.util.StringJoiner;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import taskmaster.api.ExitCode;

final class ReloadCommand implements Command {
  @Override
  public String name() {
    return "reload";
  }

  @Override
  public String summary() {
    return "Read the file again; what did not change keeps running.";
  }

  @Override
  public String usage() {
    return "reload [--sync] [--wait]";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addOption(Command.flag("want every program that no operator stopped, also those that exited or failed", "--sync"));
    spec.addOption(Command.flag("return when nothing is under way any more; fail where what it started has failed", "--wait"));
    spec.addOption(Command.value("TIME", "with --wait: at most so long; then fail", "--timeout"));
    spec.usageMessage().footer("", "See what it would do first: taskmaster plan");
  }

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    if (Command.has(given, "--timeout") && !Command.has(given, "--wait")) {
      return context.fail(ExitCode.USAGE, "usage: " + usage() + " (--timeout goes with --wait)");
    }
    StringJoiner query = new StringJoiner("&", "?", "");
    if (Command.has(given, "--sync")) query.add("sync=true");
    if (Command.has(given, "--wait")) query.add("wait=true");
    if (Command.has(given, "--timeout")) query.add("timeout=" + Client.encode(given.matchedOptionValue("--timeout", "")));
    try (Progress progress = Progress.of("reload")) {
      Answer answer = context.client().patient(given.matchedOptionValue("--timeout", (String) null)).post("/v1/reload" + query);
      progress.close();
      return context.print(answer);
    }
  }
}
