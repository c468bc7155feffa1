package taskmaster.controller.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.Entry;
import taskmaster.controller.core.MonoTime;
import taskmaster.controller.core.Observed;
import taskmaster.controller.core.Recovery;
import taskmaster.controller.core.Snapshot;
import taskmaster.controller.kernel.Journal;
import tools.jackson.databind.JsonNode;

/**
 * The records in one file, a batch a line, written with one write(2) each: the page cache survives the death of the
 * process, and nothing has to survive the machine's, which ends the programs too.
 */
public final class RunRecords implements Journal, AutoCloseable {
  private static final long COMPACT_FROM = 1 << 20;
  private static final int COMPACT_FACTOR = 4;
  private static final Duration LOOK_EVERY = Duration.ofSeconds(2);

  private final Path file;
  private final String machine;
  private final String version;
  private final Alerts alerts;
  private final Consumer<String> trouble;
  private RecordWriter writer;
  private @Nullable FileChannel channel;
  private long size;
  private long compactedSize;
  private boolean failing;
  private MonoTime lookedAt = new MonoTime(0);

  /**
   * What the file says.
   *
   * @param alertsBefore the number of the last alert from before all that it tells of
   * @param damage empty where all of it could be read; else a sentence
   */
  public record Contents(Recovery.Recovered recovered, int nextSpec, long length, long alertsBefore, String damage, String version) {
    public static final Contents NOTHING = new Contents(Recovery.Recovered.NOTHING, 0, 0, 0, "", "");

    Contents damaged(String how) {
      return new Contents(recovered, nextSpec, length, alertsBefore, how, version);
    }
  }

  /** What the records need to know of the telling of alerts. */
  public interface Alerts {
    /** Whether all that the records would have to tell a next daemon is told. */
    boolean allTold();

    /** The number of the last one that is told. */
    long lastNumber();
  }

  /**
   * Reads what an earlier daemon wrote. What belongs to an earlier boot or another pid namespace counts as nothing: its
   * pids are not of this world.
   *
   * @param machine names the boot and the pid namespace
   */
  public static Contents read(Path file, String machine) throws IOException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException none) {
      return Contents.NOTHING;
    }
    Contents contents = parse(bytes, machine);
    if (contents.damage().isEmpty()) return contents;
    boolean one = contents.damage().startsWith("1 ");
    return contents.damaged(contents.damage() + " of " + file + (one ? " is" : " are") + " not what was written there");
  }

  /** What the bytes of a file say. */
  static Contents parse(byte[] bytes, String machine) {
    RecordReader reader = new RecordReader();
    List<Entry.Batch> batches = new ArrayList<>();
    int good = 0;
    int bad = 0;
    String version = "";
    long alertsBefore = 0;
    int from = 0;
    for (int end = next(bytes, from); end >= 0; end = next(bytes, from)) {
      String line = new String(bytes, from, end - from, StandardCharsets.UTF_8);
      boolean first = from == 0;
      from = end + 1;
      Optional<JsonNode> json = RecordReader.parse(line);
      if (json.isEmpty()) {
        bad++;
        continue;
      }
      good = from;
      if (json.get().has("machine")) {
        if (!isSame(json.get().get("machine").asString(), machine)) return Contents.NOTHING;
        version = json.get().path("version").asString("");
        alertsBefore = json.get().path("alerts_before").asLong(0);
      } else if (first) {
        bad++;
      } else {
        bad += add(batches, reader, json.get());
      }
    }
    String damage = bad == 0 ? "" : bad == 1 ? "1 line" : bad + " lines";
    return new Contents(Recovery.replay(batches), reader.nextSpec(), good, alertsBefore, damage, version);
  }

  /** As far as both say it: the start of the first process may not be looked at everywhere. */
  private static boolean isSame(String machine, String other) {
    return machine.equals(other) || machine.startsWith(other + " ") || other.startsWith(machine + " ");
  }

  private static int add(List<Entry.Batch> batches, RecordReader reader, JsonNode json) {
    try {
      batches.add(reader.batch(json));
      return 0;
    } catch (RuntimeException senseless) {
      return 1;
    }
  }

  private static int next(byte[] bytes, int from) {
    for (int i = from; i < bytes.length; i++) if (bytes[i] == '\n') return i;
    return -1;
  }

  /**
   * Goes on where an earlier daemon ended; half a line that it left is cut off.
   *
   * @param trouble hears that records cannot be written, and that they can again
   */
  public RunRecords(
      Path file, String machine, String version, Contents contents, Alerts alerts, Consumer<String> trouble)
      throws IOException {
    this.file = file;
    this.machine = machine;
    this.version = version;
    this.alerts = alerts;
    this.trouble = trouble;
    this.writer = new RecordWriter(contents.nextSpec());
    FileChannel open = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    open.truncate(contents.length());
    open.position(contents.length());
    channel = open;
    size = contents.length();
    if (size == 0) write(writer.header(machine, version, alerts.lastNumber()));
  }

  @Override
  public void append(Entry.Batch batch) {
    if (failing) return;
    try {
      write(writer.batch(batch));
    } catch (IOException e) {
      fail(e);
    }
  }

  private void write(byte[] line) throws IOException {
    FileChannel open = channel;
    if (open == null) throw new IOException("not open");
    write(open, line);
    size += line.length;
  }

  private static void write(FileChannel open, byte[] line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(line);
    while (bytes.hasRemaining()) open.write(bytes);
  }

  private void fail(IOException e) {
    if (!failing) trouble.accept("cannot write the run records " + file + ": " + e.getMessage() + "; a daemon that died now would have to find its programs by their marks");
    failing = true;
  }

  @Override
  public void mayCompact(Snapshot snapshot) {
    if (snapshot.at().reached(lookedAt.plus(LOOK_EVERY))) {
      lookedAt = snapshot.at();
      if (!Files.exists(file)) failing = true;
    }
    boolean large = size > COMPACT_FROM && size > COMPACT_FACTOR * compactedSize;
    if (failing || large && alerts.allTold()) compact(snapshot);
  }

  private void compact(Snapshot snapshot) {
    RecordWriter fresh = new RecordWriter(0);
    List<Entry> all = new ArrayList<>(Entry.between(Desired.NOTHING, snapshot.desired()));
    all.addAll(Entry.between(Observed.NOTHING, snapshot.observed()));
    byte[] header = fresh.header(machine, version, alerts.lastNumber());
    byte[] batch = fresh.batch(new Entry.Batch(snapshot.at(), snapshot.observed().nextRun(), Entry.Batch.Kind.BASE, all));
    Path next = next();
    try {
      FileChannel written = written(next, header, batch);
      FileChannel old = channel;
      channel = written;
      if (old != null) old.close();
      size = header.length + batch.length;
      writer = fresh;
      compactedSize = size;
      if (failing) trouble.accept("writing the run records " + file + " again");
      failing = false;
    } catch (IOException e) {
      fail(e);
    }
  }

  /** Open still, and in the place of the file. */
  private FileChannel written(Path next, byte[]... lines) throws IOException {
    FileChannel open =
        FileChannel.open(next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
    try {
      for (byte[] line : lines) write(open, line);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      return open;
    } catch (IOException e) {
      open.close(); // on a full disk this is tried again and again
      throw e;
    }
  }

  private Path next() {
    return file.resolveSibling(file.getFileName() + ".new");
  }

  @Override
  public void close() throws IOException {
    FileChannel open = channel;
    channel = null;
    if (open != null) open.close();
  }

  /** Nothing is left that a next daemon would have to know. */
  public void remove() throws IOException {
    close();
    Files.deleteIfExists(file);
    Files.deleteIfExists(next());
  }
}
