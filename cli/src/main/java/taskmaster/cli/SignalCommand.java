package taskmaster.cli;

import java.util.Arrays;
import java.util.StringJoiner;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

final class SignalCommand implements Command {
  @Override
  public String name() {
    return "signal";
  }

  @Override
  public String summary() {
    return "Send a signal to the main process of programs.";
  }

  @Override
  public String usage() {
    return "signal <signal> <program>";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("SIGNAL TARGET...")
            .hideParamSyntax(true)
            .arity("2..*")
            .required(true)
            .type(String[].class)
            .description("a signal (HUP, SIGHUP or 1), then programs, instances or all")
            .build());
    spec.usageMessage().footer("", "Example: taskmaster signal HUP web");
  }

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    String[] words = Command.texts(given);
    StringJoiner query = new StringJoiner("&", "?signal=" + Client.encode(words[0]) + "&", "");
    Arrays.stream(words).skip(1).forEach(target -> query.add("target=" + Client.encode(target)));
    return context.print(context.client().post("/v1/signal" + query));
  }
}
