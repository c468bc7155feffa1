package taskmaster.controller.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import taskmaster.api.Checks;
import taskmaster.api.InstanceId;
import taskmaster.api.ProgramSpec;

/** Where the streams of a new process lead. */
public interface Outputs {
  /**
   * One standard stream of a child. It says itself what it is: a switch over these classes would load them, and the thread that
   * makes children has no descriptors to read a class with.
   */
  sealed interface Stream {
    void lead(int fd, Child child);

    /** Opened by the child itself, for reading and writing, so that it never sees a broken pipe. */
    record Fifo(Path path) implements Stream {
      @Override
      public void lead(int fd, Child child) {
        child.opens(fd, path.toString(), Fd.O_RDWR);
      }
    }

    record DevNull() implements Stream {
      @Override
      public void lead(int fd, Child child) {
        child.opens(fd, "/dev/null", Fd.O_WRONLY);
      }
    }

    record Inherited() implements Stream {
      @Override
      public void lead(int fd, Child child) {}
    }

    record SameAsStdout() implements Stream {
      @Override
      public void lead(int fd, Child child) {
        child.copies(1, fd);
      }
    }
  }

  /** What a child does before it becomes the program. */
  interface Child {
    void opens(int fd, String path, int flags);

    void copies(int from, int fd);
  }

  record Streams(Stream stdout, Stream stderr) {}

  /**
   * Makes ready for a run that is about to start.
   *
   * @throws IOException with a sentence's end: "log /x/y: Permission denied"
   */
  Streams open(InstanceId id, long run, ProgramSpec spec) throws IOException;

  /** What was found out for the runs of the last tick may not be so any more. Called by the thread that makes runs ready. */
  void tickBegins();

  /** Which process the run that was made ready for is. */
  void started(long run, int pid);

  /** Nothing of the run writes any more: what is still on the way is kept, then its pipes go. */
  void close(InstanceId id, long run);

  /** The same for a run that an earlier daemon started: its pipes are opened again, if they are there. */
  void reopen(InstanceId id, long run, ProgramSpec spec);

  /** Whether a process holds one of the run's pipes: then something of it lives, whatever else is known. */
  boolean isHeld(InstanceId id, long run);

  /**
   * Looks for the next line of the run's output in which a pattern is found; {@link #onFound} tells of it, once. For
   * READY a line that was written before this call is good too, as far as the run's spec says what to look for.
   */
  void find(long run, Checks.Kind kind, String pattern);

  /** Who hears what {@link #find} finds; it is called on any thread. */
  void onFound(Finder finder);

  interface Finder {
    void found(long run, Checks.Kind kind);
  }

  /** The runs of earlier daemons whose pipes somebody holds. */
  List<PipeName> heldBefore();
}
