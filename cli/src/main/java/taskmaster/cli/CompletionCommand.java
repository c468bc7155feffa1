package taskmaster.cli;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class CompletionCommand implements Command {
  @Override
  public String name() {
    return "completion";
  }

  @Override
  public String summary() {
    return "Print a completion script for bash and zsh.";
  }

  @Override
  public String usage() {
    return "completion";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage().footer("", "bash: source <(taskmaster completion)", "zsh:  autoload -U +X bashcompinit && bashcompinit; source <(taskmaster completion)");
  }

  @Override
  public boolean describesAll() {
    return true;
  }

  @Override
  public int run(ParseResult given, Context context) {
    CommandLine root = given.commandSpec().root().commandLine();
    context.out.print(AutoComplete.bash("taskmaster", root));
    context.out.flush();
    return 0;
  }
}
