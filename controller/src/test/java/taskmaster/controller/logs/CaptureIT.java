package taskmaster.controller.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import taskmaster.api.InstanceId;
import taskmaster.api.LogPolicy;
import taskmaster.api.Output;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Shape;
import taskmaster.controller.Specs;
import taskmaster.controller.alerts.Missed;
import taskmaster.controller.linux.Outputs;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Bytes through real pipes into real files. */
@Timeout(60)
class CaptureIT {
  private static final InstanceId ID = new InstanceId("web", 0);

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  @SuppressWarnings("NullAway.Init")
  private Capture capture;

  private LogPolicy policy =
      new LogPolicy(10_000, 1000, LogPolicy.Compress.NONE, Duration.ZERO, LogPolicy.Format.RAW, LogPolicy.Overflow.DROP);
  private final Troubles troubles = new Troubles();

  private static final class Troubles implements Capture.Listener {
    final List<String> told = new CopyOnWriteArrayList<>();

    @Override
    public void degraded(Path log, List<InstanceId> instances, String why) {
      told.add("degraded " + instances + " " + why);
    }

    @Override
    public void recovered(Path log, List<InstanceId> instances, long dropped) {
      told.add("recovered " + dropped);
    }
  }

  @BeforeEach
  void begin() {
    capture = new Capture(folder.resolve("pipes"), troubles);
    capture.start();
  }

  @AfterEach
  void end() {
    capture.close();
  }

  private Path pipe(long run, Output output) throws IOException {
    Shape shape = new Shape(List.of("x"), Map.of(), folder, null, output, new Output.Discard());
    ProgramSpec spec = new ProgramSpec("web", shape, Specs.program("web").log(policy).policy());
    Outputs.Streams streams = capture.open(ID, run, spec);
    capture.started(run, 4711);
    assertThat(streams.stderr()).isInstanceOf(Outputs.Stream.DevNull.class);
    return ((Outputs.Stream.Fifo) streams.stdout()).path();
  }

  /** Old files first. */
  private byte[] all(Path log) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    int oldest = 0;
    while (Files.exists(Path.of(log + "." + (oldest + 1)))) oldest++;
    for (int i = oldest; i >= 1; i--) all.writeBytes(Files.readAllBytes(Path.of(log + "." + i)));
    all.writeBytes(Files.readAllBytes(log));
    return all.toByteArray();
  }

  @Test
  void numbered_lines_are_whole_and_in_order_over_many_rotations() throws IOException {
    Path log = folder.resolve("web.log");
    StringBuilder lines = new StringBuilder();
    try (OutputStream out = new FileOutputStream(pipe(1, new Output.ToFile(log)).toFile())) {
      for (int i = 0; i < 40_000; i++) {
        String line = "line " + i + "\n";
        lines.append(line);
        out.write(line.getBytes(StandardCharsets.US_ASCII));
      }
    }
    capture.close(ID, 1);
    await().untilAsserted(() -> assertThat(new String(all(log), StandardCharsets.US_ASCII)).isEqualTo(lines.toString()));
    assertThat(Path.of(log + ".20")).as("it was rotated often").exists();
    for (int i = 1; i <= 20; i++) {
      byte[] file = Files.readAllBytes(Path.of(log + "." + i));
      assertThat(file.length).as("and the rest of a line").isLessThanOrEqualTo(10_020);
      assertThat(file[file.length - 1]).as("no line is split between two files").isEqualTo((byte) '\n');
    }
  }

  @Test
  void bytes_that_are_no_text_go_through_unchanged() throws IOException {
    byte[] bytes = new byte[300_000];
    new Random(1).nextBytes(bytes);
    try (OutputStream out = new FileOutputStream(pipe(1, new Output.PerInstance(folder)).toFile())) {
      out.write(bytes);
    }
    capture.close(ID, 1);
    await().untilAsserted(() -> assertThat(all(folder.resolve("web-0.stdout.log"))).isEqualTo(bytes));
    try (var pipes = Files.list(folder.resolve("pipes"))) {
      assertThat(pipes.toList()).isEmpty();
    }
  }

  @Test
  void a_line_without_an_end_is_written_after_a_while() throws IOException {
    Path log = folder.resolve("web.log");
    try (OutputStream out = new FileOutputStream(pipe(1, new Output.ToFile(log)).toFile())) {
      out.write("no end".getBytes(StandardCharsets.US_ASCII));
      out.flush();
      await().untilAsserted(() -> assertThat(log).hasContent("no end"));
    }
  }

  @Test
  void a_log_that_can_never_be_written_is_refused_and_leaves_nothing() throws IOException {
    assertThatThrownBy(() -> pipe(1, new Output.ToFile(folder)))
        .isInstanceOf(IOException.class)
        .hasMessage("log " + folder + ": Is a directory");
    assertThat(folder.resolve("pipes")).satisfiesAnyOf(p -> assertThat(p).doesNotExist(), p -> assertThat(p).isEmptyDirectory());
  }

  // ---- rotation ----

  private static LogPolicy rotated(int backups, LogPolicy.Compress compress, Duration maxAge) {
    return new LogPolicy(10_000, backups, compress, maxAge, LogPolicy.Format.RAW, LogPolicy.Overflow.DROP);
  }

  private static String gunzip(Path file) throws IOException {
    try (var in = new GZIPInputStream(Files.newInputStream(file))) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void what_was_rotated_is_compressed_and_nothing_is_lost_or_doubled() throws IOException {
    policy = rotated(1000, LogPolicy.Compress.GZIP, Duration.ZERO);
    Path log = folder.resolve("web.log");
    StringBuilder lines = new StringBuilder();
    try (OutputStream out = new FileOutputStream(pipe(1, new Output.ToFile(log)).toFile())) {
      for (int i = 0; i < 60_000; i++) {
        String line = "line " + i + "\n";
        lines.append(line);
        out.write(line.getBytes(StandardCharsets.US_ASCII));
      }
      await().untilAsserted(() -> {
        int oldest = 0;
        while (Files.exists(Path.of(log + "." + (oldest + 1) + ".gz"))) oldest++;
        assertThat(oldest).isGreaterThan(50);
        StringBuilder all = new StringBuilder();
        for (int i = oldest; i >= 1; i--) all.append(gunzip(Path.of(log + "." + i + ".gz")));
        assertThat(all.append(Files.readString(log)).toString()).isEqualTo(lines.toString());
      });
    }
    assertThat(Path.of(log + ".1")).doesNotExist();
    assertThat(Path.of(log + ".gz-new")).doesNotExist();
  }

  @Test
  void only_so_many_are_kept_and_none_that_is_too_old() throws IOException {
    policy = rotated(3, LogPolicy.Compress.NONE, Duration.ofDays(7));
    Path log = folder.resolve("web.log");
    Path old = Files.writeString(folder.resolve("web.log.2"), "of last month\n");
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(30))));
    Files.writeString(folder.resolve("web.log.4"), "kept when more were kept\n");
    try (OutputStream out = new FileOutputStream(pipe(1, new Output.ToFile(log)).toFile())) {
      out.write("x\n".repeat(6_000).getBytes(StandardCharsets.US_ASCII));
      await().untilAsserted(() -> {
        assertThat(Path.of(log + ".1")).exists();
        try (var files = Files.list(folder)) {
          assertThat(files.map(f -> f.getFileName().toString()).filter(f -> f.startsWith("web"))).containsExactlyInAnyOrder("web.log", "web.log.1");
        }
      });
    }
  }

  @Test
  void a_link_is_followed_and_the_file_behind_it_rotated() throws IOException {
    Files.createDirectories(folder.resolve("elsewhere"));
    Path log = Files.createSymbolicLink(folder.resolve("web.log"), folder.resolve("elsewhere/real.log"));
    Files.createFile(folder.resolve("elsewhere/real.log"));
    try (OutputStream out = new FileOutputStream(pipe(1, new Output.ToFile(log)).toFile())) {
      out.write("x\n".repeat(6_000).getBytes(StandardCharsets.US_ASCII));
      await().untilAsserted(() -> assertThat(folder.resolve("elsewhere/real.log.1")).hasSize(10_000));
      assertThat(log).isSymbolicLink().hasContent("x\n".repeat(1_000));
    }
  }

  // ---- files that others move, delete or refuse ----

  @Test
  void a_file_that_was_moved_away_is_opened_again_when_asked() throws IOException {
    Path log = folder.resolve("web.log");
    try (OutputStream out = new FileOutputStream(pipe(1, new Output.ToFile(log)).toFile())) {
      out.write("before\n".getBytes(StandardCharsets.US_ASCII));
      await().untilAsserted(() -> assertThat(log).hasContent("before\n"));
      Files.move(log, folder.resolve("moved"));
      capture.reopenFiles();
      await().untilAsserted(() -> assertThat(log).exists());
      out.write("after\n".getBytes(StandardCharsets.US_ASCII));
      await().untilAsserted(() -> assertThat(log).hasContent("after\n"));
      assertThat(folder.resolve("moved")).hasContent("before\n");
    }
  }

  @Test
  void a_file_that_was_deleted_is_made_again_by_itself() throws IOException {
    Path log = Files.createFile(folder.resolve("web.log"));
    pipe(1, new Output.ToFile(log));
    Files.delete(log);
    await().untilAsserted(() -> assertThat(log).exists());
  }

  @Test
  void a_disk_that_refuses_costs_counted_bytes_and_is_told_with_its_end() throws IOException {
    Path log = Files.createSymbolicLink(folder.resolve("web.log"), Path.of("/dev/full"));
    try (OutputStream out = new FileOutputStream(pipe(1, new Output.ToFile(log)).toFile())) {
      out.write("123456\n".getBytes(StandardCharsets.US_ASCII));
      await().untilAsserted(() -> assertThat(capture.dropped(ID)).isEqualTo(7));
      assertThat(troubles.told).containsExactly("degraded [web:0] No space left on device");
      Files.delete(log);
      await().untilAsserted(() -> assertThat(log).exists());
      await().untilAsserted(() -> {
        out.write("more\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(troubles.told).hasSize(2);
      });
      assertThat(troubles.told).last().isEqualTo("recovered 7");
      assertThat(Files.readString(log)).startsWith("more\n");
      assertThat(capture.dropped(ID)).isEqualTo(7);
    }
  }

  @Test
  void with_block_nothing_is_dropped_but_the_program_waits() throws Exception {
    policy = new LogPolicy(0, 0, LogPolicy.Compress.NONE, Duration.ZERO, LogPolicy.Format.RAW, LogPolicy.Overflow.BLOCK);
    Path log = Files.createSymbolicLink(folder.resolve("web.log"), Path.of("/dev/full"));
    Path pipe = pipe(1, new Output.ToFile(log));
    byte[] much = "0123456789abcde\n".repeat(40_000).getBytes(StandardCharsets.US_ASCII);
    try (OutputStream out = new FileOutputStream(pipe.toFile())) {
      Thread program = Thread.ofVirtual().start(() -> {
        try {
          out.write(much);
        } catch (IOException e) {
          throw new java.io.UncheckedIOException(e);
        }
      });
      await().untilAsserted(() -> assertThat(troubles.told).hasSize(1));
      assertThat(program.isAlive()).as("it waits").isTrue();
      Files.delete(log);
      await().untilAsserted(() -> assertThat(Files.exists(log) ? Files.readAllBytes(log) : new byte[0]).isEqualTo(much));
      program.join();
      assertThat(capture.dropped(ID)).isZero();
    }
  }

  @Test
  void a_link_where_others_may_write_is_not_followed() throws IOException {
    Path open = Files.createDirectory(folder.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path victim = Files.writeString(folder.resolve("victim"), "precious");
    Path log = Files.createSymbolicLink(open.resolve("web.log"), victim);
    assertThatThrownBy(() -> pipe(1, new Output.ToFile(log)))
        .hasMessage("log " + log + ": it is a symbolic link in a folder that others can write; name its target");
    assertThat(victim).hasContent("precious");
  }

  private static final String FOREIGN = " is a symbolic link in a folder that others can write; name its target";

  /** A program's user that owns a folder on the way would have root write where it likes. */
  @Test
  void a_link_in_another_users_folder_is_not_followed_wherever_on_the_way_it_is() throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root can give a folder away");
    Path given = Files.createDirectory(folder.resolve("given"));
    Path victims = Files.createDirectory(folder.resolve("victims"));
    Path victim = Files.writeString(victims.resolve("web.log"), "precious");
    Path log = Files.createSymbolicLink(given.resolve("web.log"), victim);
    Path logs = Files.createSymbolicLink(given.resolve("logs"), victims);
    Path made = Files.createSymbolicLink(folder.resolve("made"), given);
    Files.setAttribute(given, "unix:uid", 65534);
    assertThatThrownBy(() -> pipe(1, new Output.ToFile(log))).hasMessage("log " + log + ": it" + FOREIGN);
    assertThatThrownBy(() -> pipe(2, new Output.ToFile(logs.resolve("web.log")))).hasMessage("log " + logs.resolve("web.log") + ": " + logs + FOREIGN);
    assertThatThrownBy(() -> pipe(3, new Output.ToFile(made.resolve("logs/web.log")))).hasMessageEndingWith(": " + logs + FOREIGN);
    assertThatThrownBy(() -> pipe(4, new Output.ToFile(logs.resolve("new/web.log")))).hasMessageEndingWith(": " + logs + FOREIGN);
    assertThat(victim).hasContent("precious");
    assertThat(victims).isDirectoryNotContaining("glob:**/new");
  }

  @Test
  void a_foreign_link_to_another_programs_log_leads_nowhere_either() throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root can give a folder away");
    Path good = folder.resolve("good.log");
    try (OutputStream out = new FileOutputStream(pipe(1, new Output.ToFile(good)).toFile())) {
      out.write("true\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
      await().untilAsserted(() -> assertThat(good).hasContent("true"));
      Path given = Files.createDirectory(folder.resolve("given"));
      Path log = Files.createSymbolicLink(given.resolve("web.log"), good);
      Files.setAttribute(given, "unix:uid", 65534);
      assertThatThrownBy(() -> pipe(2, new Output.ToFile(log))).hasMessage("log " + log + ": it" + FOREIGN);
    }
  }

  @Test
  void a_link_of_ones_own_is_followed_and_what_it_leads_to_may_be_another_users() throws IOException {
    Path real = Files.createDirectory(folder.resolve("real"));
    Path made = Files.createSymbolicLink(folder.resolve("made"), Path.of("real/../real"));
    Path log = Files.createSymbolicLink(real.resolve("web.log"), Path.of("../actual.log"));
    try (OutputStream out = new FileOutputStream(pipe(1, new Output.ToFile(made.resolve("web.log"))).toFile())) {
      out.write("through\n".getBytes(StandardCharsets.US_ASCII));
    }
    capture.close(ID, 1);
    await().untilAsserted(() -> assertThat(folder.resolve("actual.log")).hasContent("through"));
    assertThat(log).isSymbolicLink();
    if (!"root".equals(System.getProperty("user.name"))) return;
    Path given = Files.createDirectory(real.resolve("given"));
    Files.setAttribute(given, "unix:uid", 65534);
    try (OutputStream out = new FileOutputStream(pipe(2, new Output.ToFile(made.resolve("given/web.log"))).toFile())) {
      out.write("there\n".getBytes(StandardCharsets.US_ASCII));
    }
    capture.close(ID, 2);
    await().untilAsserted(() -> assertThat(given.resolve("web.log")).hasContent("there"));
  }

  @Test
  void a_fifo_that_nobody_reads_is_refused() throws Exception {
    Path fifo = folder.resolve("fifo");
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
    assertThatThrownBy(() -> pipe(1, new Output.ToFile(fifo))).hasMessage("log " + fifo + ": it is a FIFO that nobody reads");
  }

  @Test
  void two_ways_to_one_file_are_one_file() throws IOException {
    Path log = folder.resolve("web.log");
    Files.createFile(log);
    Path link = Files.createSymbolicLink(folder.resolve("link.log"), log);
    try (OutputStream a = new FileOutputStream(pipe(1, new Output.ToFile(log)).toFile());
        OutputStream b = new FileOutputStream(pipe(2, new Output.ToFile(link)).toFile())) {
      for (int i = 0; i < 3_000; i++) {
        a.write(("a " + i + "\n").getBytes(StandardCharsets.US_ASCII));
        b.write(("b " + i + "\n").getBytes(StandardCharsets.US_ASCII));
      }
    }
    capture.close(ID, 1);
    capture.close(ID, 2);
    await().untilAsserted(() -> {
      List<String> lines = new String(all(log), StandardCharsets.US_ASCII).lines().toList();
      assertThat(lines).hasSize(6_000).doesNotHaveDuplicates();
    });
  }

  @Test
  void a_line_is_not_split_where_the_first_part_just_fits() throws IOException {
    Path log = folder.resolve("web.log");
    byte[] first = ("x".repeat(99) + "\n").repeat(100).substring(0, 10_000).getBytes(StandardCharsets.US_ASCII);
    first[9_999] = 'y'; // fills the file and does not end its line
    try (OutputStream out = new FileOutputStream(pipe(1, new Output.PerInstance(folder)).toFile())) {
      Path own = folder.resolve("web-0.stdout.log");
      out.write(first);
      await().untilAsserted(() -> assertThat(Files.size(own)).isEqualTo(10_000));
      out.write("the rest\nanother\n".getBytes(StandardCharsets.US_ASCII));
      await().untilAsserted(() -> assertThat(own).hasContent("another\n"));
      assertThat(Files.readString(Path.of(own + ".1"))).endsWith("ythe rest\n");
    }
    assertThat(log).doesNotExist();
  }

  @Test
  void runs_that_end_while_the_disk_refuses_leave_no_pipe_and_their_bytes_wait() throws IOException {
    policy = new LogPolicy(0, 0, LogPolicy.Compress.NONE, Duration.ZERO, LogPolicy.Format.RAW, LogPolicy.Overflow.BLOCK);
    Path log = Files.createSymbolicLink(folder.resolve("web.log"), Path.of("/dev/full"));
    for (int run = 1; run <= 20; run++) {
      try (OutputStream out = new FileOutputStream(pipe(run, new Output.ToFile(log)).toFile())) {
        out.write(("run " + run + "\n").getBytes(StandardCharsets.US_ASCII));
      }
      capture.close(ID, run);
    }
    await().untilAsserted(() -> assertThat(folder.resolve("pipes")).isEmptyDirectory());
    assertThat(troubles.told).as("one disk, one alert").hasSize(1);
    Files.delete(log);
    await().untilAsserted(() -> assertThat(troubles.told).last().isEqualTo("recovered 0"));
    assertThat(Files.readString(log)).startsWith("run 1\nrun 2\n").endsWith("run 20\n");
  }

  @Test
  void what_waits_is_counted_when_it_is_dropped_after_all() throws IOException {
    policy = new LogPolicy(0, 0, LogPolicy.Compress.NONE, Duration.ZERO, LogPolicy.Format.RAW, LogPolicy.Overflow.BLOCK);
    Path log = Files.createSymbolicLink(folder.resolve("web.log"), Path.of("/dev/full"));
    try (OutputStream out = new FileOutputStream(pipe(1, new Output.ToFile(log)).toFile())) {
      out.write("123456789\n".repeat(1_000).getBytes(StandardCharsets.US_ASCII));
      await().untilAsserted(() -> assertThat(troubles.told).hasSize(1));
      LogPolicy drops = new LogPolicy(0, 0, LogPolicy.Compress.NONE, Duration.ZERO, LogPolicy.Format.RAW, LogPolicy.Overflow.DROP);
      capture.policies(Map.of("web", Specs.program("web").log(drops).spec()));
      await().untilAsserted(() -> assertThat(capture.dropped(ID)).isEqualTo(10_000));
    }
  }

  @Test
  void a_run_that_lives_is_watched_whatever_became_of_its_log() throws IOException {
    Path dir = Files.createDirectory(folder.resolve("dir"));
    Output.ToFile output = new Output.ToFile(dir.resolve("web.log"));
    Path fifo = pipe(1, output);
    assertThat(dir.resolve("web.log")).as("nothing was written").doesNotExist();
    Shape shape = new Shape(List.of("x"), Map.of(), folder, null, output, new Output.Discard());
    ProgramSpec spec = new ProgramSpec("web", shape, Specs.program("web").log(policy).policy());
    try (RandomAccessFile program = new RandomAccessFile(fifo.toFile(), "rw")) {
      capture.close();
      Files.delete(dir);
      Files.writeString(dir, "a file now");
      capture = new Capture(folder.resolve("pipes"), troubles);
      capture.start();
      capture.reopen(ID, 1, spec);
      program.writeBytes("lost\n");
      await().untilAsserted(() -> assertThat(capture.dropped(ID)).isEqualTo(5));
      assertThat(troubles.told).hasSize(1).first().asString().contains("Not a directory");
    }
  }

  @Test
  void the_end_of_what_an_earlier_daemon_told_is_told() throws IOException {
    Path alerts = Files.writeString(folder.resolve("alerts.log"), """
        {"event":"log_degraded","payload":{"reason":"x","log":"%1$s/a.log","instances":["web:0"]},"seq":1}
        {"event":"log_degraded","payload":{"log":"%1$s/b.log","reason":"x"},"seq":2}
        {"event":"log_recovered","payload":{"dropped_bytes":7,"log":"%1$s/a.log"},"seq":3}
        """.formatted(folder));
    assertThat(Missed.degradedLogs(alerts)).containsExactly(folder.resolve("b.log"));
    capture.degradedBefore(Missed.degradedLogs(alerts));
    pipe(1, new Output.ToFile(folder.resolve("b.log")));
    await().untilAsserted(() -> assertThat(troubles.told).containsExactly("recovered 0"));
  }

  // ---- formats ----

  private static LogPolicy formatted(LogPolicy.Format format) {
    return new LogPolicy(0, 0, LogPolicy.Compress.NONE, Duration.ZERO, format, LogPolicy.Overflow.DROP);
  }

  @Test
  void lines_get_the_time() throws IOException {
    policy = formatted(LogPolicy.Format.TIMESTAMPED);
    Path log = folder.resolve("web.log");
    try (OutputStream out = new FileOutputStream(pipe(1, new Output.ToFile(log)).toFile())) {
      out.write("one\n\ntwo \u00fc\nthr".getBytes(StandardCharsets.UTF_8));
      await().untilAsserted(() -> assertThat(Files.readString(log)).endsWith("thr"));
      out.write("ee\nfour\n".getBytes(StandardCharsets.UTF_8));
      String time = "20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z ";
      await().untilAsserted(() -> assertThat(Files.readString(log))
          .matches(time + "one\n" + time + "\n" + time + "two \u00fc\n" + time + "three\n" + time + "four\n"));
    }
  }

  @Test
  void lines_become_json_whatever_their_bytes_are() throws IOException {
    policy = formatted(LogPolicy.Format.JSON);
    Path log = folder.resolve("web.log");
    byte[] bytes = {'a', '"', '\\', 9, 0, (byte) 0xff, (byte) 0xc3, (byte) 0xbc, 27, '\n'};
    String longLine = "x\u00e9".repeat(100_000);
    try (OutputStream out = new FileOutputStream(pipe(1, new Output.ToFile(log)).toFile())) {
      out.write(bytes);
      out.write((longLine + "\nend\n").getBytes(StandardCharsets.UTF_8));
      await().untilAsserted(() -> assertThat(Files.readString(log)).contains("\"end\"}\n"));
    }
    List<JsonNode> lines = Files.readAllLines(log).stream().map(new ObjectMapper()::readTree).toList();
    assertThat(lines.getFirst().get("message").asString()).isEqualTo("a\"\\\t\0\ufffd\u00fc\u001b");
    assertThat(lines.getFirst().get("program").asString()).isEqualTo("web");
    assertThat(lines.getFirst().get("instance").asString()).isEqualTo("web:0");
    assertThat(lines.getFirst().get("stream").asString()).isEqualTo("stdout");
    assertThat(lines.getFirst().get("pid").asInt()).isEqualTo(4711);
    assertThat(lines.getFirst().has("partial")).isFalse();
    assertThat(lines.stream().noneMatch(l -> l.get("message").asString().isEmpty())).isTrue();
    StringBuilder parts = new StringBuilder();
    lines.subList(1, lines.size() - 1).forEach(l -> parts.append(l.get("message").asString()));
    assertThat(parts.toString()).isEqualTo(longLine);
    assertThat(lines.get(1).get("partial").asBoolean()).isTrue();
  }

  @Test
  void json_waits_for_a_disk_as_it_came_and_loses_nothing() throws Exception {
    policy = new LogPolicy(0, 0, LogPolicy.Compress.NONE, Duration.ZERO, LogPolicy.Format.JSON, LogPolicy.Overflow.BLOCK);
    Path log = Files.createSymbolicLink(folder.resolve("web.log"), Path.of("/dev/full"));
    int lines = 200_000;
    try (OutputStream out = new FileOutputStream(pipe(1, new Output.ToFile(log)).toFile())) {
      Thread program = Thread.ofVirtual().start(() -> {
        try {
          out.write("a\n".repeat(lines).getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
          throw new java.io.UncheckedIOException(e);
        }
      });
      await().untilAsserted(() -> assertThat(troubles.told).hasSize(1));
      Files.delete(log);
      await().untilAsserted(() -> {
        assertThat(log).exists();
        try (var all = Files.lines(log)) {
          assertThat(all.filter(l -> l.endsWith("\"message\":\"a\"}")).count()).isEqualTo(lines);
        }
      });
      program.join();
    }
    assertThat(capture.dropped(ID)).isZero();
  }
}
