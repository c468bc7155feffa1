import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The small disk under the log folder; there is none where the system does not let us mount one. */
final class Disk {
  private final Path folder;
  private final Path ballast;
  private final boolean mounted;

  /** @param ownMounts whether what we mount is seen by us alone and goes when we go */
  Disk(Path folder, boolean ownMounts, int megabytes) throws IOException, InterruptedException {
    this.folder = folder;
    this.ballast = folder.resolve("ballast");
    String size = "size=" + megabytes + "m,mode=700";
    this.mounted = ownMounts && run("mount", "-t", "tmpfs", "-o", size, "chaos", folder.toString());
  }

  boolean isSmall() {
    return mounted;
  }

  void fill() throws IOException {
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(ballast)) {
      while (true) out.write(block);
    } catch (IOException full) {
      if (!String.valueOf(full.getMessage()).contains("No space left")) throw full;
    }
  }

  void free() throws IOException {
    Files.deleteIfExists(ballast);
  }

  void unmount() throws IOException, InterruptedException {
    if (mounted) run("umount", folder.toString());
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.waitFor() == 0;
  }
}
