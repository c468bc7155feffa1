package taskmaster.api;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Collections;
import org.jspecify.annotations.Nullable;

/**
 * What a process is made of. A run keeps the shape that it was started with, so a change of any of these restarts it.
 * Its texts are the same for all instances ({@link Placeholders}).
 *
 * @param cmd argv, never empty
 * @param env what the file adds to the daemon's environment
 * @param umask null: the daemon's own
 */
public record Shape(
    List<String> cmd,
    Map<String, String> env,
    EnvInherit envInherit,
    Path workingdir,
    @Nullable Integer umask,
    Output stdout,
    Output stderr,
    Attributes attributes) {
  public Shape {
    if (cmd.isEmpty()) throw new IllegalArgumentException("a cmd has at least one word");
    cmd = List.copyOf(cmd);
    env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
  }

  /** As most are: with the daemon's environment and attributes. */
  public Shape(List<String> cmd, Map<String, String> env, Path workingdir, @Nullable Integer umask, Output stdout, Output stderr) {
    this(cmd, env, EnvInherit.ALL, workingdir, umask, stdout, stderr, Attributes.INHERITED);
  }

  /** What runs another command beside it, or is told more. */
  public Shape with(List<String> otherCmd, Map<String, String> moreEnv) {
    Map<String, String> all = new LinkedHashMap<>(env);
    all.putAll(moreEnv);
    return new Shape(otherCmd, all, envInherit, workingdir, umask, stdout, stderr, attributes);
  }
}
