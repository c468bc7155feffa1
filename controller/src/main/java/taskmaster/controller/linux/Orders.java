package taskmaster.controller.linux;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import taskmaster.api.InstanceId;
import taskmaster.api.Shape;

/** Makes of a shape what the launcher can start, or says why it cannot. */
final class Orders {
  private final Environment environment = Environment.inherited();
  private final Launcher launcher = new Launcher();
  private final Runs runs;

  Orders(Runs runs) {
    this.runs = runs;
  }

  interface Opening {
    Outputs.Streams open() throws IOException;
  }

  /** @param program that the file means, where a tool has to set something first */
  record Made(Invocation invocation, Optional<Path> program, Launcher.Order order) {
    String whyNot(int errno) {
      return Executable.fault(invocation, program).orElse(order.program() + ": " + Errno.text(errno));
    }
  }

  /** What an instance is started with, or would be. From any thread. */
  Invocation invocation(InstanceId id, long run, Shape shape) {
    return new Invocation(id, shape, environment, Runs.MARK, runs.mark(id, run));
  }

  /** @throws IOException why it cannot be started, as a sentence's end */
  Made make(InstanceId id, long run, Shape shape, Opening streams) throws IOException {
    Invocation it = invocation(id, run, shape);
    Optional<Path> program;
    try {
      program = Executable.find(it);
    } catch (InvalidPathException e) {
      throw new IOException(it.argv().getFirst() + ": no file name in the daemon's locale; start the daemon with LC_ALL=C.UTF-8", e);
    }
    List<String> prefix = it.prefix();
    // behind a prefix the kernel's word would come too late
    if (program.isEmpty() || !prefix.isEmpty()) {
      Optional<String> fault = Executable.fault(it, program);
      if (fault.isPresent()) throw new IOException(fault.get());
    }
    Outputs.Streams opened = streams.open();
    Path first = prefix.isEmpty() ? program.orElseThrow() : Path.of(prefix.getFirst());
    List<String> argv =
        prefix.isEmpty() ? it.argv() : Stream.concat(prefix.stream(), Executable.argvBehindTools(it, program.orElseThrow()).stream()).toList();
    return new Made(it, program, new Launcher.Order(first, argv, it.env(), it.workingdir(), opened, it.setsFileLimit()));
  }

  Future<Integer> begin(Made made) {
    return launcher.begin(made.order());
  }

  void close() {
    launcher.close();
  }
}
