package taskmaster.controller.alerts;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes alerts as whole lines and takes their numbers from the file, so that they go on over restarts. What the disk
 * refuses is kept and written when it takes again; a line that a dead daemon left half written is cut off.
 */
public final class AlertAppender extends AppenderBase<ILoggingEvent> {
  private static final Logger LOG = LoggerFactory.getLogger(AlertAppender.class);
  private static final int MOST_KEPT = 100_000;
  static final int BACKUPS = 5;

  private final AlertFiles files;
  private final long maxBytes;
  private final LongSupplier delivered;
  private final AlertEncoder encoder = new AlertEncoder();
  private final Deque<byte[]> kept = new ArrayDeque<>();
  private final Object written = new Object();
  private @Nullable FileChannel channel;
  private @Nullable Object key;
  private long size;
  private long seq;
  private volatile long seqOnDisk;
  private volatile @Nullable String trouble;
  private long lost;

  /**
   * @param delivered the number up to which the webhook has everything; a file that holds later ones is not deleted
   */
  public AlertAppender(Path file, long maxBytes, LongSupplier delivered) throws IOException {
    this.files = new AlertFiles(file);
    this.maxBytes = maxBytes;
    this.delivered = delivered;
    open();
    this.seq = files.lastSeq();
    this.seqOnDisk = seq;
  }

  static Alert alertOf(ILoggingEvent event) {
    Object[] arguments = event.getArgumentArray();
    if (arguments == null || !(arguments[0] instanceof Alert alert)) {
      throw new IllegalStateException("internal error: an event without alert in the alerts' log");
    }
    return alert;
  }

  private void open() throws IOException {
    Path folder = files.file().toAbsolutePath().getParent();
    if (folder != null) Files.createDirectories(folder);
    FileChannel opened =
        FileChannel.open(files.file(), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    long end = wholeLines(opened);
    if (end < opened.size()) opened.truncate(end);
    opened.position(end);
    size = end;
    key = Files.readAttributes(files.file(), BasicFileAttributes.class).fileKey();
    channel = opened;
  }

  /** The length without a last line that has no end. */
  private static long wholeLines(FileChannel channel) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    for (long end = channel.size(); end > 0; end--) {
      one.clear();
      channel.read(one, end - 1);
      if (one.get(0) == '\n') return end;
    }
    return 0;
  }

  @Override
  public void start() {
    encoder.setContext(getContext());
    encoder.start();
    super.start();
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (kept.size() >= MOST_KEPT) {
      kept.removeFirst();
      lost++;
    }
    kept.addLast(encoder.encode(event, ++seq));
    flush();
  }

  /** Tries again what the disk refused. */
  public synchronized void flush() {
    if (kept.isEmpty()) return;
    try {
      if (channel == null || wasReplaced()) reopen();
      while (!kept.isEmpty()) {
        if (size > 0 && size + kept.getFirst().length > maxBytes) rotate();
        write(kept.getFirst());
        kept.removeFirst();
        seqOnDisk = seq - kept.size();
      }
      if (trouble != null) LOG.warn("writing {} again", files.file());
      trouble = null;
    } catch (IOException e) {
      if (trouble == null) LOG.error("cannot write {}: {}; alerts are kept until it can be", files.file(), e.getMessage());
      trouble = String.valueOf(e.getMessage());
    }
    synchronized (written) {
      written.notifyAll();
    }
  }

  /** Somebody rotated, truncated or removed the file. */
  private boolean wasReplaced() throws IOException {
    try {
      BasicFileAttributes now = Files.readAttributes(files.file(), BasicFileAttributes.class);
      return !Objects.equals(now.fileKey(), key) || now.size() != size;
    } catch (NoSuchFileException gone) {
      return true;
    }
  }

  private void reopen() throws IOException {
    if (channel != null) channel.close();
    channel = null;
    open();
  }

  private void write(byte[] line) throws IOException {
    FileChannel open = channel;
    if (open == null) throw new IOException("not open");
    ByteBuffer bytes = ByteBuffer.wrap(line);
    try {
      while (bytes.hasRemaining()) open.write(bytes);
      size += line.length;
    } catch (IOException e) {
      open.truncate(size); // no half line stays
      open.position(size);
      throw e;
    }
  }

  private void rotate() throws IOException {
    int oldest = 0;
    while (Files.exists(files.backup(oldest + 1))) oldest++;
    for (int i = oldest; i >= BACKUPS; i--) {
      OptionalLong last = AlertFiles.lastSeq(files.backup(i));
      if (last.isPresent() && last.getAsLong() > delivered.getAsLong()) break;
      Files.delete(files.backup(i));
      oldest--;
    }
    for (int i = oldest; i >= 1; i--) Files.move(files.backup(i), files.backup(i + 1), StandardCopyOption.ATOMIC_MOVE);
    Files.move(files.file(), files.backup(1), StandardCopyOption.ATOMIC_MOVE);
    reopen();
  }

  /** The number of the last alert in the file. */
  public long seqOnDisk() {
    return seqOnDisk;
  }

  /** Why the file cannot be written just now. */
  public @Nullable String trouble() {
    return trouble;
  }

  /** Whether nothing is kept back. */
  public synchronized boolean isWritten() {
    return kept.isEmpty();
  }

  /** Alerts given up because more than 100 000 had to be kept. */
  public synchronized long lost() {
    return lost;
  }

  AlertFiles files() {
    return files;
  }

  /** Until there may be something after {@code seq}, or some time has passed. */
  void awaitAfter(long after, long millis) throws InterruptedException {
    synchronized (written) {
      if (seqOnDisk <= after) written.wait(millis);
    }
  }

  /** For a reader that has nothing to read though it should: wait for a change or a while. */
  void pause(long millis) throws InterruptedException {
    synchronized (written) {
      written.wait(millis);
    }
  }

  void wakeReaders() {
    synchronized (written) {
      written.notifyAll();
    }
  }

  @Override
  public synchronized void stop() {
    flush();
    super.stop();
    try {
      if (channel != null) channel.close();
    } catch (IOException e) {
      addWarn("cannot close " + files.file(), e);
    }
  }
}
