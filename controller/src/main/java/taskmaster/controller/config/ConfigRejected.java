package taskmaster.controller.config;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A file cannot be used; says everything that is wrong with it. */
public final class ConfigRejected extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int SHOWN = 50;

  private final transient List<ConfigError> errors;

  /** @param errors in the order to tell them */
  ConfigRejected(List<ConfigError> errors) {
    super(text(errors, ConfigError::show));
    this.errors = List.copyOf(errors);
  }

  public List<ConfigError> errors() {
    return errors;
  }

  /** The same without the lines of the file, for logs and alerts. */
  public String places() {
    return text(errors, ConfigError::place);
  }

  private static String text(List<ConfigError> errors, Function<ConfigError, String> shows) {
    String shown = errors.stream().limit(SHOWN).map(shows).collect(Collectors.joining("\n"));
    return errors.size() > SHOWN ? shown + "\nand " + (errors.size() - SHOWN) + " more" : shown;
  }
}
