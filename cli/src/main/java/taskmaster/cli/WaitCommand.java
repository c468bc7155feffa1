package taskmaster.cli;

import java.util.List;
import java.util.StringJoiner;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

final class WaitCommand implements Command {
  @Override
  public String name() {
    return "wait";
  }

  @Override
  public String summary() {
    return "Wait until programs are ready, stopped or completed, whoever starts or stops them.";
  }

  @Override
  public String usage() {
    return "wait <program>";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addPositional(Command.targets("1..*"));
    spec.addOption(
        OptionSpec.builder("--for")
            .paramLabel("WHAT")
            .arity("1")
            .type(String.class)
            .completionCandidates(List.of("ready", "stopped", "completed"))
            .description("ready (default), stopped or completed (a job that has done its work)")
            .build());
    spec.addOption(Command.value("TIME", "wait at most so long (10, 30s, 5m), else an hour; then fail", "--timeout"));
    spec.usageMessage()
        .footer(
            Command.examples(
                List.of(
                    "taskmaster wait web --timeout 30s       it answers, or exit code 1",
                    "taskmaster wait migrate --for completed",
                    "taskmaster wait all                     all that should run does, and is ready")));
  }

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    StringJoiner query = new StringJoiner("&", "?", "");
    for (String target : Command.texts(given)) query.add("target=" + Client.encode(target));
    if (Command.has(given, "--for")) query.add("for=" + Client.encode(given.matchedOptionValue("--for", "")));
    if (Command.has(given, "--timeout")) query.add("timeout=" + Client.encode(given.matchedOptionValue("--timeout", "")));
    try (Progress progress = Progress.of("wait " + String.join(" ", Command.texts(given)))) {
      Answer answer = context.client().patient(given.matchedOptionValue("--timeout", (String) null)).get("/v1/wait" + query);
      progress.close();
      return context.print(answer);
    }
  }
}
