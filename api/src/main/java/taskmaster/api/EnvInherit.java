package taskmaster.api;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which variables of the daemon's environment a program gets.
 *
 * @param names where it is not all
 */
public record EnvInherit(boolean all, Set<String> names) {
  public static final EnvInherit ALL = new EnvInherit(true, Set.of());
  public static final EnvInherit NONE = new EnvInherit(false, Set.of());

  public EnvInherit {
    names = Collections.unmodifiableSet(new TreeSet<>(names));
  }

  public boolean has(String name) {
    return all || names.contains(name);
  }

  @Override
  public String toString() {
    return all || names.isEmpty() ? Boolean.toString(all) : String.join(", ", names);
  }
}
