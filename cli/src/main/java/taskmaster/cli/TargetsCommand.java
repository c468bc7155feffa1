package taskmaster.cli;

import java.util.List;
import java.util.StringJoiner;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** start, stop and restart, which differ in one word. */
record TargetsCommand(String name, String summary, String waits, List<String> examples) implements Command {
  private static final String READY = "RUNNING and ready";
  private static final String WITH_DEPENDENTS = "--with-dependents";
  static final TargetsCommand START =
      new TargetsCommand("start", "Start programs and what they need, and wait until they are ready.", READY, List.of("taskmaster start web db:0"));
  static final TargetsCommand STOP =
      new TargetsCommand(
          "stop", "Stop programs and wait until nothing of them is alive.", "gone",
          List.of("taskmaster stop all", "taskmaster stop db --with-dependents    first what needs it, then db"));
  static final TargetsCommand RESTART =
      new TargetsCommand("restart", "Replace the processes of programs; start what does not run.", READY, List.of("taskmaster restart web --no-wait"));

  @Override
  public String usage() {
    return name + " <program>";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addPositional(Command.targets("1..*"));
    spec.addOption(Command.flag("return at once instead of when they are " + waits, "--no-wait"));
    spec.addOption(Command.value("TIME", "wait at most so long (10, 30s, 5m); then fail", "--timeout"));
    if (this == STOP) spec.addOption(Command.flag("stop what depends on them too, first", WITH_DEPENDENTS));
    spec.usageMessage().footer(Command.examples(examples));
  }

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    StringJoiner query = new StringJoiner("&", "?", "");
    for (String target : Command.texts(given)) query.add("target=" + Client.encode(target));
    if (!Command.has(given, "--no-wait")) query.add("wait=true");
    if (Command.has(given, "--timeout")) query.add("timeout=" + Client.encode(given.matchedOptionValue("--timeout", "")));
    if (this == STOP && Command.has(given, WITH_DEPENDENTS)) query.add("with-dependents=true");
    try (Progress progress = Progress.of(name + " " + String.join(" ", Command.texts(given)))) {
      Answer answer = context.client().patient(given.matchedOptionValue("--timeout", (String) null)).post("/v1/" + name + query);
      progress.close();
      return context.print(answer);
    }
  }
}
