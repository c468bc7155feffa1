package taskmaster.cli;

import java.util.StringJoiner;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import taskmaster.api.ExitCode;

final class StatusCommand implements Command {
  @Override
  public String name() {
    return "status";
  }

  @Override
  public String summary() {
    return "Show what runs. With names: exit code 3 unless all of them are RUNNING.";
  }

  @Override
  public String usage() {
    return "status [<program>…]";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addPositional(Command.targets("0..*"));
    spec.addOption(Command.value("FORMAT", "table (default), wide (a row an instance), json or yaml", "-o", "--output"));
    spec.usageMessage().footer("", "Examples: taskmaster status", "          taskmaster status web -o json | jq '.[].phase'");
  }

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    String format = given.matchedOptionValue("-o", "table");
    String accept =
        switch (format) {
          case "table", "wide" -> "text/plain";
          case "json" -> "application/json";
          case "yaml" -> "application/yaml";
          default -> null;
        };
    if (accept == null) return context.fail(ExitCode.USAGE, "usage: -o is one of table, wide, json, yaml; not '" + format + "'");
    StringJoiner query = new StringJoiner("&", "?", "");
    for (String target : Command.texts(given)) query.add("target=" + Client.encode(target));
    if (format.equals("wide")) query.add("wide=true");
    if (Terminals.wantsColour()) query.add("colour=true");
    Answer answer = context.client().ask("GET", "/v1/status" + query, accept);
    if (answer.status() >= 300 && !format.equals("table") && !format.equals("wide")) {
      answer = context.client().ask("GET", "/v1/status" + query, "text/plain");
    }
    return context.print(answer);
  }
}
