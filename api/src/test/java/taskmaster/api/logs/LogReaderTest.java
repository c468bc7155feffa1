package taskmaster.api.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.ZoneId;
import java.time.LocalTime;
import java.time.LocalDateTime;
import java.time.LocalDate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import taskmaster.api.LogPolicy.Format;

@Timeout(60)
class LogReaderTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private Path file(String name) {
    return folder.resolve(name);
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(file(name), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private void pack(String from, String to) throws IOException {
    try (OutputStream packed = new GZIPOutputStream(Files.newOutputStream(file(to)))) {
      packed.write(Files.readAllBytes(file(from)));
    }
    Files.delete(file(from));
  }

  private LogSource source(String name, Format format) {
    return new LogSource(name, name + ":0", "stdout", file(name), format);
  }

  private static LogQuery last(long n) {
    return new LogQuery(n, null, null, false);
  }

  private static LogQuery parse(String n, String since, String grep) {
    return LogQuery.parse(
        Optional.of(n).filter(s -> !s.isEmpty()), Optional.of(since).filter(s -> !s.isEmpty()), Optional.of(grep).filter(s -> !s.isEmpty()),
        false, Instant.parse("2020-11-23T10:10:00Z"));
  }

  private String shown(LogQuery query, LogShape shape, LogSource... sources) throws IOException {
    out.reset();
    try (LogReader reader = new LogReader(List.of(sources), query, shape, LogReader.Prefix.NONE, out)) {
      reader.run(() -> true);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private String shown(LogQuery query) throws IOException {
    return shown(query, LogShape.RAW, source("web", Format.RAW));
  }

  @Test
  void the_last_lines_come_from_rotated_and_compressed_files_too() throws IOException {
    write("web.3", "one\ntwo\n");
    pack("web.3", "web.3.gz");
    write("web.2", "three\nfour\n");
    write("web.1", "five\nsix\n");
    pack("web.1", "web.1.gz");
    write("web", "seven\neight");
    assertThat(shown(last(0))).isEmpty();
    String all = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight";
    List<String> lines = List.of(all.split("\n"));
    for (int n = 1; n <= 8; n++) {
      assertThat(shown(last(n))).as("-n %s", n).isEqualTo(String.join("\n", lines.subList(8 - n, 8)));
    }
    assertThat(shown(last(9))).isEqualTo(all);
    assertThat(shown(last(LogQuery.ALL))).isEqualTo(all);
    assertThat(shown(parse("2", "", "^[tf]"))).isEqualTo("four\nfive\n");
    assertThat(shown(parse("3", "", "o"))).isEqualTo("one\ntwo\nfour\n");
  }

  @Test
  void an_empty_current_file_and_one_that_is_missing() throws IOException {
    assertThat(shown(last(5))).isEmpty();
    write("web.1", "a\nb\n");
    assertThat(shown(last(1))).isEqualTo("b\n");
    write("web", "");
    assertThat(shown(last(1))).isEqualTo("b\n");
  }

  @Test
  void a_damaged_compressed_file_costs_what_is_damaged() throws IOException {
    write("web.1", "lost\n");
    pack("web.1", "web.1.gz");
    byte[] packed = Files.readAllBytes(file("web.1.gz"));
    Files.write(file("web.1.gz"), Arrays.copyOf(packed, 12));
    write("web", "here\n");
    assertThat(shown(last(20))).isEqualTo("here\n");
  }

  @Test
  void bytes_pass_unchanged_and_json_is_always_valid() throws IOException {
    byte[] odd = {'a', (byte) 0xff, '"', '\t', '\n', 'b', '\n'};
    Files.write(file("web"), odd);
    shown(parse("", "", "[ab]"));
    assertThat(out.toByteArray()).isEqualTo(odd);
    assertThat(shown(last(2), LogShape.JSON, source("web", Format.RAW)))
        .startsWith("{\"program\":\"web\",\"instance\":\"web:0\",\"stream\":\"stdout\",\"message\":\"a\ufffd\\\"\\t\"}\n");
  }

  @Test
  void a_line_of_ten_megabytes_is_one_line() throws IOException {
    byte[] huge = new byte[10 << 20];
    Arrays.fill(huge, (byte) 'x');
    write("web", "first\n");
    Files.write(file("web"), huge, StandardOpenOption.APPEND);
    assertThat(shown(last(1))).hasSize(huge.length);
    assertThat(shown(last(2))).hasSize(huge.length + 6);
    assertThat(shown(parse("1", "", "^x"))).hasSize(huge.length);
    assertThat(shown(parse("1", "", "first"))).isEqualTo("first\n");
  }

  @Test
  void since_is_read_as_it_is_shown() {
    Instant now = Instant.parse("2020-11-23T10:10:00Z");
    ZoneId here = ZoneId.systemDefault();
    for (String same : List.of("2020-11-23 08:05", "2020-11-23T08:05:00", "2020-11-23  08:05:00.000")) {
      assertThat(parse("", same, "").since()).as(same).isEqualTo(LocalDateTime.of(2020, 11, 23, 8, 5).atZone(here).toInstant());
    }
    assertThat(parse("", "2020-11-23", "").since()).isEqualTo(LocalDate.of(2020, 11, 23).atStartOfDay(here).toInstant());
    assertThat(parse("", "2020-11-23T08:05:00Z", "").since()).isEqualTo(Instant.parse("2020-11-23T08:05:00Z"));
    assertThat(parse("", "2020-11-23T08:05:00+02:00", "").since()).isEqualTo(Instant.parse("2020-11-23T06:05:00Z"));
    for (LocalTime time : List.of(LocalTime.of(0, 0), LocalTime.of(23, 59))) {
      Instant since = Objects.requireNonNull(parse("", time.toString(), "").since());
      assertThat(since).as("the last that was").isBetween(now.minus(Duration.ofDays(1)), now);
      assertThat(since.atZone(here).toLocalTime()).isEqualTo(time);
    }
    for (String wrong : List.of("25:00", "2020-13-01", "2020-11-23 8 o'clock")) {
      assertThatThrownBy(() -> parse("", wrong, "")).hasMessageContaining("since '" + wrong + "' is not a time");
    }
  }

  @Test
  void since_goes_by_the_lines_times() throws IOException {
    write("web", "2020-11-23T09:59:59.999Z old\n2020-11-23T10:00:00.000Z new\ncontinued\n");
    assertThat(shown(parse("", "10m", ""), LogShape.RAW, source("web", Format.TIMESTAMPED)))
        .isEqualTo("2020-11-23T10:00:00.000Z new\ncontinued\n");
    assertThat(shown(parse("", "10m", ""), LogShape.JSON, source("web", Format.TIMESTAMPED)))
        .startsWith("{\"time\":\"2020-11-23T10:00:00.000Z\",\"program\":\"web\",").contains("\"message\":\"new\"}");
    write("json", "{\"time\":\"2020-11-23T09:00:00.000Z\",\"message\":\"old\"}\n{\"time\":\"2020-11-23T10:05:00.000Z\",\"message\":\"new\"}\n");
    assertThat(shown(parse("", "2020-11-23T10:00:00Z", ""), LogShape.JSON, source("json", Format.JSON)))
        .isEqualTo("{\"time\":\"2020-11-23T10:05:00.000Z\",\"message\":\"new\"}\n");
  }

  @Test
  void since_goes_by_the_files_where_lines_say_no_time() throws IOException {
    write("web.1", "old\n");
    Files.setLastModifiedTime(file("web.1"), FileTime.from(Instant.parse("2020-11-23T09:00:00Z")));
    write("web", "new\n");
    Files.setLastModifiedTime(file("web"), FileTime.from(Instant.parse("2020-11-23T10:05:00Z")));
    assertThat(shown(parse("", "10m", ""))).isEqualTo("new\n");
    assertThat(shown(parse("", "1m", ""))).isEmpty();
  }

  @Test
  void the_daemons_lines_as_its_console_shows_them_with_the_day() throws IOException {
    write("web", "{\"@timestamp\":\"2020-11-23T10:00:00.5Z\",\"@version\":\"1\",\"message\":\"a \\\"b\\\" \\u00e9\",\"level\":\"WARN\",\"n\":{\"level\":\"no\"}}\n");
    assertThat(shown(last(1), LogShape.CONSOLE, source("web", Format.JSON))).matches("2020-11-2[234] [0-9:]{8} WARN  a \"b\" \u00e9\n");
  }

  @Test
  void what_is_wrong_with_a_query_is_said() {
    assertThatThrownBy(() -> parse("", "", "a(b")).hasMessageContaining("'a(b' is not a regular expression: Unclosed group");
    assertThatThrownBy(() -> parse("x", "", "")).hasMessage("-n takes a number of lines, not 'x'");
    assertThatThrownBy(() -> parse("", "soon", "")).hasMessageContaining("'soon' is not a duration");
    assertThatThrownBy(() -> parse("", "2026-13-01T00:00:00Z", "")).hasMessageContaining("is not a time");
  }

  /** Reads in steps that the test takes, as many looks as it likes between two rotations. */
  private final class Looks implements AutoCloseable {
    private final LogTail tail = new LogTail(file("web"), new byte[7]);
    private final StringBuilder seen = new StringBuilder();

    Looks(long last) throws IOException {
      tail.open(new LogQuery(last, null, null, true), null);
      tail.readAll(this::see);
    }

    private void see(byte[] bytes, int count) {
      seen.append(new String(bytes, 0, count, StandardCharsets.UTF_8));
    }

    String look() throws IOException {
      while (tail.readMore(this::see)) continue;
      String text = seen.toString();
      seen.setLength(0);
      return text;
    }

    @Override
    public void close() {
      tail.close();
    }
  }

  private void rotate(int backups, boolean compress) throws IOException {
    Files.deleteIfExists(file("web." + backups));
    Files.deleteIfExists(file("web." + backups + ".gz"));
    for (int i = backups - 1; i >= 1; i--) {
      for (String end : List.of("", ".gz")) {
        Path from = file("web." + i + end);
        if (Files.exists(from)) Files.move(from, file("web." + (i + 1) + end), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.move(file("web"), file("web.1"));
    if (compress) pack("web.1", "web.1.gz");
  }

  @Test
  void several_rotations_between_two_looks_lose_and_double_nothing() throws IOException {
    for (boolean compress : List.of(false, true)) {
      write("web", "before\n");
      rotate(9, compress);
      write("web", "a1\n");
      try (Looks looks = new Looks(1)) {
        assertThat(looks.look()).isEqualTo("a1\n");
        write("web", "a2\n");
        for (String next : List.of("b\n", "c\n", "d\n")) {
          rotate(9, compress);
          write("web", next);
        }
        assertThat(looks.look()).as("compressed: %s", compress).isEqualTo("a2\nb\nc\nd\n");
        assertThat(looks.look()).isEmpty();
        rotate(9, compress);
        assertThat(looks.look()).as("nothing new yet").isEmpty();
        write("web", "e\n");
        assertThat(looks.look()).isEqualTo("e\n");
      }
      try (var files = Files.list(folder)) {
        for (Path p : files.toList()) Files.delete(p);
      }
    }
  }

  @Test
  void a_file_that_was_dropped_meanwhile_is_read_to_its_end() throws IOException {
    write("web", "a\n");
    try (Looks looks = new Looks(1)) {
      assertThat(looks.look()).isEqualTo("a\n");
      for (int i = 0; i < 6; i++) { // inodes of what was deleted are given to new files
        write("web", "end " + i + "\n");
        rotate(2, false);
        for (String next : List.of("w", "x", "y", "z")) {
          write("web", next + i + "\n");
          if (!next.equals("z")) rotate(2, false);
        }
        // w was deleted unseen
        assertThat(looks.look()).isEqualTo("end " + i + "\nx" + i + "\ny" + i + "\nz" + i + "\n");
      }
    }
  }

  @Test
  void deleted_recreated_truncated() throws IOException {
    try (Looks looks = new Looks(5)) {
      assertThat(looks.look()).as("waited for").isEmpty();
      write("web", "first\n");
      assertThat(looks.look()).isEqualTo("first\n");
      Files.delete(file("web"));
      assertThat(looks.look()).isEmpty();
      write("web", "again\n");
      assertThat(looks.look()).isEqualTo("again\n");
      Files.write(file("web"), "cut\n".getBytes(StandardCharsets.UTF_8));
      assertThat(looks.look()).isEqualTo("cut\n");
    }
  }

  @Test
  void followed_files_mix_whole_lines_only() throws Exception {
    write("web", "w1\n");
    write("db", "d1\nd2");
    List<LogSource> sources = List.of(source("web", Format.RAW), source("db", Format.RAW));
    OutputStream sync = new OutputStream() {
      @Override
      public void write(int b) {
        synchronized (out) {
          out.write(b);
        }
      }
    };
    LogQuery query = new LogQuery(5, null, null, true);
    Thread thread;
    try (LogReader reader = new LogReader(sources, query, LogShape.RAW, LogReader.Prefix.PLAIN, sync)) {
      thread = Thread.ofPlatform().daemon().start(() -> {
        try {
          reader.run(() -> true);
        } catch (IOException e) {
          throw new java.io.UncheckedIOException(e);
        }
      });
      await().until(() -> text().equals("web:0 | w1\ndb:0  | d1\n"));
      write("web", "w2\nw3");
      await().until(() -> text().endsWith("web:0 | w2\n"));
      write("db", " whole\n");
      await().until(() -> text().endsWith("db:0  | d2 whole\n"));
      write("web", " whole\n");
      await().until(() -> text().endsWith("web:0 | w3 whole\n"));
      thread.interrupt();
      thread.join();
    }
  }

  private String text() {
    synchronized (out) {
      return out.toString(StandardCharsets.UTF_8);
    }
  }

  @Test
  void a_source_as_a_line_and_back() {
    LogSource odd = new LogSource("web", "web:0", "stderr", Path.of("/tmp/a\tb"), Format.TIMESTAMPED);
    assertThat(LogSource.parse(odd.toLine())).isEqualTo(odd);
    assertThat(new ArrayList<>(LogSource.distinct(List.of(odd, odd)))).containsExactly(odd);
  }
}
