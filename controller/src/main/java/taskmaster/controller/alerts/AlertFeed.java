package taskmaster.controller.alerts;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Reads the alert file from a number on, over its rotations. */
final class AlertFeed implements AutoCloseable {
  private final AlertAppender appender;
  private @Nullable BufferedReader reader;
  private @Nullable Object key;

  record Line(long seq, String text) {}

  AlertFeed(AlertAppender appender) {
    this.appender = appender;
  }

  /** The first line with a number above {@code after}, if it is on disk; waits a while for it. */
  Optional<Line> next(long after) throws IOException, InterruptedException {
    if (appender.seqOnDisk() <= after) appender.awaitAfter(after, 1000);
    if (appender.seqOnDisk() <= after) return Optional.empty();
    Optional<Line> line = read(after);
    if (line.isPresent()) return line;
    // not while the files change their names
    synchronized (appender) {
      open(after);
    }
    Optional<Line> found = read(after);
    if (found.isEmpty()) appender.pause(1000); // lines that somebody removed: the next one will come
    return found;
  }

  private Optional<Line> read(long after) throws IOException {
    BufferedReader open = reader;
    if (open == null) return Optional.empty();
    for (String text = open.readLine(); text != null; text = open.readLine()) {
      OptionalLong seq = AlertFiles.seq(text);
      if (seq.isPresent() && seq.getAsLong() > after) return Optional.of(new Line(seq.getAsLong(), text));
    }
    return Optional.empty();
  }

  /** The oldest file that holds a later number; the one that is open goes on where it was if it is that. */
  private void open(long after) throws IOException {
    for (Path path : appender.files().oldestFirst()) {
      OptionalLong last = AlertFiles.lastSeq(path);
      if (last.isEmpty() || last.getAsLong() <= after) continue;
      Object found = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
      if (reader != null && Objects.equals(found, key)) return;
      close();
      reader = AlertFiles.reader(path);
      key = found;
      return;
    }
  }

  @Override
  public void close() throws IOException {
    if (reader != null) reader.close();
    reader = null;
    key = null;
  }
}
