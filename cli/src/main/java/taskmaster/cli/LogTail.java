package taskmaster.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The end of a log file, and what is added to it; bytes as they are. */
final class LogTail implements AutoCloseable {
  private static final int POLL_MILLIS = 100;

  private final Path path;
  private final OutputStream out;
  private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
  private @Nullable FileChannel channel;
  private @Nullable Object key;

  LogTail(Path path, OutputStream out) {
    this.path = path;
    this.out = out;
  }

  void last(int lines) throws IOException {
    if (!open()) return;
    FileChannel file = Objects.requireNonNull(channel);
    file.position(startOfLast(file, lines));
    copy();
  }

  private boolean open() throws IOException {
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
      key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
      return true;
    } catch (NoSuchFileException notYet) {
      return false;
    }
  }

  /** Reads backwards from the end until enough newlines have passed. */
  private long startOfLast(FileChannel file, int lines) throws IOException {
    if (lines == 0) return file.size();
    long end = file.size();
    int seen = 0;
    for (long blockEnd = end; blockEnd > 0; ) {
      long from = Math.max(0, blockEnd - buffer.capacity());
      buffer.clear().limit((int) (blockEnd - from));
      file.read(buffer, from);
      for (int i = buffer.limit() - 1; i >= 0; i--) {
        boolean lineEnds = buffer.get(i) == '\n' && from + i < end - 1;
        if (lineEnds && ++seen == lines) return from + i + 1;
      }
      blockEnd = from;
    }
    return 0;
  }

  private boolean copy() throws IOException {
    FileChannel file = channel;
    if (file == null) return false;
    boolean any = false;
    buffer.clear();
    while (file.read(buffer) > 0) {
      out.write(buffer.array(), 0, buffer.position());
      buffer.clear();
      any = true;
    }
    out.flush();
    return any;
  }

  /** Until the thread is interrupted. */
  void follow() throws IOException {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        if (copy()) continue;
        Thread.sleep(POLL_MILLIS);
        if (wasReplaced()) {
          copy();
          close();
          open();
        }
      }
    } catch (InterruptedException | java.nio.channels.ClosedByInterruptException ended) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean wasReplaced() throws IOException {
    try {
      BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
      FileChannel file = channel;
      return file == null || !Objects.equals(now.fileKey(), key) || now.size() < file.position();
    } catch (NoSuchFileException between) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    if (channel != null) channel.close();
    channel = null;
  }
}
