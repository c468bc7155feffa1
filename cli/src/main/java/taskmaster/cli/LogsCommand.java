package taskmaster.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import taskmaster.api.ExitCode;
import taskmaster.api.LogPolicy;
import taskmaster.api.logs.LogQuery;
import taskmaster.api.logs.LogReader;
import taskmaster.api.logs.LogShape;
import taskmaster.api.logs.LogSource;
import taskmaster.cli.local.FileOf;

/** Asks the daemon where the files are and reads them itself: a slow reader costs nobody else anything. */
final class LogsCommand implements Command {
  private static final String OWN_LOG = "logfile ";

  @Override
  public String name() {
    return "logs";
  }

  @Override
  public String summary() {
    return "Print the end of programs' output; -f goes on as it comes.";
  }

  @Override
  public String usage() {
    return "logs [<program>…] [-n N] [-f] [--since TIME] [--grep RE] [--stderr|--all] [-o raw|json] [--daemon] [--reopen]";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addPositional(Command.targets("0..*"));
    spec.addOption(Command.value("N", "so many lines of each (default 20; with --since: all)", "-n", "--lines"));
    spec.addOption(Command.flag("follow: print what comes until interrupted, over rotations and restarts", "-f", "--follow"));
    spec.addOption(Command.value("TIME", "what came since then: 10m, 2h, 2026-11-23T10:00:00Z", "--since"));
    spec.addOption(Command.value("RE", "only lines in which this regular expression is found", "--grep"));
    spec.addOption(Command.flag("the standard error instead", "--stderr"));
    spec.addOption(Command.flag("standard output and standard error", "--all"));
    spec.addOption(Command.value("FORMAT", "raw (default: as in the file) or json (one object a line)", "-o", "--output"));
    spec.addOption(Command.flag("the daemon's own log instead", "--daemon"));
    spec.addOption(Command.flag("only have all logs opened again: for logrotate, once it has moved them away", "--reopen"));
    spec.usageMessage().footer(
        "",
        "Without a name: all programs. Several are told apart by a prefix on a terminal; a pipe gets the plain lines.",
        "",
        "Examples: taskmaster logs web:1 -n 100 -f",
        "          taskmaster logs web db --all --since 10m --grep 'ERROR|WARN'",
        "          taskmaster logs -f -o json | jq -r .message",
        "          taskmaster logs --daemon -f",
        "          taskmaster -c FILE logs --daemon    (also after the daemon has died)");
  }

  @Override
  public int run(ParseResult given, Context context) throws Exception {
    if (Command.has(given, "--reopen") && !isReopenAlone(given)) return context.fail(ExitCode.USAGE, "usage: logs --reopen is for all logs, and shows none");
    if (Command.has(given, "--reopen")) return context.print(context.client().post("/v1/logs/reopen"));
    LogQuery query = LogQuery.parse(value(given, "-n"), value(given, "--since"), value(given, "--grep"), Command.has(given, "-f"), Instant.now());
    Optional<String> format = value(given, "-o");
    if (!List.of("raw", "json").contains(format.orElse("raw"))) {
      return context.fail(ExitCode.USAGE, "usage: -o is one of raw, json; not '" + format.get() + "'");
    }
    String wrong = contradiction(given);
    if (wrong != null) return context.fail(ExitCode.USAGE, "usage: " + wrong);
    boolean daemon = Command.has(given, "--daemon");
    List<LogSource> sources;
    if (daemon) {
      sources = List.of(new LogSource("taskmaster", "taskmaster", "log", ownLog(context), LogPolicy.Format.JSON));
    } else {
      Answer answer = context.client().get("/v1/logfile" + question(given));
      if (answer.status() >= 300) return context.print(answer);
      sources = captured(answer, context.err);
    }
    if (query.since() != null && LogReader.hasNoTimes(sources)) {
      context.err.println("some lines carry no time (log format raw): of those, files last written before that are left out");
      context.err.flush();
    }
    LogShape shape = format.isEmpty() && daemon ? LogShape.CONSOLE : format.orElse("raw").equals("json") ? LogShape.JSON : LogShape.RAW;
    show(sources, query, shape, context);
    return ExitCode.OK;
  }

  private static @Nullable String contradiction(ParseResult given) {
    boolean stderr = Command.has(given, "--stderr");
    boolean all = Command.has(given, "--all");
    if (stderr && all) return "--stderr or --all, not both";
    boolean more = stderr || all || Command.texts(given).length > 0;
    return Command.has(given, "--daemon") && more ? "--daemon is a log of its own: no program, --stderr or --all with it" : null;
  }

  private static boolean isReopenAlone(ParseResult given) {
    return Command.texts(given).length == 0
        && given.matchedOptions().stream().allMatch(o -> List.of("--reopen", "--socket", "--config").contains(o.longestName()));
  }

  private static Optional<String> value(ParseResult given, String option) {
    return Optional.ofNullable(given.matchedOptionValue(option, null));
  }

  private static String question(ParseResult given) {
    StringJoiner query = new StringJoiner("&", "?", "");
    for (String target : Command.texts(given)) query.add("target=" + Client.encode(target));
    if (Command.texts(given).length == 0) query.add("target=all");
    return query.add("stream=" + (Command.has(given, "--all") ? "all" : Command.has(given, "--stderr") ? "stderr" : "stdout")).toString();
  }

  /** Of a daemon that is no more as well, since that is when one wants to know: where {@code -c} says which file it had. */
  private static Path ownLog(Context context) throws Exception {
    try {
      return context.client().get("/v1/daemon").body().lines().filter(l -> l.startsWith(OWN_LOG)).map(l -> Path.of(l.substring(OWN_LOG.length()).strip())).findFirst()
          .orElseThrow(() -> new FailedHere(ExitCode.FAILED, "the daemon does not say where its log is"));
    } catch (NoDaemon none) {
      Path config = context.file();
      if (config == null) throw none;
      return FileOf.load(config).daemon().logfile();
    }
  }

  private static List<LogSource> captured(Answer answer, PrintStream err) {
    List<LogSource> all = answer.body().lines().map(LogSource::parse).toList();
    List<LogSource> without = all.stream().filter(s -> !s.isCaptured()).toList();
    if (!without.isEmpty()) {
      LogSource first = without.getFirst();
      String more = without.size() > 1 ? " (and " + (without.size() - 1) + " more)" : "";
      err.println("left out: " + first.instance() + " " + first.stream() + more + ", discarded or inherited");
      err.flush();
    }
    return LogSource.distinct(all.stream().filter(LogSource::isCaptured).toList());
  }

  private static void show(List<LogSource> sources, LogQuery query, LogShape shape, Context context) throws IOException {
    boolean prefixed = sources.size() > 1 && shape == LogShape.RAW && Terminals.isTerminal(1);
    LogReader.Prefix prefix =
        !prefixed ? LogReader.Prefix.NONE : Terminals.wantsColour() ? LogReader.Prefix.COLOURED : LogReader.Prefix.PLAIN;
    Printed out = new Printed(context.out);
    try (LogReader reader = new LogReader(sources, query, shape, prefix, out)) {
      reader.run(() -> !out.isBroken());
    } catch (IOException e) {
      if (!out.isBroken()) throw e; // `logs | head` has seen enough
    }
  }

  /** A PrintStream keeps its failures to itself; who follows has to know that nobody reads any more. */
  private static final class Printed extends OutputStream {
    private final PrintStream to;

    Printed(PrintStream to) {
      this.to = to;
    }

    boolean isBroken() {
      return to.checkError();
    }

    @Override
    public void write(int b) {
      to.write(b);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      to.write(bytes, from, count);
      if (isBroken()) throw new IOException("cannot write: nobody reads");
    }

    @Override
    public void flush() {
      to.flush();
    }
  }
}
