package taskmaster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.jupiter.api.Test;

class WordsTest {
  @Test
  void blanks_part_words_and_quotes_keep_them() {
    assertThat(Words.of("  logs web \t -n 5 ")).isEqualTo(List.of("logs", "web", "-n", "5"));
    assertThat(Words.of("logs web --grep 'ERROR|WARN  x'")).isEqualTo(List.of("logs", "web", "--grep", "ERROR|WARN  x"));
    assertThat(Words.of("logs --grep=\"a \\\"b\\\" \\d\"")).isEqualTo(List.of("logs", "--grep=a \"b\" \\d"));
    assertThat(Words.of("a\\ b 'c\\d'")).isEqualTo(List.of("a b", "c\\d"));
    assertThat(Words.of("status ''")).isEqualTo(List.of("status", ""));
    assertThat(Words.of("it's'over")).isEqualTo(List.of("itsover"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   ", "# status", "  #"})
  void nothing_is_no_word(String line) {
    assertThat(Words.of(line)).isEmpty();
  }

  @Test
  void an_open_quote_is_an_error() {
    assertThatIllegalArgumentException().isThrownBy(() -> Words.of("logs --grep 'a b")).withMessage("a ' is not closed");
  }
}
