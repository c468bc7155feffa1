package taskmaster.api.logs;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A log file with the files that it was rotated to, as one sequence of bytes. The newest that was seen stays open: what
 * was added to it before it was renamed, compressed or deleted can still be read.
 */
final class LogTail implements AutoCloseable {
  private static final int TRIES = 20;
  /** So much of one file, then it is the next one's turn. */
  private static final long TURN = 4 << 20;

  private static final int MOST_REMEMBERED = 100_000;

  interface Bytes {
    void accept(byte[] bytes, int count) throws IOException;
  }

  private final Path path;
  private final byte[] buffer;
  private final Deque<LogInput> inputs = new ArrayDeque<>(); // the oldest first
  private Set<LogFile.Identity> older = new HashSet<>();

  LogTail(Path path, byte[] buffer) {
    this.path = path;
    this.buffer = buffer;
  }

  /**
   * Opens the files that the wanted lines are in.
   *
   * @param filter what makes a line count; null: every line does
   * @return how many lines that count come before those that are wanted
   */
  long open(LogQuery query, java.util.function.@Nullable Supplier<LineFilter> filter) throws IOException {
    for (int i = 1; ; i++) {
      try {
        List<LogFile> files = LogFile.chain(path);
        if (files == null) throw new NoSuchFileException(path + ": it is renamed again and again");
        return open(files, query, filter);
      } catch (NoSuchFileException moved) {
        close();
        if (i == TRIES) throw moved;
      } catch (IOException | RuntimeException e) {
        close();
        throw e;
      }
    }
  }

  private long open(List<LogFile> files, LogQuery query, java.util.function.@Nullable Supplier<LineFilter> filter) throws IOException {
    remember(files);
    long found = 0;
    boolean exceptFinal = true;
    for (LogFile file : files) {
      boolean tooOld = query.since() != null && file.modified().isBefore(query.since());
      if (tooOld && !inputs.isEmpty()) break;
      LogInput input = LogInput.open(file);
      inputs.addFirst(input);
      if (tooOld || query.last() == 0) {
        if (!file.gzip()) input.skipToEnd();
        else drain(input, Long.MAX_VALUE, (b, n) -> {});
        break;
      }
      if (query.last() == LogQuery.ALL) continue;
      if (filter == null) {
        found += input.seekLast(query.last() - found, exceptFinal, buffer);
        exceptFinal &= file.size() == 0;
      } else {
        found += count(input, filter.get(), query.last() - found);
      }
      if (found >= query.last()) break;
    }
    return filter == null ? 0 : Math.max(0, found - query.last());
  }

  /** Goes to the first of the wanted lines, where it is no effort to know where that begins. */
  private long count(LogInput input, LineFilter filter, long wanted) throws IOException {
    Counting counting = new Counting(filter, wanted <= MOST_REMEMBERED && !input.file.gzip() ? (int) wanted : 0);
    LineCutter cutter = new LineCutter(counting);
    drain(input, Long.MAX_VALUE, cutter::accept);
    cutter.flush();
    input.rewind();
    return counting.goTo(input);
  }

  private static final class Counting implements LineCutter.Hearer {
    private final LineFilter filter;
    private final long[] begins; // of the last lines that count
    private long at;
    private long found;

    Counting(LineFilter filter, int remembered) {
      this.filter = filter;
      this.begins = new long[remembered];
    }

    @Override
    public void line(byte[] bytes, int from, int to, boolean first) {
      if (first && filter.wants(bytes, from, to)) {
        if (begins.length > 0) begins[(int) (found % begins.length)] = at;
        found++;
      }
      at += to - from;
    }

    long goTo(LogInput input) throws IOException {
      if (begins.length == 0 || found < begins.length) return found;
      input.goTo(begins[(int) (found % begins.length)]);
      return begins.length;
    }
  }

  private void remember(List<LogFile> files) {
    older = new HashSet<>();
    for (LogFile f : files) if (!f.path().equals(path)) older.add(f.identity());
  }

  /** What is there now, to its end as it was when this began. */
  void readAll(Bytes to) throws IOException {
    while (inputs.size() > 1) readOldest(to);
    LogInput newest = inputs.peekLast();
    if (newest != null) drain(newest, newest.size() - newest.position(), to);
  }

  private void readOldest(Bytes to) throws IOException {
    drain(inputs.getFirst(), Long.MAX_VALUE, to);
    inputs.removeFirst().close();
  }

  /** What has come since; false: nothing. */
  boolean readMore(Bytes to) throws IOException {
    if (inputs.size() > 1) {
      readOldest(to);
      return true;
    }
    LogInput held = inputs.peekLast();
    if (held != null && drain(held, TURN, to)) return true;
    LogFile now = LogFile.at(path, false);
    if (now == null) return false; // in the middle of a rotation, or deleted: there will be another
    if (held == null || !now.key().equals(held.file.key())) return openNewer(held);
    if (now.size() >= held.position()) return false;
    held.rewind(); // it was truncated
    return drain(held, TURN, to);
  }

  private boolean drain(LogInput input, long most, Bytes to) throws IOException {
    long left = most;
    while (left > 0) {
      int n = input.read(buffer);
      if (n <= 0) break;
      to.accept(buffer, n);
      left -= n;
      Thread.yield(); // for the others on a virtual thread's carrier
    }
    return left < most;
  }

  private boolean openNewer(@Nullable LogInput held) throws IOException {
    List<LogFile> files = LogFile.chain(path);
    if (files == null) return false;
    List<LogInput> opened = new ArrayList<>();
    try {
      for (LogFile file : newerThan(held, files).reversed()) opened.add(LogInput.open(file));
    } catch (NoSuchFileException movedAgain) {
      opened.forEach(LogInput::close);
      return false; // the next look will see it
    } catch (IOException | RuntimeException e) {
      opened.forEach(LogInput::close);
      throw e;
    }
    inputs.addAll(opened);
    remember(files);
    return !opened.isEmpty();
  }

  private List<LogFile> newerThan(@Nullable LogInput held, List<LogFile> files) throws IOException {
    List<LogFile> newer = new ArrayList<>();
    for (LogFile file : files) {
      if (held != null && file.key().equals(held.file.key())) return newer;
      if (!file.path().equals(path) && older.contains(file.identity())) break;
      newer.add(file);
    }
    for (int i = 0; held != null && i < newer.size(); i++) {
      if (held.isWhatIsPackedIn(newer.get(i))) return newer.subList(0, i);
    }
    return newer;
  }

  @Override
  public void close() {
    inputs.forEach(LogInput::close);
    inputs.clear();
  }
}
