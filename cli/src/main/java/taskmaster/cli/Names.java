package taskmaster.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** What can be named where a command takes programs: as the daemon has them now. */
final class Names {
  static final String PATH = "/v1/programs";

  private Names() {}

  /** All of them; none where no daemon says: completion offers what it knows, the command itself will say what is wrong. */
  static List<String> of(Client client) {
    try {
      List<String> names = new ArrayList<>(client.get(PATH).body().lines().toList());
      names.add("all");
      return names;
    } catch (IOException | NoDaemon unknown) {
      return List.of();
    }
  }

  /** Whether the command's own words are programs, instances or groups. */
  static boolean areTakenBy(Command command) {
    CommandSpec spec = CommandSpec.create();
    command.describe(spec);
    return spec.positionalParameters().stream().map(p -> p.paramLabel()).anyMatch(l -> l.contains("TARGET") || l.contains("PROGRAM"));
  }
}
