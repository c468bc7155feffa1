package taskmaster.controller.linux;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Bytes outside the Java heap, freed with the object; for one thread at a time. A direct buffer, because the accessors of
 * a memory segment are many layers of code, which cost a start of the daemon a fifth of all its compiling.
 */
public final class NativeBuffer {
  private static final byte[] ZEROS = new byte[256];

  private final ByteBuffer memory;
  private final long address;

  /** Of calls that are about these bytes. */
  final Libc.CallState callState = new Libc.CallState();

  public NativeBuffer(int size) {
    memory = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
    address = MemorySegment.ofBuffer(memory).address();
  }

  public long size() {
    return memory.capacity();
  }

  long address() {
    return address;
  }

  public byte get(long index) {
    return memory.get((int) index);
  }

  /** The index of the last {@code value} in {@code [from, to)}, or -1. */
  public long lastIndexOf(byte value, long from, long to) {
    for (long i = to - 1; i >= from; i--) if (get(i) == value) return i;
    return -1;
  }

  /** The index of the first {@code value} in {@code [from, to)}, or -1. */
  public long indexOf(byte value, long from, long to) {
    for (long i = from; i < to; i++) if (get(i) == value) return i;
    return -1;
  }

  public void put(long index, byte value) {
    memory.put((int) index, value);
  }

  short getShort(int index) {
    return memory.getShort(index);
  }

  void putShort(int index, short value) {
    memory.putShort(index, value);
  }

  int getInt(int index) {
    return memory.getInt(index);
  }

  void putInt(int index, int value) {
    memory.putInt(index, value);
  }

  long getLong(int index) {
    return memory.getLong(index);
  }

  void putLong(int index, long value) {
    memory.putLong(index, value);
  }

  void zero(int from, int to) {
    for (int i = from; i < to; i += ZEROS.length) memory.put(i, ZEROS, 0, Math.min(ZEROS.length, to - i));
  }

  public byte[] bytes(long from, long to) {
    byte[] bytes = new byte[(int) (to - from)];
    memory.get((int) from, bytes);
    return bytes;
  }

  public void copyFrom(byte[] source, int from, long to, int count) {
    memory.put((int) to, source, from, count);
  }

  public void copyFrom(NativeBuffer source, long from, long to, long count) {
    memory.put((int) to, source.memory, (int) from, (int) count);
  }

  public void copyFrom(byte[] source, int count) {
    memory.put(0, source, 0, count);
  }

  /** The bytes as ASCII. */
  String ascii(long from, long to) {
    return new String(bytes(from, to), StandardCharsets.ISO_8859_1);
  }
}
