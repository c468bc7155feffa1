package taskmaster.controller.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScratchTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 16, 4000, 100_000, 3_000_000})
  void holdsStringsOfAnyLength(int length) {
    String text = "ä€😀x".repeat(length / 5) + "y".repeat(length % 5);
    Scratch scratch = Scratch.of(Scratch.room(text) + Scratch.room("after"));
    int at = scratch.string(text);
    int after = scratch.string("after");
    assertEquals(text, scratch.text(at));
    assertEquals("after", scratch.text(after));
  }

  @Test
  void givesStructsThatAreAllZeroAndAligned() {
    Scratch dirty = Scratch.of(0);
    dirty.string("x".repeat(4000));
    Scratch scratch = Scratch.of(0);
    scratch.string("x");
    int struct = scratch.struct(12);
    assertEquals(0, scratch.address(struct) % 16);
    assertEquals(0, scratch.getLong(struct));
    assertEquals(0, scratch.getInt(struct + 8));
  }

  @Test
  void isTheThreadsOwnAndGrows() {
    assertSame(Scratch.of(0), Scratch.of(4000));
    Scratch large = Scratch.of(4 << 20);
    assertSame(large, Scratch.of(0));
    assertThrows(IndexOutOfBoundsException.class, () -> Scratch.of(0).string("x".repeat(5 << 20)));
  }
}
