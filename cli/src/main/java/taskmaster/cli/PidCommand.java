package taskmaster.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class PidCommand implements Command {
  @Override
  public String name() {
    return "pid";
  }

  @Override
  public String summary() {
    return "Print the daemon's pid.";
  }

  @Override
  public String usage() {
    return "pid";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage().footer("", "The pids of programs: taskmaster status -o wide");
  }

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    Answer answer = context.client().get("/v1/daemon");
    if (answer.status() >= 300) return context.print(answer);
    answer.body().lines().filter(l -> l.startsWith("pid ")).map(l -> l.substring(4).strip()).forEach(context.out::println);
    return 0;
  }
}
