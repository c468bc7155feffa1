package taskmaster.controller;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import taskmaster.controller.config.Config;
import taskmaster.controller.config.ConfigFile;
import taskmaster.controller.config.ConfigRejected;
import taskmaster.controller.config.Reading;

/**
 * The file to start with, or, where that is no good while programs of a dead daemon may live, the last good one.
 *
 * @param reading what {@code config} was made of
 * @param rejected why the file itself was not taken, null if it was
 * @param attempt the reading of the file itself
 */
record LoadedFile(Config config, Reading reading, @Nullable ConfigRejected rejected, Reading attempt) {
  static Path records(Path state) {
    return state.resolve("runs");
  }

  static LoadedFile of(Path file) throws Startup {
    Reading reading = Reading.ofDisk(file, SystemAccounts.surroundings());
    try {
      return new LoadedFile(ConfigFile.parse(reading), reading, null, reading);
    } catch (ConfigRejected e) {
      LoadedFile standIn = standIn(reading, e);
      if (standIn != null) return standIn;
      throw new Startup("cannot start:\n" + e.getMessage(), e);
    }
  }

  private static @Nullable LoadedFile standIn(Reading attempt, ConfigRejected why) {
    for (Path state : ConfigFile.stateFolders(attempt.file())) {
      if (!Files.exists(records(state))) continue;
      try {
        Reading kept = Reading.ofKept(attempt.file(), new LastGood(state).read(attempt.file()), SystemAccounts.surroundings());
        return new LoadedFile(ConfigFile.parse(kept), kept, why, attempt);
      } catch (IOException | ConfigRejected noneThereEither) {
        continue;
      }
    }
    return null;
  }
}
