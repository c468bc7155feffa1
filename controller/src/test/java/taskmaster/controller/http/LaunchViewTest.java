package taskmaster.controller.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LaunchViewTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      textBlock =
          """
          a-b_c=/d, a-b_c=/d
          a b, 'a b'
          it's, 'it'\\''s'
          $x, '$x'
          ~~, ''
          """)
  void a_word_is_quoted_for_a_shell(String word, String quoted) {
    assertThat(LaunchView.quoted(word)).isEqualTo(quoted);
    assertThat(LaunchView.quoted("a\nb\u001b'")).isEqualTo("$'a\\nb\\u001b\\''");
  }
}
