package taskmaster.controller.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilePagesTest {
  private static final String CACHE = "/opt/tm/lib/app-1/daemon.aot";

  private static String mapping(String access, String file, int anonymous, int swapped) {
    return """
        8012a1000-8029da000 %s 012a1000 fe:00 2187748                          %s
        Size:              23780 kB
        Rss:               23780 kB
        Anonymous:      %8d kB
        AnonHugePages:         0 kB
        Swap:           %8d kB
        SwapPss:               0 kB
        VmFlags: rd mr mw me sd
        """.formatted(access, file, anonymous, swapped);
  }

  @ParameterizedTest
  @CsvSource({
      "r--p, /opt/tm/lib/app-1/daemon.aot,             0,   0, true",
      "r-xp, /opt/tm/lib/runtime/lib/server/libjvm.so, 0,   0, true",
      "rw-p, /opt/tm/lib/app-1/daemon.aot,             0,   0, false",
      "r--p, /opt/tm/lib/runtime/lib/server/libjvm.so, 940, 0, false",
      "r--p, /opt/tm/lib/runtime/lib/server/libjvm.so, 0, 940, false",
      "r--p, /usr/lib/libc.so.6,                       0,   0, false",
      "r--p, '',                                       0,   0, false",
  })
  void only_what_nobody_wrote_of_files_that_stay(String access, String file, int anonymous, int swapped, boolean restorable) {
    String around = mapping("r--p", "/elsewhere", 0, 0);
    var found = FilePages.restorable((around + mapping(access, file, anonymous, swapped) + around).lines().toList());
    if (restorable) assertThat(found).containsExactly(new FilePages.Mapping(0x8012a1000L, 0x8029da000L));
    else assertThat(found).isEmpty();
  }

  @Test
  void each_mapping_is_looked_at_for_itself() {
    String written = mapping("r--p", CACHE, 4, 0);
    assertThat(FilePages.restorable((written + mapping("r--p", CACHE, 0, 0)).lines().toList())).hasSize(1);
    assertThat(FilePages.restorable(("800001000-8012a1000 r--p 0 fe:00 1 " + CACHE + "\nAnonymous: 0 kB\n" + mapping("r--p", "/x", 0, 0)).lines().toList())).isEmpty();
  }
}
