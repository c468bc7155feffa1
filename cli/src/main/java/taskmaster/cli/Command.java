package taskmaster.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** One subcommand. The model is built by hand: picocli's annotations would cost every call 125 ms. */
public interface Command {
  String name();

  /** What it does, in one line. */
  String summary();

  /** How it is called, as an error shows it: {@code stop <program>…}. */
  String usage();

  /** Adds options and parameters. */
  void describe(CommandSpec spec);

  /** Whether it has something to say of all the other commands. */
  default boolean describesAll() {
    return false;
  }

  int run(ParseResult given, Context context) throws Exception;

  /** The programs or instances that a command is about. */
  static PositionalParamSpec targets(String arity) {
    return PositionalParamSpec.builder()
        .paramLabel("TARGET")
        .arity(arity)
        .required(!arity.startsWith("0"))
        .type(String[].class)
        .description("a program (web), an instance (web:0), a group (group:web), or all")
        .build();
  }

  static OptionSpec flag(String description, String... names) {
    return OptionSpec.builder(names).arity("0").type(boolean.class).description(description).build();
  }

  static OptionSpec value(String label, String description, String... names) {
    return OptionSpec.builder(names).paramLabel(label).arity("1").type(String.class).description(description).build();
  }

  /** What {@code -o} asks for. @throws IllegalArgumentException where that is no format */
  static String accepted(ParseResult given) {
    String format = given.matchedOptionValue("-o", "text");
    return switch (format) {
      case "text" -> "text/plain";
      case "json" -> "application/json";
      case "yaml" -> "application/yaml";
      default -> throw new IllegalArgumentException("usage: -o is one of text, json, yaml; not '" + format + "'");
    };
  }

  /** What help ends with. */
  static String[] examples(List<String> lines) {
    List<String> footer = new ArrayList<>(List.of(""));
    if (lines.size() == 1) {
      footer.add("Example: " + lines.getFirst());
    } else {
      footer.add("Examples:");
      for (String line : lines) footer.add("  " + line);
    }
    return footer.toArray(String[]::new);
  }

  static boolean has(ParseResult given, String option) {
    return given.hasMatchedOption(option);
  }

  static String[] texts(ParseResult given) {
    return given.matchedPositionalValue(0, new String[0]);
  }
}
