import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** All that goes wrong while it lasts, each kind on a thread of its own with choices of its own. */
final class Faults {
  private final long seed;
  private final Fleet fleet;
  private final Members members;
  private final Keeper keeper;
  private final Clients clients;
  private final Receiver receiver;
  private final Disk disk;
  private final Report report;
  private final List<Thread> threads = new ArrayList<>();
  private final Map<Integer, String> stopped = new ConcurrentHashMap<>();
  private final AtomicReference<Throwable> broken = new AtomicReference<>();
  private Map<String, List<Integer>> alive = Map.of();
  private long aliveAt;
  private int deaths;
  private int starvings;
  private long endsAt;
  private long lastDeathAt;

  Faults(
      long seed,
      Fleet fleet,
      Members members,
      Keeper keeper,
      Clients clients,
      Receiver receiver,
      Disk disk,
      Report report) {
    this.seed = seed;
    this.fleet = fleet;
    this.members = members;
    this.keeper = keeper;
    this.clients = clients;
    this.receiver = receiver;
    this.disk = disk;
    this.report = report;
  }

  private interface Fault {
    void strike(Random random) throws IOException, InterruptedException;
  }

  /** Lets loose for so long; in the last third no daemon dies, so that one of them gets old. */
  void begin(long millis) {
    long now = System.nanoTime();
    endsAt = now + millis * 1_000_000;
    lastDeathAt = now + millis * 660_000;
    for (int i = 0; i < Clients.COUNT; i++) every("client-" + i, 5, 60, endsAt, clients::act);
    every("command-line", 2000, 6000, endsAt, clients::commandLine);
    every("killer", 30, 170, endsAt, this::killProgram);
    every("stopper", 100, 500, endsAt, this::stopProgram);
    every("daemon-killer", 1500, 5000, lastDeathAt, this::killDaemon);
    long starving = Math.min(millis / 4, 15_000);
    every("daemon-starver", starving, starving + Math.min(millis / 12, 10_000), lastDeathAt, this::starve);
    every("daemon-pauser", 2000, 6000, endsAt, random -> keeper.pause(100 + random.nextInt(900)));
    every("receiver", 1000, 4000, endsAt, this::receiverDown);
    if (disk.isSmall()) every("disk", 1500, 6000, endsAt, this::diskFull);
    threads.forEach(Thread::start);
  }

  private void every(String name, long leastMillis, long mostMillis, long until, Fault fault) {
    Random random = new Random(seed * 31 + name.hashCode());
    threads.add(
        Thread.ofPlatform().name(name).daemon().unstarted(() -> {
          try {
            while (true) {
              Thread.sleep(leastMillis + random.nextLong(mostMillis - leastMillis + 1));
              if (System.nanoTime() >= until) return;
              fault.strike(random);
            }
          } catch (IOException | InterruptedException | RuntimeException e) {
            broken.compareAndSet(null, e);
          }
        }));
  }

  long millisLeft() {
    return Math.max(0, (endsAt - System.nanoTime()) / 1_000_000);
  }

  /** Waits for the end and takes back what still lasts. */
  void end() throws InterruptedException, IOException {
    for (Thread thread : threads) thread.join(120_000);
    for (Thread thread : threads) {
      report.check(!thread.isAlive(), "internal error: " + thread.getName() + " does not end");
    }
    Throwable cause = broken.get();
    if (cause != null) throw new IllegalStateException("internal error: a fault could not be made: " + cause, cause);
    stopped.forEach((pid, instance) -> members.signal(pid, Os.CONT, instance));
  }

  /** Every second time also in the middle of the next one's start. */
  private void killDaemon(Random random) throws InterruptedException {
    keeper.killAndStart(random, ++deaths % 2 == 0);
  }

  /** Any process of a program, its main one or another. */
  private void killProgram(Random random) {
    someMember(random, (pid, instance) -> {
      if (members.signal(pid, Os.KILL, instance)) report.count("processes of programs killed");
    });
  }

  private void stopProgram(Random random) {
    // those whose time is up go on
    stopped.forEach((pid, instance) -> {
      if (random.nextInt(3) == 0) {
        members.signal(pid, Os.CONT, instance);
        stopped.remove(pid);
      }
    });
    someMember(random, (pid, instance) -> {
      if (!members.signal(pid, Os.STOP, instance)) return;
      stopped.put(pid, instance);
      report.count("processes of programs paused");
    });
  }

  private interface Victim {
    void take(int pid, String instance);
  }

  private void someMember(Random random, Victim victim) {
    Map<String, List<Integer>> alive = lately();
    List<String> instances = alive.keySet().stream().filter(i -> !Fleet.isSteady(i)).sorted().toList();
    if (instances.isEmpty()) return;
    String instance = instances.get(random.nextInt(instances.size()));
    List<Integer> pids = alive.get(instance);
    victim.take(pids.get(random.nextInt(pids.size())), instance);
  }

  /** Not looked up for each victim: one that is gone meanwhile is asked again before it is signalled. */
  private synchronized Map<String, List<Integer>> lately() {
    long now = System.nanoTime();
    if (now - aliveAt > 1_000_000_000 || alive.isEmpty()) {
      alive = members.alive();
      aliveAt = now;
    }
    return alive;
  }

  /** Enough descriptors for what runs and few more, or too few for that already. */
  private void starve(Random random) throws InterruptedException {
    boolean scarce = (seed + ++starvings) % 2 == 0;
    keeper.starve(used -> scarce ? used + random.nextInt(20) : used / 2, 1500 + random.nextInt(1500));
  }

  private void receiverDown(Random random) throws InterruptedException, IOException {
    report.count("receiver down");
    long millis = 500 + random.nextInt(2000);
    switch (random.nextInt(3)) {
      case 0 -> {
        receiver.down();
        try {
          Thread.sleep(millis);
        } finally {
          receiver.up();
        }
      }
      case 1 -> moody(Receiver.Mood.REFUSING, millis);
      default -> moody(Receiver.Mood.SLOW, millis);
    }
  }

  private void moody(Receiver.Mood mood, long millis) throws InterruptedException {
    receiver.mood(mood);
    try {
      Thread.sleep(millis);
    } finally {
      receiver.mood(Receiver.Mood.WELL);
    }
  }

  private void diskFull(Random random) throws InterruptedException, IOException {
    report.count("log folder full");
    try {
      disk.fill();
      Thread.sleep(500 + random.nextInt(2000));
    } finally {
      disk.free();
    }
  }
}
