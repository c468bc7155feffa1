package taskmaster.cli;

import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import taskmaster.api.ExitCode;

final class LogsCommand implements Command {
  @Override
  public String name() {
    return "logs";
  }

  @Override
  public String summary() {
    return "Print the end of a program's output; -f goes on as it comes.";
  }

  @Override
  public String usage() {
    return "logs <program> [-n N] [-f] [--stderr]";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addPositional(Command.targets("1"));
    spec.addOption(Command.value("N", "so many lines (default 20)", "-n", "--lines"));
    spec.addOption(Command.flag("follow: print what comes until interrupted, over rotations and restarts", "-f", "--follow"));
    spec.addOption(Command.flag("its standard error instead", "--stderr"));
    spec.usageMessage().footer("", "Example: taskmaster logs web:1 -n 100 -f");
  }

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    String lines = given.matchedOptionValue("-n", "20");
    if (!lines.matches("[0-9]{1,9}")) return context.fail(ExitCode.USAGE, "usage: -n takes a number, not '" + lines + "'");
    String target = Command.texts(given)[0];
    String stream = Command.has(given, "--stderr") ? "&stream=stderr" : "";
    Answer answer = context.client().get("/v1/logfile?target=" + Client.encode(target) + stream);
    if (answer.status() >= 300) return context.print(answer);
    java.util.List<Path> files = answer.body().lines().map(l -> Path.of(l.substring(l.indexOf('\t') + 1))).distinct().toList();
    if (files.size() > 1) {
      return context.fail(ExitCode.USAGE, target + " has " + files.size() + " instances: say which, " + target + ":0 for one");
    }
    try (LogTail tail = new LogTail(files.getFirst(), context.out)) {
      tail.last(Integer.parseInt(lines));
      if (Command.has(given, "-f")) tail.follow();
    }
    return ExitCode.OK;
  }
}
