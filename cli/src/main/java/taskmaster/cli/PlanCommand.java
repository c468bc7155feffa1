package taskmaster.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class PlanCommand implements Command {
  @Override
  public String name() {
    return "plan";
  }

  @Override
  public String summary() {
    return "Show what a reload would do, instance by instance and why, without doing it.";
  }

  @Override
  public String usage() {
    return "plan [--sync]";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addOption(Command.flag("as of reload --sync", "--sync"));
    spec.addOption(Command.value("FORMAT", "text (default), json or yaml", "-o", "--output"));
  }

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    String query = Command.has(given, "--sync") ? "?sync=true" : "";
    String accept = Command.accepted(given);
    return context.print(context.client().ask("GET", "/v1/plan" + query, accept));
  }
}
