import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntUnaryOperator;

/** Starts the daemon and ends it in hard ways; one thing at a time. */
final class Keeper {
  private static final String AS_THEY_ARE = "";
  private static final long START_SECONDS = 90;

  private final Folder folder;
  private final Report report;
  private final ReentrantLock turn = new ReentrantLock();
  private final List<double[]> blind = new ArrayList<>();
  private final AtomicLong disturbances = new AtomicLong();
  private volatile boolean wanted;
  private volatile String said = "";
  private double longestStart;

  Keeper(Folder folder, Report report) {
    this.folder = folder;
    this.report = report;
  }

  /** The daemon's pid, if one is alive that this folder's lock names; else 0. */
  int pid() {
    try {
      String text = Files.readString(folder.lock()).strip();
      int pid = text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
      return pid != 0 && isOurs(pid) && Os.born(pid) != 0 ? pid : 0;
    } catch (IOException none) {
      return 0;
    }
  }

  private boolean isOurs(int pid) {
    String commandLine = Os.commandLine(pid);
    return commandLine.contains(" daemon ") && commandLine.contains(folder.config().toString());
  }

  /** Changes whenever something was done that may make the daemon not answer. */
  long disturbances() {
    return disturbances.get();
  }

  /** Whether a run may have begun then that no daemon could come to know. */
  boolean wasBlind(double uptime) {
    synchronized (blind) {
      return blind.stream().anyMatch(b -> b[0] <= uptime && uptime <= b[1]);
    }
  }

  void start() throws InterruptedException {
    turn.lock();
    try {
      startWell();
    } finally {
      turn.unlock();
    }
  }

  private void startWell() throws InterruptedException {
    double from = Os.uptime();
    boolean up = start(AS_THEY_ARE);
    wanted = true;
    report.check(up, "the daemon did not start: " + said);
    longestStart = Math.max(longestStart, Os.uptime() - from);
    report.figure("longest start of the daemon", "%.1f s".formatted(longestStart));
  }

  private boolean start(String openFiles) throws InterruptedException {
    return awaitStart(launch(openFiles));
  }

  /** @param openFiles its limit of descriptors */
  private Process launch(String openFiles) {
    String script = "if [ -n \"$1\" ]; then ulimit -n \"$1\"; fi; exec \"$2\" start -c \"$3\"";
    try {
      return new ProcessBuilder("bash", "-c", script, "bash", openFiles, starter(), folder.config().toString())
          .directory(folder.root().toFile())
          .redirectErrorStream(true)
          .start();
    } catch (IOException e) {
      throw new IllegalStateException("cannot run " + starter() + ": " + e.getMessage(), e);
    }
  }

  private String starter() {
    return folder.scripts().resolve("taskmasterd.sh").toString();
  }

  private boolean awaitStart(Process starter) throws InterruptedException {
    try {
      Thread reader = Thread.ofVirtual().start(() -> said = readAll(starter));
      if (!starter.waitFor(START_SECONDS, TimeUnit.SECONDS)) {
        starter.destroyForcibly();
        said = "no answer within " + START_SECONDS + " s";
        return false;
      }
      reader.join(1000);
      return starter.exitValue() == 0;
    } finally {
      disturbances.incrementAndGet();
    }
  }

  private static String readAll(Process process) {
    try {
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** SIGKILL to the daemon, maybe also to one or two that are just starting, and a next one that may live. */
  void killAndStart(Random random, boolean alsoWhileStarting) throws InterruptedException {
    turn.lock();
    try {
      double from = Os.uptime();
      if (!kill("the daemon killed")) return;
      for (int again = alsoWhileStarting ? 1 + random.nextInt(2) : 0; again > 0; again--) killWhileStarting(random);
      startWell();
      sawNothingSince(from);
    } finally {
      turn.unlock();
    }
  }

  private void killWhileStarting(Random random) throws InterruptedException {
    Process starter = launch(AS_THEY_ARE);
    for (int i = 0; i < 2000 && pid() == 0 && starter.isAlive(); i++) Thread.sleep(10);
    Thread.sleep(random.nextInt(1000));
    kill("the daemon killed while it started");
    awaitStart(starter);
  }

  /** A daemon that has few descriptors, for a while; one that does not even start that way is as good. */
  void starve(IntUnaryOperator limitOfUsed, long millis) throws InterruptedException {
    turn.lock();
    try {
      double from = Os.uptime();
      int openFiles = limitOfUsed.applyAsInt(Os.openFiles(pid()));
      if (!kill("the daemon killed")) return;
      report.count("low limits of descriptors");
      if (start("" + openFiles)) {
        Thread.sleep(millis);
        report.check(pid() != 0, "with " + openFiles + " descriptors the daemon started, then ended by itself");
      } else {
        refused(openFiles);
      }
      if (pid() != 0) kill("the daemon killed");
      startWell();
      sawNothingSince(from);
    } finally {
      turn.unlock();
    }
  }

  private void refused(int openFiles) {
    report.count("… refused to start under them");
    report.check(!said.contains("internal error"), "with " + openFiles + " descriptors the daemon says: " + said);
  }

  /** SIGSTOP, a while, SIGCONT. */
  void pause(long millis) throws InterruptedException {
    turn.lock();
    try {
      int pid = pid();
      if (pid == 0) return;
      disturbances.incrementAndGet();
      Os.signal(pid, Os.STOP, this::isOurs);
      report.count("the daemon paused");
      try {
        Thread.sleep(millis);
      } finally {
        Os.signal(pid, Os.CONT, this::isOurs);
        disturbances.incrementAndGet();
      }
    } finally {
      turn.unlock();
    }
  }

  private boolean kill(String counted) throws InterruptedException {
    int pid = pid();
    if (pid == 0) return false;
    disturbances.incrementAndGet();
    if (!Os.signal(pid, Os.KILL, this::isOurs)) return false;
    report.count(counted);
    while (Os.born(pid) != 0) Thread.sleep(1);
    return true;
  }

  private void sawNothingSince(double uptime) {
    synchronized (blind) {
      blind.add(new double[] {uptime - 0.5, Os.uptime()});
    }
  }

  /** To be called now and then: nobody but us may end it. */
  void watch() throws InterruptedException {
    if (!turn.tryLock()) return;
    try {
      if (!wanted || pid() != 0) return;
      report.breach("the daemon ended by itself, about %.0f s after boot".formatted(Os.uptime()));
      startWell();
    } finally {
      turn.unlock();
    }
  }

  /** Through the script, within so many seconds. */
  boolean stop(long seconds) throws InterruptedException, IOException {
    turn.lock();
    try {
      wanted = false;
      Process process =
          new ProcessBuilder(starter(), "stop", "-c", folder.config().toString())
              .redirectErrorStream(true)
              .start();
      boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
      if (!ended) process.destroyForcibly();
      return ended && process.exitValue() == 0;
    } finally {
      turn.unlock();
    }
  }

  /** For a run that is given up. */
  void endHard() {
    wanted = false;
    int pid = pid();
    if (pid != 0) Os.signal(pid, Os.KILL, this::isOurs);
  }

}
