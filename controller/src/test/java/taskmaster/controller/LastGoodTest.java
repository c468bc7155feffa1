package taskmaster.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import taskmaster.controller.config.Config;
import taskmaster.controller.config.ConfigFile;
import taskmaster.controller.config.Reading;

class LastGoodTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  private Config keep(Path file) throws Exception {
    Reading reading = Reading.ofDisk(file);
    Config config = ConfigFile.parse(reading);
    new LastGood(folder).keep(reading.files());
    return config;
  }

  @Test
  void a_file_that_stands_alone_is_kept_as_it_is() throws Exception {
    Path file = Files.writeString(folder.resolve("tm.yaml"), "programs: { a: { cmd: run } } # ä\n");
    Config config = keep(file);
    assertThat(folder.resolve("last-good.yaml")).hasSameBinaryContentAs(file);
    assertThat(Files.getPosixFilePermissions(folder.resolve("last-good.yaml"))).as("there may be secrets in it").hasToString("[OWNER_READ, OWNER_WRITE]");
    Files.writeString(file, "programs: [");
    assertThat(ConfigFile.parse(Reading.ofKept(file, new LastGood(folder).read(file)))).isEqualTo(config);
  }

  @Test
  void of_several_files_all_are_kept_and_what_is_on_the_disk_does_not_matter() throws Exception {
    Files.createDirectories(folder.resolve("conf.d/ü x"));
    Path file = Files.writeString(folder.resolve("tm.yaml"), "include: [plain.yaml, conf.d/*.yaml, 'conf.d/*/p.yaml']\nprograms: { m: { cmd: run } }\n");
    Path plain = Files.writeString(folder.resolve("plain.yaml"), "include: conf.d/ü x/p.yaml\ngroups: { g: [m, a] }\n");
    Path a = Files.writeString(folder.resolve("conf.d/a.yaml"), "programs: { a: { cmd: run } }\n");
    Path p = Files.writeString(folder.resolve("conf.d/ü x/p.yaml"), "programs: { p: { cmd: run } }\n");
    Config config = keep(file);
    assertThat(config.programs().keySet()).containsExactly("m", "p", "a");

    Files.write(plain, new byte[] {(byte) 0xff});
    Files.delete(a);
    Files.writeString(p, "programs: { p: { cmd: changed } }\n");
    Files.writeString(folder.resolve("conf.d/new.yaml"), "programs: { new: { cmd: run } }\n");
    Config again = ConfigFile.parse(Reading.ofKept(file, new LastGood(folder).read(file)));
    assertThat(again.programs()).isEqualTo(config.programs());
    assertThat(again.groups()).isEqualTo(config.groups());

    Files.write(file, "programs: {}".getBytes(StandardCharsets.UTF_8));
    keep(file);
    assertThat(folder.resolve("last-good.yaml")).as("one file again").hasContent("programs: {}");
  }
}
