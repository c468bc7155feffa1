package taskmaster.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;
import taskmaster.api.ExitCode;

final class ScaleCommand implements Command {
  @Override
  public String name() {
    return "scale";
  }

  @Override
  public String summary() {
    return "Keep so many instances of a program, until the file's numprocs for it changes.";
  }

  @Override
  public String usage() {
    return "scale <program> <count>";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("PROGRAM COUNT")
            .hideParamSyntax(true)
            .arity("2")
            .required(true)
            .type(String[].class)
            .description("a program, and a number from 0 to 10000")
            .build());
    spec.addOption(Command.flag("return at once", "--no-wait"));
    spec.addOption(Command.value("TIME", "wait at most so long; then fail", "--timeout"));
    spec.usageMessage().footer("", "Example: taskmaster scale web 4");
  }

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    String[] words = Command.texts(given);
    if (words.length != 2) return context.fail(ExitCode.USAGE, "usage: " + usage());
    String query = "?program=" + Client.encode(words[0]) + "&count=" + Client.encode(words[1]);
    if (!Command.has(given, "--no-wait")) query += "&wait=true";
    if (Command.has(given, "--timeout")) query += "&timeout=" + Client.encode(given.matchedOptionValue("--timeout", ""));
    try (Progress progress = Progress.of("scale " + String.join(" ", words))) {
      Answer answer = context.client().patient(given.matchedOptionValue("--timeout", (String) null)).post("/v1/scale" + query);
      progress.close();
      return context.print(answer);
    }
  }
}
