package taskmaster.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jline.keymap.KeyMap;
import org.jline.reader.Binding;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.Reference;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;
import taskmaster.api.ExitCode;

/** The commands, typed one a line: in a terminal with completion and history, from a pipe as plain text. */
public final class Shell {
  private static final Set<String> END = Set.of("exit", "quit");
  private static final Set<String> OWN_END = Set.of("exit", "quit", "shutdown");

  private final Client client;
  private final Cli cli;
  private final PrintStream out;
  private final Set<String> end;
  private volatile @Nullable Terminal terminal;
  private int exitCode;
  private volatile @Nullable LineReader reader;

  /** @param own whether the daemon lives and ends with this shell */
  public Shell(Path socket, boolean own) {
    this.end = own ? OWN_END : END;
    this.client = new Client(socket);
    this.out = System.out;
    this.cli = new Cli(Context.of(socket, System.out, System.err), List.of());
  }

  /** Until exit or the end of input; 0, or how the last command that failed ended. */
  public int run() throws IOException {
    return Terminals.isTerminal(0) && Terminals.isTerminal(1) ? interactive() : piped();
  }

  /** A message from elsewhere, put above the line that is being typed. */
  public void say(String line) {
    LineReader typing = reader;
    if (typing != null) typing.printAbove(line);
    else System.err.println(line);
  }

  private int piped() throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      List<String> words = words(line);
      if (isEnd(words)) break;
      execute(words);
    }
    return exitCode;
  }

  private int interactive() throws IOException {
    try (Terminal terminal = openTerminal()) {
      this.terminal = terminal;
      LineReader typing =
          LineReaderBuilder.builder()
              .terminal(terminal)
              .appName("taskmaster")
              .completer((r, line, candidates) -> complete(line, candidates))
              .variable(LineReader.HISTORY_FILE, History.file())
              .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
              .build();
      KeyMap<Binding> keys = Objects.requireNonNull(typing.getKeyMaps().get(LineReader.MAIN));
      keys.bind(new Reference(LineReader.UP_LINE_OR_HISTORY), "\u001b[A", "\u001bOA");
      keys.bind(new Reference(LineReader.DOWN_LINE_OR_HISTORY), "\u001b[B", "\u001bOB");
      reader = typing;
      out.println("TaskMaster shell on " + client.socket() + ": `help` lists the commands, `exit` ends.");
      while (true) {
        try {
          List<String> words = words(typing.readLine("taskmaster> "));
          if (isEnd(words)) return exitCode;
          executeInterruptibly(terminal, words);
        } catch (UserInterruptException ctrlC) {
          continue; // the line is dropped, nothing else
        } catch (EndOfFileException ctrlD) {
          return exitCode;
        }
      }
    } finally {
      reader = null;
    }
  }

  /** Ctrl-C between two commands is nobody's. */
  private static Terminal openTerminal() throws IOException {
    return TerminalBuilder.builder().system(true).provider("ffm").nativeSignals(true).signalHandler(Terminal.SignalHandler.SIG_IGN).build();
  }

  /** Gives the terminal back as it was, from any thread. */
  public void restoreTerminal() {
    Terminal open = terminal;
    try {
      if (open != null) open.close();
    } catch (IOException alreadyGone) {
      out.flush();
    }
  }

  private List<String> words(String line) {
    try {
      return Words.of(line);
    } catch (IllegalArgumentException e) {
      fail(String.valueOf(e.getMessage()));
      return List.of();
    }
  }

  /** The bare word alone: one with options means what the options say. */
  private boolean isEnd(List<String> words) {
    return words.size() == 1 && end.contains(words.getFirst());
  }

  private void execute(List<String> words) {
    if (words.isEmpty()) return;
    String word = words.getFirst();
    if (END.contains(word)) {
      fail("usage: " + word + " (it takes no arguments)");
      return;
    }
    int code = word.equals("help") ? help() : cli.execute(words.toArray(String[]::new));
    if (code != 0) exitCode = code;
  }

  private void fail(String why) {
    System.err.println("ERR " + why);
    exitCode = ExitCode.USAGE;
  }

  /** Ctrl-C ends the waiting for a command, never what it asked for. */
  private void executeInterruptibly(Terminal terminal, List<String> words) {
    if (words.isEmpty()) return;
    FutureTask<?> task = new FutureTask<>(() -> execute(words), null);
    Thread thread = Thread.ofPlatform().name("command").daemon().start(task);
    Terminal.SignalHandler before = terminal.handle(Terminal.Signal.INT, signal -> thread.interrupt());
    try {
      task.get();
    } catch (ExecutionException | InterruptedException e) {
      out.println("ERR internal error: " + e);
    } finally {
      terminal.handle(Terminal.Signal.INT, before);
    }
  }

  private int help() {
    int width = cli.commands().stream().mapToInt(c -> c.name().length()).max().orElse(0);
    for (Command command : cli.commands()) {
      out.println("  " + command.name() + " ".repeat(width - command.name().length() + 2) + command.summary());
    }
    out.println("  exit" + " ".repeat(width - 4 + 2) + "Leave (also Ctrl-D).");
    out.println("More of each: COMMAND --help");
    return 0;
  }

  private void complete(ParsedLine line, List<Candidate> candidates) {
    if (line.wordIndex() == 0) {
      cli.commands().stream().map(Command::name).forEach(n -> candidates.add(new Candidate(n)));
      List.of("help", "exit").forEach(n -> candidates.add(new Candidate(n)));
    } else if (line.words().get(line.wordIndex() - 1).startsWith("-")) {
      return; // an option's value is no name, mostly
    } else if (cli.commands().stream().anyMatch(c -> c.name().equals(line.words().getFirst()) && Names.areTakenBy(c))) {
      Names.of(client).forEach(n -> candidates.add(new Candidate(n)));
    }
  }
}
