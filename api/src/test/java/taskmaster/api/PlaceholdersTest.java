package taskmaster.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PlaceholdersTest {
  private static final InstanceId WEB_2 = new InstanceId("web", 2);

  @Test
  void texts_and_paths_are_filled_in_for_an_instance() {
    String text = "port 80" + Placeholders.INDEX + " of " + Placeholders.INSTANCE;
    assertThat(Placeholders.fill(text, WEB_2)).isEqualTo("port 802 of web:2");
    Path path = Path.of("/srv", Placeholders.forPath(text));
    assertThat(Placeholders.fill(path, WEB_2)).isEqualTo(Path.of("/srv/port 802 of web:2"));
  }

  @Test
  void people_see_them_as_the_file_has_them() {
    String text = Placeholders.INDEX + "/" + Placeholders.INSTANCE;
    assertThat(Placeholders.show(text)).isEqualTo("${index}/${instance}");
    assertThat(Placeholders.show(Placeholders.forPath(text))).isEqualTo("${index}/${instance}");
  }

  @Test
  void what_has_none_stays_the_same_object() {
    String plain = "sleep 1";
    Path path = Path.of("/srv");
    assertThat(Placeholders.fill(plain, WEB_2)).isSameAs(plain);
    assertThat(Placeholders.forPath(plain)).isSameAs(plain);
    assertThat(Placeholders.show(plain)).isSameAs(plain);
    assertThat(Placeholders.fill(path, WEB_2)).isSameAs(path);
  }
}
