package taskmaster.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** A command that shows what the daemon answers to one question. */
record AskCommand(String name, String summary, String path) implements Command {
  static final AskCommand ALERTS = new AskCommand("alerts", "Show the state of the alert file and the webhook.", "/v1/alerts");
  static final AskCommand INFO = new AskCommand("info", "Show the daemon's version, pid, file, socket and folders.", "/v1/daemon");
  static final AskCommand NAMES = new AskCommand("names", "List what a command can be told: programs, instances, groups.", Names.PATH);

  @Override
  public String usage() {
    return name;
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addOption(Command.value("FORMAT", "text (default), json or yaml", "-o", "--output"));
  }

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    String accept = Command.accepted(given);
    return context.print(context.client().ask("GET", path, accept));
  }
}
