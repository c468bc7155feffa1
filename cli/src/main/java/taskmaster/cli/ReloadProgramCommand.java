package taskmaster.cli;

import java.util.List;
import java.util.StringJoiner;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class ReloadProgramCommand implements Command {
  @Override
  public String name() {
    return "reload-program";
  }

  @Override
  public String summary() {
    return "Have programs read their own files again: send each its reload_signal.";
  }

  @Override
  public String usage() {
    return "reload-program <program>";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addPositional(Command.targets("1..*"));
    spec.usageMessage()
        .footer(
            Command.examples(
                List.of("taskmaster reload-program nginx", "taskmaster reload                       TaskMaster's own file: another command")));
  }

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    StringJoiner query = new StringJoiner("&", "?", "");
    for (String target : Command.texts(given)) query.add("target=" + Client.encode(target));
    return context.print(context.client().post("/v1/reload-program" + query));
  }
}
