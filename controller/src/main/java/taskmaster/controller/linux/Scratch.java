package taskmaster.controller.linux;

import java.nio.charset.StandardCharsets;

/**
 * Room for what a system call is given and answers: C strings and structs, which are named by where they begin. It is the
 * thread's own, and {@link #of} clears it: whoever holds one must not call what takes another.
 */
final class Scratch {
  /** Two paths as long as they may be, and some structs. */
  private static final int USUAL = 12 << 10;

  private static final int ALIGNMENT = 16;
  private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(() -> new Scratch(USUAL));

  private final NativeBuffer memory;
  private int used;

  private Scratch(int size) {
    memory = new NativeBuffer(size);
  }

  /** Empty, with room for at least so many bytes. */
  static Scratch of(int bytes) {
    Scratch scratch = OF_THREAD.get();
    if (scratch.memory.size() < bytes) {
      scratch = new Scratch(bytes);
      OF_THREAD.set(scratch); // it stays: what is let go is only freed by a collection
    }
    scratch.used = 0;
    return scratch;
  }

  /** Empty, with room for this string and a page. */
  static Scratch of(String text) {
    return of(room(text) + 4096);
  }

  /** How many bytes a C string needs at most. */
  static int room(String text) {
    return 3 * text.length() + 1 + ALIGNMENT;
  }

  /** How many bytes a struct needs. */
  static int room(int bytes) {
    return bytes + ALIGNMENT;
  }

  /** All zero. */
  int struct(int bytes) {
    int at = space(bytes);
    memory.zero(at, used);
    return at;
  }

  /** For an answer: what is there is what was left there. */
  int space(int bytes) {
    int at = used;
    used += bytes + ALIGNMENT - 1 & -ALIGNMENT;
    return at;
  }

  int string(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int at = bytes(bytes, bytes.length + 1);
    memory.put(at + bytes.length, (byte) 0);
    return at;
  }

  int bytes(byte[] bytes) {
    return bytes(bytes, bytes.length);
  }

  private int bytes(byte[] bytes, int room) {
    int at = space(room);
    memory.copyFrom(bytes, 0, at, bytes.length);
    return at;
  }

  long address(int at) {
    return memory.address() + at;
  }

  /** The address of a C string. */
  long stringAt(String text) {
    return address(string(text));
  }

  /** The C string there. */
  String text(int at) {
    return new String(memory.bytes(at, memory.indexOf((byte) 0, at, memory.size())), StandardCharsets.UTF_8);
  }

  void put(int at, byte[] bytes) {
    memory.copyFrom(bytes, 0, at, bytes.length);
  }

  void put(int at, NativeBuffer bytes) {
    memory.copyFrom(bytes, 0, at, bytes.size());
  }

  short getShort(int at) {
    return memory.getShort(at);
  }

  void putShort(int at, short value) {
    memory.putShort(at, value);
  }

  int getInt(int at) {
    return memory.getInt(at);
  }

  void putInt(int at, int value) {
    memory.putInt(at, value);
  }

  long getLong(int at) {
    return memory.getLong(at);
  }

  void putLong(int at, long value) {
    memory.putLong(at, value);
  }
}
