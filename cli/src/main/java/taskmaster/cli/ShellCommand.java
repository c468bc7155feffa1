package taskmaster.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class ShellCommand implements Command {
  @Override
  public String name() {
    return "shell";
  }

  @Override
  public String summary() {
    return "Type commands to a running daemon, with completion and history.";
  }

  @Override
  public String usage() {
    return "shell";
  }

  @Override
  public void describe(CommandSpec spec) {}

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    Client client = context.client();
    client.get("/v1/daemon"); // nobody there: say so at once
    return new Shell(client.socket(), false).run();
  }
}
