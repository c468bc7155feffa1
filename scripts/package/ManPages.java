import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import taskmaster.cli.Command;
import taskmaster.cli.Main;

/**
 * Writes the man pages from picocli's model, so that they say what {@code --help} says: {@code ManPages.java FOLDER VERSION}.
 * picocli's own generator makes AsciiDoc, and what turns that into man pages weighs more than all the rest of the build.
 */
final class ManPages {
  private static final String ROOT_SECTIONS =
      """
      .SH "EXIT STATUS"
      .TP
      0
      good
      .TP
      1
      failed, or an answer that a daemon refused
      .TP
      2
      wrong usage
      .TP
      3
      .B status
      of something that does not run
      .TP
      4
      no daemon answers
      .TP
      5
      .B daemon
      and
      .B run
      ended since a program did that they were not to go on without
      .SH ENVIRONMENT
      .TP
      TASKMASTER_SOCKET
      the daemon\\(aqs socket, where neither
      .B \\-s
      nor
      .B \\-c
      names one
      .TP
      TASKMASTER_CONFIG
      the file, where no
      .B \\-c
      names one
      .TP
      TASKMASTER_JAVA_OPTIONS
      more flags for the Java virtual machine
      .TP
      NO_COLOR
      no colours on a terminal
      .SH FILES
      .TP
      .I ./taskmaster.yaml
      .TQ
      .I /etc/taskmaster/taskmaster.yaml
      what should run, where no file is named
      .TP
      .I /tmp/taskmaster.sock
      where the daemon listens, if its file does not say otherwise
      """;

  private final String version;
  private final StringBuilder page = new StringBuilder();

  private ManPages(String version) {
    this.version = version;
  }

  public static void main(String[] args) throws IOException {
    Path folder = Files.createDirectories(Path.of(args[0]));
    CommandLine root = Main.cli(System.out, System.err).line();
    Files.writeString(folder.resolve("taskmaster.1"), new ManPages(args[1]).root(root));
    for (CommandLine command : root.getSubcommands().values()) {
      String name = "taskmaster-" + command.getCommandName();
      Files.writeString(folder.resolve(name + ".1"), new ManPages(args[1]).command(name, command.getCommandSpec()));
    }
  }

  private String root(CommandLine root) {
    CommandSpec spec = root.getCommandSpec();
    head("taskmaster", "keep the programs of a YAML file running");
    section("SYNOPSIS");
    page.append(".B taskmaster\n[\\fIoption\\fR ...] \\fIcommand\\fR [\\fIargument\\fR ...]\n");
    section("DESCRIPTION");
    text(spec.usageMessage().description());
    section("COMMANDS");
    for (CommandLine sub : root.getSubcommands().values()) {
      page.append(".TP\n.B ").append(escaped(usage(sub.getCommandSpec()))).append('\n');
      text(sub.getCommandSpec().usageMessage().description());
    }
    options(spec);
    page.append(ROOT_SECTIONS);
    footer(spec);
    List<String> pages = new ArrayList<>();
    for (CommandLine sub : root.getSubcommands().values()) pages.add("taskmaster-" + sub.getCommandName());
    seeAlso(pages);
    return page.toString();
  }

  private String command(String name, CommandSpec spec) {
    String summary = spec.usageMessage().description()[0];
    head(name, summary.endsWith(".") ? summary.substring(0, summary.length() - 1) : summary);
    section("SYNOPSIS");
    page.append(".B taskmaster\n").append(escaped(usage(spec))).append('\n');
    section("DESCRIPTION");
    text(spec.usageMessage().description());
    for (String line : spec.usageMessage().footer()) {
      if (line.startsWith("Example")) break;
      text(line);
    }
    options(spec);
    footer(spec);
    seeAlso(List.of("taskmaster"));
    return page.toString();
  }

  private static String usage(CommandSpec spec) {
    return spec.userObject() instanceof Command command ? command.usage() : spec.name();
  }

  private void head(String name, String summary) {
    page.append(".TH ").append(escaped(name).toUpperCase(java.util.Locale.ROOT)).append(" 1 \"\" \"TaskMaster ").append(version).append("\" \"TaskMaster\"\n");
    section("NAME");
    page.append(escaped(name)).append(" \\- ").append(escaped(summary)).append('\n');
  }

  private void section(String title) {
    page.append(".SH ").append(title.contains(" ") ? '"' + title + '"' : title).append('\n');
  }

  private void options(CommandSpec spec) {
    section("OPTIONS");
    for (PositionalParamSpec positional : spec.positionalParameters()) {
      page.append(".TP\n.I ").append(escaped(positional.paramLabel())).append('\n');
      text(positional.description());
    }
    for (OptionSpec option : spec.options()) {
      List<String> names = new ArrayList<>();
      for (String name : option.names()) names.add("\\fB" + escaped(name) + "\\fR");
      String label = option.arity().max() > 0 ? " \\fI" + escaped(option.paramLabel()) + "\\fR" : "";
      page.append(".TP\n").append(String.join(", ", names)).append(label).append('\n');
      text(option.description());
    }
  }

  private void text(String... lines) {
    for (String line : lines) if (!line.isBlank()) page.append(escaped(line)).append('\n');
  }

  /** Examples and what follows, as they stand. */
  private void footer(CommandSpec spec) {
    List<String> lines = new ArrayList<>(List.of(spec.usageMessage().footer()));
    while (!lines.isEmpty() && !lines.getFirst().startsWith("Example")) lines.removeFirst();
    lines.remove("Examples:");
    if (lines.isEmpty()) return;
    section("EXAMPLES");
    page.append(".nf\n");
    for (String line : lines) page.append(line.isBlank() ? ".sp\n" : escaped(line) + '\n');
    page.append(".fi\n");
  }

  private void seeAlso(List<String> pages) {
    section("SEE ALSO");
    for (int i = 0; i < pages.size(); i++) {
      page.append(".BR ").append(escaped(pages.get(i))).append(" (1)").append(i + 1 < pages.size() ? ",\n" : "\n");
    }
  }

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    text.codePoints().forEach(c -> {
      switch (c) {
        case '\\' -> escaped.append("\\e");
        case '-' -> escaped.append("\\-");
        case '\'' -> escaped.append("\\(aq");
        case '`' -> escaped.append("\\(ga");
        case '^' -> escaped.append("\\(ha");
        case '~' -> escaped.append("\\(ti");
        default -> {
          if (c < 128) escaped.appendCodePoint(c);
          else escaped.append("\\[u%04X]".formatted(c));
        }
      }
    });
    return escaped.toString().startsWith(".") ? "\\&" + escaped : escaped.toString();
  }
}
