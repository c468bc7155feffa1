package taskmaster.api.logs;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** One file of a chain, open: it stays the same file however it is renamed, and its inode is nobody else's. */
final class LogInput implements AutoCloseable {
  private static final int GZIP_TRAILER = 8;

  final LogFile file;
  private final FileChannel channel;
  private @Nullable InputStream unpacked;
  private boolean isDamaged;

  private LogInput(LogFile file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** @throws NoSuchFileException also where another file has taken its name meanwhile */
  static LogInput open(LogFile file) throws IOException {
    FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.READ);
    LogFile now = LogFile.at(file.path(), file.gzip());
    if (now == null || !now.key().equals(file.key())) {
      channel.close();
      throw new NoSuchFileException(file.path().toString());
    }
    return new LogInput(file, channel);
  }

  /** The next bytes, or -1 at the end; of a file that is written to, the end for now. */
  int read(byte[] into) throws IOException {
    if (!file.gzip()) return channel.read(ByteBuffer.wrap(into));
    try {
      if (unpacked == null) unpacked = new GZIPInputStream(Channels.newInputStream(channel), into.length);
      return unpacked.read(into);
    } catch (EOFException | ZipException e) {
      isDamaged = true;
      return -1; // what could be read was
    }
  }

  void rewind() throws IOException {
    channel.position(0);
    unpacked = null;
  }

  long position() throws IOException {
    return channel.position();
  }

  long size() throws IOException {
    return channel.size();
  }

  void goTo(long position) throws IOException {
    channel.position(position);
  }

  void skipToEnd() throws IOException {
    channel.position(channel.size());
  }

  /**
   * Goes to where so many line ends follow, one at the very end not counted if that is said.
   *
   * @return how many there are; fewer than wanted: all of them follow
   */
  long seekLast(long wanted, boolean exceptFinal, byte[] buffer) throws IOException {
    return file.gzip() ? seekLastUnpacked(wanted, exceptFinal, buffer) : seekLastBackwards(wanted, exceptFinal, buffer);
  }

  private long seekLastBackwards(long wanted, boolean exceptFinal, byte[] buffer) throws IOException {
    long end = channel.size();
    long seen = 0;
    for (long blockEnd = end; blockEnd > 0; ) {
      long from = Math.max(0, blockEnd - buffer.length);
      ByteBuffer block = ByteBuffer.wrap(buffer, 0, (int) (blockEnd - from));
      while (block.hasRemaining() && channel.read(block, from + block.position()) >= 0) continue;
      for (int i = block.position() - 1; i >= 0; i--) {
        if (buffer[i] != '\n' || exceptFinal && from + i == end - 1) continue;
        if (++seen == wanted) {
          channel.position(from + i + 1);
          return seen;
        }
      }
      blockEnd = from;
      Thread.yield(); // for the others on a virtual thread's carrier
    }
    channel.position(0);
    return seen;
  }

  private long seekLastUnpacked(long wanted, boolean exceptFinal, byte[] buffer) throws IOException {
    long lines = 0;
    boolean endsLine = false;
    for (int n = read(buffer); n >= 0; n = read(buffer)) {
      for (int i = 0; i < n; i++) if (buffer[i] == '\n') lines++;
      if (n > 0) endsLine = buffer[n - 1] == '\n';
      Thread.yield();
    }
    if (exceptFinal && endsLine) lines--;
    rewind();
    if (lines <= 0) {
      if (isDamaged) unpacked = InputStream.nullInputStream();
      return 0;
    }
    try {
      unpacked = new java.io.BufferedInputStream(new GZIPInputStream(Channels.newInputStream(channel), buffer.length), buffer.length);
      for (long skip = lines - wanted + 1; skip > 0; ) {
        int b = unpacked.read();
        if (b < 0) break;
        if (b == '\n') skip--;
      }
    } catch (EOFException | ZipException e) {
      return 0;
    }
    return Math.min(lines, wanted);
  }

  /**
   * Whether the other is this file compressed: by the size and the checksum that RFC 1952 puts at the end.
   *
   * @throws NoSuchFileException where it was renamed meanwhile
   */
  boolean isWhatIsPackedIn(LogFile other) throws IOException {
    if (!other.gzip() || file.gzip() || other.size() < GZIP_TRAILER) return false;
    ByteBuffer trailer = ByteBuffer.allocate(GZIP_TRAILER).order(ByteOrder.LITTLE_ENDIAN);
    try (LogInput packed = open(other)) {
      while (trailer.hasRemaining() && packed.channel.read(trailer, packed.size() - GZIP_TRAILER + trailer.position()) >= 0) continue;
    }
    return trailer.getInt(4) == (int) channel.size() && trailer.getInt(0) == (int) checksum();
  }

  private long checksum() throws IOException {
    CRC32 crc = new CRC32();
    ByteBuffer block = ByteBuffer.allocate(64 * 1024);
    for (long at = 0; channel.read(block.clear(), at) > 0; at += block.limit()) crc.update(block.flip());
    return crc.getValue();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException nothingWasWritten) {
      return;
    }
  }
}
