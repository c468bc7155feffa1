package taskmaster.api;

import org.jspecify.annotations.Nullable;

/**
 * What a process inherits from the daemon where the file does not say otherwise.
 *
 * @param identity null: the daemon's own
 * @param nice -20 to 19
 * @param oomScoreAdj -1000 to 1000
 */
public record Attributes(@Nullable Identity identity, Limits limits, @Nullable Integer nice, @Nullable Integer oomScoreAdj) {
  public static final Attributes INHERITED = new Attributes(null, Limits.NONE, null, null);
}
