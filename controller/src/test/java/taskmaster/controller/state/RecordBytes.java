package taskmaster.controller.state;

import java.io.ByteArrayOutputStream;
import java.util.List;
import taskmaster.controller.core.Entry;

/** The bytes that a file of run records holds, without the file. */
public final class RecordBytes {
  private static final String MACHINE = "a machine";

  private RecordBytes() {}

  public static byte[] of(List<Entry.Batch> batches) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(new RecordWriter(0).header(MACHINE, "0", 0));
    RecordWriter writer = new RecordWriter(0);
    for (Entry.Batch batch : batches) bytes.writeBytes(writer.batch(batch));
    return bytes.toByteArray();
  }

  public static RunRecords.Contents read(byte[] bytes) {
    return RunRecords.parse(bytes, MACHINE);
  }
}
