package taskmaster.controller.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import taskmaster.api.InstanceId;
import taskmaster.api.Output;
import taskmaster.api.Shape;
import taskmaster.controller.linux.Outputs;

/** Bytes through real pipes into real files. */
@Timeout(60)
class CaptureIT {
  private static final InstanceId ID = new InstanceId("web", 0);

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  @SuppressWarnings("NullAway.Init")
  private Capture capture;

  @BeforeEach
  void begin() {
    capture = new Capture(folder.resolve("pipes"), 10_000, 1000);
    capture.start();
  }

  @AfterEach
  void end() {
    capture.close();
  }

  private Path pipe(long run, Output output) throws IOException {
    Shape shape = new Shape(List.of("x"), Map.of(), folder, null, output, new Output.Discard());
    Outputs.Streams streams = capture.open(ID, run, shape);
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
      assertThat(file.length).isLessThanOrEqualTo(10_000);
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
}
