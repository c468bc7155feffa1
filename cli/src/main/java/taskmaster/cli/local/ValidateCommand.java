package taskmaster.cli.local;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;
import taskmaster.api.ExitCode;
import taskmaster.cli.Command;
import taskmaster.cli.Context;
import taskmaster.controller.config.Config;
import org.jspecify.annotations.Nullable;
import taskmaster.controller.config.ConfigRejected;

/** Says what a reload would say of a file, without a daemon. */
public final class ValidateCommand implements Command {
  @Override
  public String name() {
    return "validate";
  }

  @Override
  public String summary() {
    return "Check a file without a daemon; tells everything that is wrong.";
  }

  @Override
  public String usage() {
    return "validate [<file>…]";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addPositional(
        PositionalParamSpec.builder().paramLabel("FILE").arity("0..*").type(String[].class).description("files, each by itself (else as -c)").build());
  }

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    String[] words = Command.texts(given);
    if (words.length == 0) return validate(context.config(), context);
    int worst = ExitCode.OK;
    for (String word : words) {
      int code;
      try {
        code = validate(Path.of(word), context);
      } catch (ConfigRejected e) {
        code = context.fail(ExitCode.FAILED, String.valueOf(e.getMessage()));
      }
      if (worst == ExitCode.OK) worst = code;
    }
    return worst;
  }

  private static int validate(@Nullable Path named, Context context) throws ConfigRejected {
    Path file;
    try {
      file = FileOf.locate(named);
    } catch (FileOf.UsageError e) {
      return context.fail(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
    Config config = FileOf.load(file);
    int instances = config.programs().values().stream().mapToInt(p -> p.policy().numprocs()).sum();
    long others = config.alsoRead().stream().filter(Files::isRegularFile).count();
    String groups = config.groups().isEmpty() ? "" : ", " + counted(config.groups().size(), "group");
    String files = others == 0 ? "" : ", with " + counted(others, "other file");
    context.out.println("OK " + config.file() + ": " + counted(config.programs().size(), "program") + ", " + counted(instances, "instance") + groups + files);
    return ExitCode.OK;
  }

  private static String counted(long n, String what) {
    return n + " " + what + (n == 1 ? "" : "s");
  }
}
