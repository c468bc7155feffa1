import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The programs' processes by what they themselves show: the files they write, the descriptor and folder they keep. */
final class Members {
  private final Folder folder;
  private final String locks;
  private final String home;

  Members(Folder folder) {
    this.folder = folder;
    this.locks = folder.locks() + "/";
    this.home = folder.members().toString();
  }

  /** A run's own word that it began. */
  record Start(String instance, long run, int pid, double uptime) {}

  /** The instance that a living process belongs to, "" if it is none of this run's programs. */
  String instanceOf(int pid) {
    String file = Os.link(pid, "fd/9");
    return file.startsWith(locks) ? file.substring(locks.length()) : "";
  }

  /** Pids by instance. */
  Map<String, List<Integer>> alive() {
    Map<String, List<Integer>> all = new HashMap<>();
    for (int pid : Os.pids()) {
      String instance = instanceOf(pid);
      if (!instance.isEmpty()) all.computeIfAbsent(instance, i -> new ArrayList<>()).add(pid);
    }
    return all;
  }

  /** All that is left, those too that have not come to take their lock. */
  List<Integer> anyLeft() {
    List<Integer> left = new ArrayList<>();
    for (int pid : Os.pids()) if (isOurs(pid)) left.add(pid);
    return left;
  }

  private boolean isOurs(int pid) {
    return !instanceOf(pid).isEmpty() || Os.link(pid, "cwd").equals(home);
  }

  /** Whether it was there to be signalled. */
  boolean signal(int pid, int signal, String instance) {
    return Os.signal(pid, signal, p -> instanceOf(p).equals(instance));
  }

  void killAll() {
    for (int round = 0; round < 100; round++) {
      List<Integer> left = anyLeft();
      if (left.isEmpty()) return;
      for (int pid : left) Os.signal(pid, Os.KILL, this::isOurs);
    }
  }

  List<Start> starts() throws IOException {
    List<Start> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder.starts())) {
      for (Path file : files.toList()) {
        for (String line : Files.readAllLines(file)) {
          String[] words = line.split(" ");
          int pid = Integer.parseInt(words[1]);
          double uptime = Double.parseDouble(words[2]);
          all.add(new Start(file.getFileName().toString(), Long.parseLong(words[0]), pid, uptime));
        }
      }
    }
    return all;
  }

  /** What runs said that saw another one of their instance alive. */
  List<String> doubles() throws IOException {
    try {
      return Files.readAllLines(folder.doubles());
    } catch (NoSuchFileException none) {
      return List.of();
    }
  }

  /**
   * Checks each instance's beats: a run that beats after a later one has begun lived beside it.
   *
   * @return the longest time in seconds that a steady one did not beat
   */
  double checkBeats(Report report) throws IOException {
    double longest = 0;
    try (Stream<Path> files = Files.list(folder.beats())) {
      for (Path file : files.toList()) {
        String instance = file.getFileName().toString();
        long run = 0;
        double at = 0;
        for (String line : Files.readAllLines(file)) {
          String[] words = line.split(" ");
          long next = Long.parseLong(words[0]);
          double now = Double.parseDouble(words[1]);
          report.check(next >= run, instance + ": run " + next + " beat after run " + run + " had");
          if (Fleet.isSteady(instance) && at > 0) longest = Math.max(longest, now - at);
          run = next;
          at = now;
        }
      }
    }
    return longest;
  }
}
