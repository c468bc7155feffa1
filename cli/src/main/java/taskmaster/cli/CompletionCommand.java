package taskmaster.cli;

import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class CompletionCommand implements Command {
  /** What picocli's own script cannot know, since a daemon does. Split at blanks alone: bash would split web:0 in three. */
  private static final String NAMES =
      """

      function _complete_taskmaster_names() {
        _complete_taskmaster
        local line=${COMP_LINE:0:$COMP_POINT} command= asked=() before=() name
        local word=${line##*[[:space:]]}
        if [ -n "$ZSH_VERSION" ]; then read -rA before; else read -ra before; fi <<<"${line%"$word"}"
        set -- "${before[@]:1}"
        while [ $# -gt 0 ]; do
          case $1 in
            -s | --socket | -c | --config) asked+=("$1" "${2-}") ;;
          esac
          case $1 in
            TAKE_A_WORD) [ $# -gt 1 ] || return; shift ;;
            -*) ;;
            *) command=${command:-$1} ;;
          esac
          shift
        done
        case $command in
          TAKE_NAMES) ;;
          *) return ;;
        esac
        case $word in
          -*) return ;;
          *:*) COMPREPLY=() ;;
        esac
        while read -r name; do
          [[ $COMP_WORDBREAKS != *:* ]] || name=${name#"${word%"${word##*:}"}"}
          COMPREPLY+=("$name")
        done < <(compgen -W "$("${COMP_WORDS[0]/#\\~/$HOME}" "${asked[@]}" names 2>/dev/null) all" -- "$word")
      }
      complete -F _complete_taskmaster_names -o default taskmaster taskmaster.sh taskmaster.bash
      """;

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
    context.out.print(NAMES.replace("TAKE_NAMES", taking(root)).replace("TAKE_A_WORD", takingAWord(root)));
    context.out.flush();
    return 0;
  }

  private static String taking(CommandLine root) {
    return root.getSubcommands().values().stream()
        .map(c -> c.getCommandSpec().userObject())
        .filter(c -> c instanceof Command command && Names.areTakenBy(command))
        .map(c -> ((Command) c).name())
        .collect(Collectors.joining(" | "));
  }

  private static String takingAWord(CommandLine root) {
    return root.getSubcommands().values().stream()
        .flatMap(c -> c.getCommandSpec().options().stream())
        .filter(o -> o.arity().max() > 0)
        .flatMap(o -> Arrays.stream(o.names()))
        .distinct()
        .sorted()
        .collect(Collectors.joining(" | "));
  }
}
