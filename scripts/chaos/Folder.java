import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the run keeps everything.
 *
 * @param scripts the folder of the project's scripts
 */
record Folder(Path root, Path scripts) {
  static Folder fresh(Path scripts) throws IOException {
    Folder folder = new Folder(Files.createTempDirectory("chaos").toRealPath(), scripts);
    List<Path> folders = List.of(folder.logs(), folder.locks(), folder.starts(), folder.beats());
    for (Path each : folders) Files.createDirectories(each);
    return folder;
  }

  Path config() {
    return root.resolve("chaos.yaml");
  }

  Path socket() {
    return root.resolve("daemon.sock");
  }

  Path pidfile() {
    return root.resolve("daemon.pid");
  }

  /** The daemon that has it wrote its pid into it. */
  Path lock() {
    return root.resolve("state/lock");
  }

  Path state() {
    return root.resolve("state");
  }

  /** May be a small disk of its own. */
  Path logs() {
    return root.resolve("logs");
  }

  /** Where the programs start, and write. */
  Path members() {
    return root.resolve("members");
  }

  Path locks() {
    return members().resolve("locks");
  }

  Path starts() {
    return members().resolve("starts");
  }

  Path beats() {
    return members().resolve("beats");
  }

  Path doubles() {
    return members().resolve("doubles");
  }

  Path member() {
    return scripts.resolve("chaos/member.sh");
  }

  /** Saves what is on the small disk, which does not outlive the run. */
  void keepLogs() throws IOException {
    Path kept = root.resolve("logs.kept");
    try (Stream<Path> files = Files.list(logs())) {
      Files.createDirectories(kept);
      for (Path file : files.filter(Files::isRegularFile).toList()) Files.copy(file, kept.resolve(file.getFileName()));
    }
  }

  void delete() throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(path);
    }
  }
}
