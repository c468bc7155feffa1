package taskmaster.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import taskmaster.api.DidYouMean;
import taskmaster.api.ExitCode;
import taskmaster.controller.Version;
import taskmaster.controller.config.ConfigRejected;

/** The commands put together, and what becomes of their failures. */
public final class Cli {
  /** Root options that take the next word. */
  private static final Set<String> TAKE_A_WORD = Set.of("-s", "--socket", "-c", "--config");

  static {
    // what no command has: a look for classes that are not there would open every jar, 30 ms
    System.setProperty("picocli.disable.closures", "true");
    System.setProperty("picocli.converters.excludes", ".*");
  }

  private final Context context;
  private final List<Command> commands;

  public Cli(Context context, List<Command> more) {
    this.context = context;
    this.commands = new ArrayList<>(remote());
    commands.addAll(more);
  }

  /** Those that a daemon answers. */
  private static List<Command> remote() {
    return List.of(
        new StatusCommand(),
        TargetsCommand.START,
        TargetsCommand.STOP,
        TargetsCommand.RESTART,
        new WaitCommand(),
        new ReloadCommand(),
        new PlanCommand(),
        new LogsCommand(),
        new SignalCommand(),
        new ReloadProgramCommand(),
        new ScaleCommand(),
        new EnvCommand(),
        AskCommand.NAMES,
        AskCommand.ALERTS,
        AskCommand.INFO,
        new PidCommand(),
        new VersionCommand(),
        new ShutdownCommand());
  }

  /** All commands as picocli sees them. */
  public CommandLine line() {
    return line(commands);
  }

  private CommandLine line(List<Command> commands) {
    CommandSpec root = CommandSpec.create().name("taskmaster");
    root.versionProvider(() -> new String[] {"taskmaster " + Version.TEXT});
    root.usageMessage()
        .description("Keeps the programs of a YAML file running.", "")
        .footer(
            "",
            "Examples:",
            "  taskmaster status                    what runs",
            "  taskmaster restart web               replace its processes, wait for the new ones",
            "  taskmaster plan && taskmaster reload see what an edited file means, then apply it",
            "  taskmaster logs web:0 -f             follow its output",
            "",
            "Exit codes: 0 good, 1 failed, 2 usage, 3 status of something not running, 4 no daemon.")
        .footerHeading("");
    root.addOption(
        OptionSpec.builder("-s", "--socket")
            .paramLabel("PATH")
            .type(Path.class)
            .converters(PATH)
            .scopeType(ScopeType.INHERIT)
            .description("the daemon's socket (else that of -c's file, TASKMASTER_SOCKET, that of TASKMASTER_CONFIG's file, /tmp/taskmaster.sock)")
            .setter(new Setter(path -> context.socket(path)))
            .build());
    root.addOption(
        OptionSpec.builder("-c", "--config")
            .paramLabel("FILE")
            .type(Path.class)
            .converters(PATH)
            .scopeType(ScopeType.INHERIT)
            .description("the file (else TASKMASTER_CONFIG; for a new daemon and validate also ./taskmaster.yaml, /etc/taskmaster/taskmaster.yaml)")
            .setter(new Setter(path -> context.config(path)))
            .build());
    root.addOption(OptionSpec.builder("-h", "--help").usageHelp(true).scopeType(ScopeType.INHERIT).description("show help").build());
    root.addOption(OptionSpec.builder("-V", "--version").versionHelp(true).description("show the version").build());
    for (Command command : commands) {
      CommandSpec spec = CommandSpec.wrapWithoutInspection(command).name(command.name());
      spec.usageMessage().description(command.summary());
      command.describe(spec);
      root.addSubcommand(command.name(), spec);
    }
    CommandLine built = new CommandLine(root);
    built.setOut(new PrintWriter(context.out, true));
    built.setErr(new PrintWriter(context.err, true));
    built.setExecutionStrategy(parsed -> run(built, parsed));
    built.setParameterExceptionHandler((e, args) -> usage(e));
    built.setExecutionExceptionHandler((e, l, parsed) -> failed(e));
    built.setUnmatchedOptionsArePositionalParams(false);
    return built;
  }

  /** picocli's own is called by reflection, which costs each call 10 ms. */
  private static final CommandLine.ITypeConverter<Path> PATH = Path::of;

  private record Setter(java.util.function.Consumer<Path> to) implements CommandLine.Model.ISetter {
    @Override
    @SuppressWarnings("unchecked")
    public <T> T set(T value) {
      if (value instanceof Path path) to.accept(path);
      return value;
    }
  }

  public int execute(String... arguments) {
    String[] words = asOptions(arguments);
    return line(meant(words)).execute(words);
  }

  /** "help" and "help status", as other programs have it. */
  private static String[] asOptions(String[] arguments) {
    int first = firstWord(arguments);
    boolean isHelp = first < arguments.length && arguments[first].equals("help") && arguments.length - first <= 2;
    if (!isHelp) return arguments;
    List<String> words = new ArrayList<>(List.of(arguments));
    words.remove(first);
    words.add("--help");
    return words.toArray(String[]::new);
  }

  /** Where the command stands. */
  private static int firstWord(String[] arguments) {
    int first = 0;
    while (first < arguments.length && TAKE_A_WORD.contains(arguments[first])) first += 2;
    return first;
  }

  /** The command that is named, alone: to describe all takes longer than most calls do. All, where help or an error may need them. */
  private List<Command> meant(String[] arguments) {
    int first = firstWord(arguments);
    for (Command command : commands) {
      if (first < arguments.length && command.name().equals(arguments[first]) && !command.describesAll()) return List.of(command);
    }
    return commands;
  }

  List<Command> commands() {
    return commands;
  }

  private int run(CommandLine line, ParseResult parsed) {
    Integer help = CommandLine.executeHelpRequest(parsed);
    if (help != null) return help;
    ParseResult deepest = parsed;
    while (deepest.hasSubcommand()) deepest = deepest.subcommand();
    if (!(deepest.commandSpec().userObject() instanceof Command command)) {
      line.usage(context.err);
      return ExitCode.USAGE;
    }
    try {
      return command.run(deepest, context);
    } catch (Exception e) {
      return failed(e);
    }
  }

  private int failed(Exception e) {
    return switch (e) {
      case NoDaemon n -> context.fail(ExitCode.NO_DAEMON, n.getMessage() + context.otherDaemon());
      case ConfigRejected c -> context.fail(ExitCode.FAILED, String.valueOf(c.getMessage()));
      case java.nio.channels.ClosedByInterruptException i ->
          context.fail(ExitCode.FAILED, "interrupted; what was asked for goes on in the daemon");
      case IOException i -> context.fail(ExitCode.FAILED, String.valueOf(i.getMessage()));
      case IllegalArgumentException i -> context.fail(ExitCode.USAGE, String.valueOf(i.getMessage()));
      case FailedHere f -> context.fail(f.exitCode(), String.valueOf(f.getMessage()));
      default -> context.fail(ExitCode.FAILED, "internal error: " + e);
    };
  }

  private int usage(ParameterException e) {
    if (e.getCommandLine().getCommandSpec().userObject() instanceof Command command) {
      boolean missing = e instanceof CommandLine.MissingParameterException;
      String why = missing ? "" : " (" + String.valueOf(e.getMessage()).toLowerCase(java.util.Locale.ROOT) + ")";
      return context.fail(ExitCode.USAGE, "usage: " + command.usage() + why);
    }
    if (e instanceof CommandLine.UnmatchedArgumentException u && !u.getUnmatched().isEmpty()) {
      String word = u.getUnmatched().getFirst();
      if (!word.startsWith("-")) {
        return context.fail(ExitCode.USAGE, "no such command '" + word + "'" + DidYouMean.hint(names(), word) + "; see --help");
      }
    }
    return context.fail(ExitCode.USAGE, String.valueOf(e.getMessage()) + "; see --help");
  }

  private List<String> names() {
    return commands.stream().map(Command::name).toList();
  }
}
