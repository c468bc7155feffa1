package taskmaster.cli;

import java.util.StringJoiner;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import taskmaster.api.ExitCode;

final class EnvCommand implements Command {
  @Override
  public String name() {
    return "env";
  }

  @Override
  public String summary() {
    return "Show what a program is started with: argv, environment, working folder, user, limits.";
  }

  @Override
  public String usage() {
    return "env <program> [--show-secrets]";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addPositional(Command.targets("1..*"));
    spec.addOption(Command.flag("show values that look like secrets too, instead of ***", "--show-secrets"));
    spec.addOption(Command.value("FORMAT", "text (default), json or yaml", "-o", "--output"));
    spec.usageMessage()
        .footer(
            "",
            "Of what runs: as it was started; of the rest: as it would be started now.",
            "",
            "Examples: taskmaster env web:0",
            "          taskmaster env web --show-secrets -o json | jq '.[].env'");
  }

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    String format = given.matchedOptionValue("-o", "text");
    String accept =
        switch (format) {
          case "text" -> "text/plain";
          case "json" -> "application/json";
          case "yaml" -> "application/yaml";
          default -> null;
        };
    if (accept == null) return context.fail(ExitCode.USAGE, "usage: -o is one of text, json, yaml; not '" + format + "'");
    StringJoiner query = new StringJoiner("&", "?", "");
    for (String target : Command.texts(given)) query.add("target=" + Client.encode(target));
    if (Command.has(given, "--show-secrets")) query.add("show_secrets=true");
    Answer answer = context.client().ask("GET", "/v1/env" + query, accept);
    if (answer.status() >= 300 && !format.equals("text")) answer = context.client().get("/v1/env" + query);
    return context.print(answer);
  }
}
