package taskmaster.api.logs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import taskmaster.api.InstanceId;
import taskmaster.api.LogPolicy;

/**
 * A file that output goes to, and whose.
 *
 * @param program empty where several write there; likewise instance and stream
 */
public record LogSource(String program, String instance, String stream, Path path, LogPolicy.Format format) {

  /** A stream that is not captured; its path is empty. */
  public static LogSource none(InstanceId id, String stream) {
    return new LogSource(id.program(), id.toString(), stream, Path.of(""), LogPolicy.Format.RAW);
  }

  public boolean isCaptured() {
    return !path.toString().isEmpty();
  }

  /** Each file once, however many streams lead to it. */
  public static List<LogSource> distinct(List<LogSource> sources) {
    Map<Path, LogSource> byPath = new LinkedHashMap<>();
    for (LogSource s : sources) byPath.merge(s.path, s, LogSource::and);
    return new ArrayList<>(byPath.values());
  }

  private LogSource and(LogSource other) {
    return new LogSource(
        same(program, other.program), same(instance, other.instance), same(stream, other.stream), path, format);
  }

  private static String same(String a, String b) {
    return a.equals(b) ? a : "";
  }

  /** What a reader calls it: {@code web:0}. */
  public String label() {
    if (!instance.isEmpty()) return instance;
    return !program.isEmpty() ? program : Objects.toString(path.getFileName());
  }

  /** As the API's text has it; the path may hold a tab, the others cannot. */
  public String toLine() {
    return instance + "\t" + path + "\t" + stream + "\t" + format.name().toLowerCase(Locale.ROOT);
  }

  public static LogSource parse(String line) {
    int first = line.indexOf('\t');
    int last = line.lastIndexOf('\t');
    int middle = line.lastIndexOf('\t', last - 1);
    if (first < 0 || middle <= first) throw new IllegalArgumentException("'" + line + "' is no instance, path, stream and format");
    String instance = line.substring(0, first);
    int colon = instance.lastIndexOf(':');
    return new LogSource(
        colon < 0 ? instance : instance.substring(0, colon),
        instance,
        line.substring(middle + 1, last),
        Path.of(line.substring(first + 1, middle)),
        LogPolicy.Format.valueOf(line.substring(last + 1).toUpperCase(Locale.ROOT)));
  }
}
