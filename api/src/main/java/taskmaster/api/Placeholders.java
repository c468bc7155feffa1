package taskmaster.api;

import java.nio.file.Path;

/**
 * What stands in a program's texts for {@code ${index}} and {@code ${instance}} until an instance is started. Two
 * noncharacters, which Unicode keeps for internal use; in paths, which have to fit any locale, two control characters.
 */
public final class Placeholders {
  public static final char INDEX = '\uFDD0';
  public static final char INSTANCE = '\uFDD1';
  private static final char INDEX_IN_PATH = '\u0011';
  private static final char INSTANCE_IN_PATH = '\u0012';

  private Placeholders() {}

  public static boolean isIn(String text) {
    return text.indexOf(INDEX) >= 0 || text.indexOf(INSTANCE) >= 0;
  }

  /** Whether a path's text already has what we would put there. */
  public static boolean areInPath(String path) {
    return path.indexOf(INDEX_IN_PATH) >= 0 || path.indexOf(INSTANCE_IN_PATH) >= 0;
  }

  /** The text of a path that is to be filled in. */
  public static String forPath(String text) {
    return isIn(text) ? text.replace(INDEX, INDEX_IN_PATH).replace(INSTANCE, INSTANCE_IN_PATH) : text;
  }

  /** As it is for this instance. */
  public static String fill(String text, InstanceId id) {
    if (!isIn(text)) return text;
    return text.replace(String.valueOf(INDEX), Integer.toString(id.index())).replace(String.valueOf(INSTANCE), id.toString());
  }

  public static Path fill(Path path, InstanceId id) {
    String text = path.toString();
    if (!areInPath(text)) return path;
    return Path.of(
        text.replace(String.valueOf(INDEX_IN_PATH), Integer.toString(id.index()))
            .replace(String.valueOf(INSTANCE_IN_PATH), id.toString()));
  }

  /** As the file writes it, of a path too. */
  public static String show(String text) {
    if (!isIn(text) && !areInPath(text)) return text;
    return text.replace(String.valueOf(INDEX), "${index}")
        .replace(String.valueOf(INSTANCE), "${instance}")
        .replace(String.valueOf(INDEX_IN_PATH), "${index}")
        .replace(String.valueOf(INSTANCE_IN_PATH), "${instance}");
  }
}
