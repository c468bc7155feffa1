package taskmaster.api;

import org.jspecify.annotations.Nullable;

/**
 * How a program's processes are looked after beyond being alive.
 *
 * @param ready whether others may rely on it; null: once it is RUNNING
 * @param health whether it is still well, asked once it is ready; null: nobody asks
 * @param restartsUnhealthy whether an unhealthy process is replaced, or only told of
 */
public record Checks(@Nullable Check ready, @Nullable Check health, boolean restartsUnhealthy) {
  public static final Checks NONE = new Checks(null, null, true);

  public enum Kind {
    READY,
    HEALTH
  }

  public @Nullable Check of(Kind kind) {
    return kind == Kind.READY ? ready : health;
  }
}
