package taskmaster.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import taskmaster.controller.Version;

final class VersionCommand implements Command {
  @Override
  public String name() {
    return "version";
  }

  @Override
  public String summary() {
    return "Print the versions of this command line and of the daemon, if one answers.";
  }

  @Override
  public String usage() {
    return "version";
  }

  @Override
  public void describe(CommandSpec spec) {}

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    context.out.println("taskmaster " + Version.TEXT);
    try {
      Answer answer = context.client().get("/v1/daemon");
      answer.body().lines().filter(l -> l.startsWith("version ")).forEach(l -> context.out.println("daemon " + l.substring(8).strip()));
    } catch (NoDaemon none) {
      context.out.println("daemon none on " + context.client().socket());
    }
    return 0;
  }
}
