package taskmaster.controller.config;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** A file cannot be used; says everything that is wrong with it. */
public final class ConfigRejected extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int SHOWN = 50;

  private final transient List<ConfigError> errors;

  ConfigRejected(Path file, List<ConfigError> errors) {
    super(text(file, errors));
    this.errors = List.copyOf(errors);
  }

  public List<ConfigError> errors() {
    return errors;
  }

  private static String text(Path file, List<ConfigError> errors) {
    String shown = errors.stream().sorted().limit(SHOWN).map(e -> e.show(file)).collect(Collectors.joining("\n"));
    return errors.size() > SHOWN ? shown + "\nand " + (errors.size() - SHOWN) + " more" : shown;
  }
}
