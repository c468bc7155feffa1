package taskmaster.api.logs;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import taskmaster.api.LogPolicy;

/** Shows the wanted lines of some files, and goes on with what is added to them. Asks nobody but the file system. */
public final class LogReader implements AutoCloseable {
  private static final int POLL_MILLIS = 100;
  private static final int BUFFER = 64 * 1024;
  private static final int[] COLOURS = {36, 33, 32, 35, 34, 96, 93, 92, 95, 94};

  /** How several files are told apart. */
  public enum Prefix {
    NONE,
    PLAIN,
    COLOURED
  }

  /** Asked between two looks; false ends the following. */
  public interface Audience {
    boolean isThere() throws IOException;
  }

  private final class Followed {
    final LogSource source;
    final LogTail tail;
    final LineCutter cutter;
    private final LineFilter filter;
    private final LogPrinter.Voice voice;
    private long skip;
    private boolean wanted = true;

    Followed(LogSource source, byte[] buffer, byte[] prefix) {
      this.source = source;
      this.tail = new LogTail(source.path(), buffer);
      this.cutter = new LineCutter(this::line);
      this.filter = filter();
      this.voice = printer.voice(source, shape, prefix);
    }

    LineFilter filter() {
      return new LineFilter(source.format(), query);
    }

    private void line(byte[] bytes, int from, int to, boolean begins) throws IOException {
      if (begins) wanted = filter.wants(bytes, from, to) && --skip < 0;
      if (wanted) voice.say(bytes, from, to);
    }

    void begin() throws IOException {
      skip = tail.open(query, query.isFiltered() ? this::filter : null);
      tail.readAll(cutter::accept);
      if (!query.follow() || atOnce) cutter.flush();
      if (!query.follow()) tail.close();
    }

    boolean more() throws IOException {
      boolean any = tail.readMore(cutter::accept);
      if (any && atOnce) cutter.flush();
      return any;
    }
  }

  private final LogQuery query;
  private final LogShape shape;
  private final LogPrinter printer;
  private final List<Followed> all = new ArrayList<>();
  /** Whether the beginning of a line is shown before its end is there. */
  private final boolean atOnce;

  /** @param sources each file once */
  public LogReader(List<LogSource> sources, LogQuery query, LogShape shape, Prefix prefix, OutputStream out) {
    this.query = query;
    this.shape = shape;
    this.printer = new LogPrinter(out);
    this.atOnce = sources.size() == 1 && shape == LogShape.RAW && query.grep() == null;
    byte[] buffer = new byte[BUFFER];
    int width = sources.stream().mapToInt(s -> s.label().length()).max().orElse(0);
    for (LogSource source : sources) {
      all.add(new Followed(source, buffer, prefix(source, prefix, width, COLOURS[all.size() % COLOURS.length])));
    }
  }

  private static byte[] prefix(LogSource source, Prefix prefix, int width, int colour) {
    String text = source.label() + " ".repeat(width - source.label().length()) + (source.stream().equals("stderr") ? " ! " : " | ");
    return switch (prefix) {
      case NONE -> new byte[0];
      case PLAIN -> text.getBytes(StandardCharsets.UTF_8);
      case COLOURED -> ("\u001b[" + colour + "m" + text + "\u001b[0m").getBytes(StandardCharsets.UTF_8);
    };
  }

  /** Whether some lines say no time, so that {@code since} can only go by files. */
  public static boolean hasNoTimes(List<LogSource> sources) {
    return sources.stream().anyMatch(s -> s.format() == LogPolicy.Format.RAW);
  }

  /** What there is; then, where that is asked for, what comes, until nobody is there or the thread is interrupted. */
  public void run(Audience audience) throws IOException {
    try {
      for (Followed f : all) {
        reading(f, () -> {
          f.begin();
          return true;
        });
      }
      printer.flush();
      while (query.follow() && !Thread.currentThread().isInterrupted() && audience.isThere()) {
        boolean any = false;
        for (Followed f : all) any |= reading(f, f::more);
        if (any) printer.flush();
        else Thread.sleep(POLL_MILLIS);
      }
    } catch (InterruptedException | ClosedByInterruptException ended) {
      Thread.currentThread().interrupt();
    }
  }

  private interface Step {
    boolean run() throws IOException;
  }

  private static boolean reading(Followed f, Step step) throws IOException {
    try {
      return step.run();
    } catch (FileSystemException e) {
      String why = e instanceof AccessDeniedException ? "permission denied" : e.getReason() != null ? e.getReason() : e.getClass().getSimpleName();
      throw new IOException("cannot read " + f.source.path() + ": " + why, e);
    }
  }

  @Override
  public void close() {
    all.forEach(f -> f.tail.close());
  }
}
