package taskmaster.controller.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.reader.StreamReader;

final class TextReaderTest {
  /** The library's own, which needs no text as a whole. */
  @ParameterizedTest
  @ValueSource(strings = {"", "a", "a: b\nc: d", "\r\n\r\n", "a\rb\n\n", "ä𝄞\u2028x\u0085y", "x\uFEFFy\n", "last\r"})
  void goes_through_a_text_as_the_library_does(String text) {
    StreamReader expected = new StreamReader(text);
    TextReader reader = new TextReader("f", text);
    for (int i = 0; i < text.length() + 2; i++) {
      for (int ahead : List.of(0, 1, 2, 50)) assertThat(reader.peek(ahead)).as("at %d, %d ahead", i, ahead).isEqualTo(expected.peek(ahead));
      assertThat(reader.prefix(2)).isEqualTo(expected.prefix(2));
      Mark at = reader.getMark();
      Mark there = expected.getMark();
      assertThat(List.of(at.getIndex(), at.getLine(), at.getColumn())).as("at %d", i).isEqualTo(List.of(there.getIndex(), there.getLine(), there.getColumn()));
      assertThat(reader.getDocumentIndex()).isEqualTo(expected.getDocumentIndex());
      reader.forward();
      expected.forward();
    }
  }

  @Test
  void tells_of_a_character_that_is_not_allowed_only_where_it_stands() {
    TextReader reader = new TextReader("f", "ab\nc\u0007d");
    assertThat(reader.prefixForward(2)).isEqualTo("ab");
    assertThat(reader.peek()).isEqualTo('\n');
    reader.forward(2);
    assertThatThrownBy(reader::peek).isInstanceOfSatisfying(MarkedYAMLException.class, e -> {
      assertThat(e.getProblem()).isEqualTo("U+0007 is a character that YAML does not allow");
      assertThat(e.getProblemMark().getLine()).isEqualTo(1);
      assertThat(e.getProblemMark().getColumn()).isEqualTo(1);
    });
  }
}
