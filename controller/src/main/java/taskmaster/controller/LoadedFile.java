package taskmaster.controller;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import taskmaster.controller.config.Config;
import taskmaster.controller.config.ConfigFile;
import taskmaster.controller.config.ConfigRejected;

/**
 * The file to start with, or, where that is no good while programs of a dead daemon may live, the last good one.
 *
 * @param rejected why the file itself was not taken, null if it was
 */
record LoadedFile(Config config, byte[] bytes, @Nullable ConfigRejected rejected) {
  static Path lastGood(Path state) {
    return state.resolve("last-good.yaml");
  }

  static Path records(Path state) {
    return state.resolve("runs");
  }

  static LoadedFile of(Path file) throws Startup {
    try {
      byte[] bytes = ConfigFile.read(file);
      return new LoadedFile(ConfigFile.parse(file.toAbsolutePath().normalize(), bytes), bytes, null);
    } catch (ConfigRejected e) {
      LoadedFile standIn = standIn(file, e);
      if (standIn != null) return standIn;
      throw new Startup("cannot start:\n" + e.getMessage(), e);
    }
  }

  private static @Nullable LoadedFile standIn(Path file, ConfigRejected why) {
    for (Path state : ConfigFile.stateFolders(file)) {
      if (!Files.exists(records(state))) continue;
      try {
        byte[] bytes = Files.readAllBytes(lastGood(state));
        return new LoadedFile(ConfigFile.parse(file.toAbsolutePath().normalize(), bytes), bytes, why);
      } catch (IOException | ConfigRejected noneThereEither) {
        continue;
      }
    }
    return null;
  }
}
