package taskmaster.controller.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Bytes outside the Java heap, freed with the object; for one thread at a time. */
public final class NativeBuffer {
  private final MemorySegment memory;
  private final long address;

  /** Of calls that are about these bytes. */
  final MemorySegment callState = Libc.newState();

  public NativeBuffer(int size) {
    memory = Arena.ofAuto().allocate(size);
    address = memory.address();
  }

  public long size() {
    return memory.byteSize();
  }

  long address() {
    return address;
  }

  public byte get(long index) {
    return memory.get(JAVA_BYTE, index);
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
    memory.set(JAVA_BYTE, index, value);
  }

  public byte[] bytes(long from, long to) {
    return memory.asSlice(from, to - from).toArray(JAVA_BYTE);
  }

  public void copyFrom(byte[] source, int from, long to, int count) {
    MemorySegment.copy(source, from, memory, JAVA_BYTE, to, count);
  }

  public void copyFrom(NativeBuffer source, long from, long to, long count) {
    MemorySegment.copy(source.memory, from, memory, to, count);
  }

  public void copyFrom(byte[] source, int count) {
    MemorySegment.copy(source, 0, memory, JAVA_BYTE, 0, count);
  }

  /** The bytes as ASCII. */
  String ascii(long from, long to) {
    byte[] bytes = new byte[(int) (to - from)];
    MemorySegment.copy(memory, JAVA_BYTE, from, bytes, 0, bytes.length);
    return new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
  }
}
