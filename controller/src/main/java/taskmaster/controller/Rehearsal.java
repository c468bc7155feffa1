package taskmaster.controller;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import taskmaster.api.InstanceId;
import taskmaster.controller.alerts.Logs;
import taskmaster.controller.config.Config;
import taskmaster.controller.http.Door;
import taskmaster.controller.linux.Host;
import taskmaster.controller.linux.LinuxKernel;
import taskmaster.controller.logs.Capture;
import taskmaster.controller.state.RunRecords;

/** A start that is only tried out: all that can be done beside a daemon that runs. What it needs is loaded afterwards. */
public final class Rehearsal {
  private Rehearsal() {}

  /**
   * Whether a daemon of this file could start here, but for the lock; changes nothing that another one uses.
   *
   * @throws Startup why it could not
   */
  public static void of(Path file) throws Startup {
    LoadedFile loaded = LoadedFile.of(file);
    if (loaded.rejected() != null) throw new Startup("cannot start:\n" + loaded.rejected().getMessage(), loaded.rejected());
    Config config = loaded.config();
    Path state = config.daemon().state();
    Claim.check(state);
    try {
      writable("log to ", config.daemon().logfile());
      writable("write alerts to ", config.alerts().file());
      writable("write the pid file ", config.daemon().pidfile());
      writable("listen on ", config.daemon().socket());
      Logs.begin();
      RunRecords.read(LoadedFile.records(state), Host.machine());
      try (Capture capture = new Capture(state.resolve("pipes"), new Silent())) {
        new LinuxKernel(capture, "rehearsal", state.resolve("pipes")).close();
      }
      Door.rehearse(state.resolve("check.sock"));
    } catch (IOException e) {
      throw new Startup(String.valueOf(e.getMessage()), e);
    }
  }

  /** Of a capture that never starts. */
  private static final class Silent implements Capture.Listener {
    @Override
    public void degraded(Path log, List<InstanceId> instances, String why) {}

    @Override
    public void recovered(Path log, List<InstanceId> instances, long dropped) {}
  }

  private static void writable(String what, Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    while (folder != null && !Files.exists(folder)) folder = folder.getParent();
    if (Files.isDirectory(file)) throw new IOException("cannot " + what + file + ": Is a directory");
    boolean denied = folder == null || !Files.isWritable(folder) || Files.isRegularFile(file) && !Files.isWritable(file);
    if (denied) throw new IOException("cannot " + what + file + ": Permission denied");
  }
}
