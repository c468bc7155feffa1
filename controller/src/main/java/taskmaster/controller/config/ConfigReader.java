package taskmaster.controller.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import taskmaster.api.ProgramSpec;

/**
 * Reads one file again and again, and of it only what is new: of a thousand programs it is mostly one that has changed.
 * Wherever that could make a difference the whole file is read.
 */
public final class ConfigReader {
  private final Path file;
  private byte[] bytes;
  private Config config;
  private Optional<Pieces> pieces = Optional.empty();
  private boolean isTakenApart;
  private Map<String, ProgramSpec> specs = Map.of();

  /** @param config what was made of {@code reading} */
  public ConfigReader(Config config, Reading reading) {
    this.file = config.file();
    this.bytes = reading.files().getOrDefault(file, new byte[0]);
    this.config = config;
  }

  /** The same as {@link ConfigFile#parse}, sooner. */
  public synchronized Config parse(Reading reading) throws ConfigRejected {
    byte[] next = reading.main();
    // what other files and accounts say may be new while this one is the same
    boolean standsAlone = !config.looksElsewhere();
    if (standsAlone && Arrays.equals(next, bytes)) return config;
    if (!isTakenApart) remember(Pieces.of(text(bytes)));
    Optional<Pieces> nextPieces = Pieces.of(text(next));
    boolean inPieces = standsAlone && next.length <= Source.SURELY_NOT_TOO_MUCH && pieces.isPresent() && nextPieces.isPresent();
    Optional<Config> patched = inPieces ? patched(pieces.get(), nextPieces.get(), reading.surroundings()) : Optional.empty();
    config = patched.isPresent() ? patched.get() : ConfigFile.parse(reading);
    bytes = next;
    remember(nextPieces);
    return config;
  }

  private void remember(Optional<Pieces> of) {
    isTakenApart = true;
    pieces = of;
    specs = new HashMap<>();
    if (of.isEmpty()) return;
    List<String> names = List.copyOf(config.programs().keySet());
    List<String> all = of.get().programs();
    // an entry that has no piece of its own, or a piece that is no entry: then nothing is known about any
    boolean each = names.size() == all.size();
    for (int i = 0; each && i < all.size(); i++) {
      each = Pieces.isOf(all.get(i), names.get(i));
      specs.put(all.get(i), config.programs().get(names.get(i)));
    }
    if (!each) specs.clear();
  }

  private Optional<Config> patched(Pieces before, Pieces after, Surroundings surroundings) {
    if (specs.isEmpty()) return Optional.empty();
    if (!before.before().equals(after.before()) || !before.after().equals(after.after())) return Optional.empty();
    Map<String, ProgramSpec> fresh = parsed(after, surroundings);
    if (fresh == null) return Optional.empty();
    Map<String, ProgramSpec> programs = new LinkedHashMap<>();
    var unread = fresh.values().iterator();
    for (String piece : after.programs()) {
      ProgramSpec spec = specs.get(piece);
      if (spec == null) spec = unread.next();
      if (!Pieces.isOf(piece, spec.name()) || programs.put(spec.name(), spec) != null) return Optional.empty();
    }
    Config patched = new Config(file, config.daemon(), config.alerts(), programs, config.groups(), List.of());
    return ConfigFile.fitsTogether(patched) ? Optional.of(patched) : Optional.empty();
  }

  /** The programs of the pieces that were not there before, in their order; null where something is wrong with them. */
  private @Nullable Map<String, ProgramSpec> parsed(Pieces after, Surroundings surroundings) {
    List<String> unread = after.programs().stream().filter(piece -> !specs.containsKey(piece)).toList();
    String text = after.before() + String.join("", unread) + after.after();
    try {
      Config part = ConfigFile.parsePart(file, text.getBytes(StandardCharsets.UTF_8), surroundings);
      return part.programs().size() == unread.size() && !part.looksElsewhere() ? part.programs() : null;
    } catch (ConfigRejected toldWithItsPlaceInTheWholeFile) {
      return null;
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
