package taskmaster.controller.linux;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;

/** Whose a pipe is, as its file's name says: {@code web:0.17.stdout}. */
public record PipeName(InstanceId id, long run, String stream) {
  private static final Pattern FORM = Pattern.compile("(.+):([0-9]{1,6})\\.([0-9]{1,18})\\.(stdout|stderr)");

  public static Optional<PipeName> parse(String fileName) {
    Matcher m = FORM.matcher(fileName);
    if (!m.matches() || !ProgramSpec.isName(m.group(1))) return Optional.empty();
    InstanceId id = new InstanceId(m.group(1), Integer.parseInt(m.group(2)));
    return Optional.of(new PipeName(id, Long.parseLong(m.group(3)), m.group(4)));
  }

  @Override
  public String toString() {
    return id + "." + run + "." + stream;
  }
}
