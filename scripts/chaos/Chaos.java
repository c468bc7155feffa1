import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * First safety: everything goes wrong at once, and what must never be is looked for. Then liveness: nothing goes wrong
 * any more, and all must come to the state that the file asks for.
 */
final class Chaos {
  private static final int FLOOD_BYTES = 30 << 20;
  private static final long CONVERGE_SECONDS = 60;
  private static final long DELIVER_SECONDS = 60;
  private static final long STOP_SECONDS = 60;
  private static final double LONGEST_BEAT = 10;

  private final double minutes;
  private final long seed;
  private final Report report;
  private final Folder folder;
  private final Disk disk;
  private final Receiver receiver;
  private final Fleet fleet;
  private final Members members;
  private final Keeper keeper;
  private final Api api;
  private final Faults faults;
  private final boolean onTerminal = System.console() != null && System.console().isTerminal();
  private volatile boolean over;

  /** That an action failed is an alert too, and counted there. */
  private static final Pattern INTERNAL_ERROR = Pattern.compile("internal error(?!: (Scale|Spawn|Signal|Reap)\\[)");

  private static final Pattern GENERATION =
      Pattern.compile("(?:DefNew|Tenured) +total ([0-9]+)K, used ([0-9]+)K");

  /**
   * The daemon's size at a moment.
   *
   * @param pss in KiB
   * @param held of it, without what is in the heap and nothing refers to any more
   */
  private record Size(long pss, long held, int files) {
    String show() {
      return "%.1f MiB (%.1f MiB without garbage), %d descriptors".formatted(pss / 1024.0, held / 1024.0, files);
    }
  }

  private Chaos(double minutes, long seed, boolean ownMounts) throws IOException, InterruptedException {
    this.minutes = minutes;
    this.seed = seed;
    this.report =
        new Report(
            "processes of programs killed", "processes of programs paused", "the daemon killed",
            "the daemon killed while it started", "the daemon paused", "low limits of descriptors",
            "… refused to start under them", "log folder full", "receiver down", "starts", "stops",
            "restarts by command", "scalings", "signals", "reloads", "reloads of a broken file", "looks", "command lines",
            "requests without an answer");
    Path self = Path.of(System.getProperty("jdk.launcher.sourcefile")).toRealPath();
    this.folder = Folder.fresh(self.getParent().getParent());
    this.disk = new Disk(folder.logs(), ownMounts, minutes > 5 ? 256 : 64);
    this.receiver = new Receiver(report);
    this.fleet = new Fleet(folder, receiver.port(), (long) Math.min(100_000, FLOOD_BYTES / (minutes * 60 * 4)));
    this.members = new Members(folder);
    this.keeper = new Keeper(folder, report);
    this.api = new Api(folder.socket());
    Clients clients = new Clients(api, fleet, folder, keeper, report);
    this.faults = new Faults(seed, fleet, members, keeper, clients, receiver, disk, report);
  }

  public static void main(String... args) throws Exception {
    double minutes = 0;
    long seed = System.nanoTime() & 0xffff_ffffL;
    boolean ownMounts = false;
    for (int i = 0; i < args.length; i++) {
      String value = i + 1 < args.length ? args[i + 1] : "";
      switch (args[i]) {
        case "--own-mounts" -> ownMounts = true;
        case "--minutes" -> {
          boolean fits = value.matches("[0-9]{1,4}(\\.[0-9]{1,4})?");
          minutes = fits ? Double.parseDouble(value) : 0;
          boolean sensible = minutes >= 0.1 && minutes <= 1440;
          if (!sensible) misused("--minutes needs a number from 0.1 to 1440, not '" + value + "'");
          i++;
        }
        case "--seed" -> {
          if (!value.matches("[0-9]{1,18}")) misused("--seed needs a whole number, not '" + value + "'");
          seed = Long.parseLong(value);
          i++;
        }
        default -> misused("unknown argument '" + args[i] + "' (known: --minutes M, --seed S)");
      }
    }
    if (minutes == 0) misused("--minutes M is missing (see --help)");
    System.out.println("seed " + seed);
    System.exit(new Chaos(minutes, seed, ownMounts).run() ? 0 : 1);
  }

  private static void misused(String why) {
    System.err.println("[TaskMaster] usage: " + why);
    System.exit(2);
  }

  private boolean run() throws IOException, InterruptedException {
    Runtime.getRuntime().addShutdownHook(new Thread(this::endHard));
    if (!disk.isSmall()) say("no small disk can be mounted here: the log folder does not get full in this run");
    background("watch", this::watch);
    background("time limit", this::limitTime);
    if (onTerminal) background("progress", this::progress);
    try {
      play();
    } catch (IOException | RuntimeException e) {
      report.breach("the run broke off: " + e);
    }
    over = true;
    showProgress("");
    checkWhatMembersSay();
    System.out.println();
    System.out.print(report.show());
    if (report.isClean()) cleanUp();
    else keep();
    return report.isClean();
  }

  private void play() throws IOException, InterruptedException {
    fleet.mend();
    keeper.start();
    Map<String, Integer> before = converge("at first");
    Thread.sleep(2000);
    Size young = size();
    Set<Members.Start> steady = steadyStarts();

    faults.begin((long) (minutes * 60_000));
    faults.end();
    restoreAll();
    double from = Os.uptime();
    Map<String, Integer> after = converge("at the end");
    report.figure("seconds until all was as the file says", "%.1f".formatted(Os.uptime() - from));
    Size old = size();

    checkAdoption(after);
    Size adopted = size();
    report.check(steadyStarts().equals(steady), "steady programs began anew: " + difference(steadyStarts(), steady));
    checkSteadyPids(before);
    checkFlat(young, old, adopted);
    awaitDelivery();
    stop();
    AlertLog alerts = deliverTheRest();
    alerts.check(report, receiver);
    checkStarts(alerts);
    checkLog();
    figures(alerts);
  }

  /** Everything is to run again, as the file says. */
  private void restoreAll() throws IOException, InterruptedException {
    fleet.restore();
    mustAsk("/v1/reload", 200);
    for (Fleet.Program p : fleet.touched()) {
      mustAsk("/v1/scale?program=" + p.name() + "&count=" + p.numprocs(), 200);
      mustAsk("/v1/start?target=" + p.name(), 200);
    }
  }

  private void mustAsk(String path, Integer... statuses) throws IOException {
    Api.Answer answer = api.post(path);
    boolean good = List.of(statuses).contains(answer.status());
    report.check(good, path + " is answered with " + answer.status() + ": " + answer.body().strip());
  }

  /**
   * Waits until each instance has come to its kind's rest, by the daemon's word and by the programs' own.
   *
   * @return the main pids of those that run
   */
  private Map<String, Integer> converge(String when) throws IOException, InterruptedException {
    List<String> open = List.of("unknown");
    long until = System.nanoTime() + CONVERGE_SECONDS * 1_000_000_000;
    while (System.nanoTime() < until) {
      Map<String, Integer> pids = new HashMap<>();
      open = unfinished(pids);
      if (open.isEmpty()) return pids;
      Thread.sleep(250);
    }
    report.breach(when + ", after " + CONVERGE_SECONDS + " s, not as the file says: " + some(open));
    return Map.of();
  }

  private List<String> unfinished(Map<String, Integer> pids) throws IOException {
    Map<String, Api.Shown> shown = api.status().stream().collect(Collectors.toMap(Api.Shown::instance, s -> s));
    Map<String, List<Integer>> alive = members.alive();
    Map<String, Members.Start> latest = new HashMap<>();
    for (Members.Start start : members.starts()) {
      latest.merge(start.instance(), start, (a, b) -> a.run() > b.run() ? a : b);
    }
    List<String> open = new ArrayList<>();
    for (Fleet.Program p : fleet.programs()) {
      for (String instance : Fleet.instances(p)) {
        Api.Shown s = shown.remove(instance);
        String phase = s == null ? "missing" : s.phase();
        Members.Start start = latest.get(instance);
        boolean lives = start != null && alive.getOrDefault(instance, List.of()).contains(start.pid());
        boolean good =
            switch (p.kind().rest) {
              case RESTLESS -> s != null && !phase.equals("STOPPED") && !phase.equals("FATAL");
              case RUNNING -> phase.equals("RUNNING") && lives && start.pid() == s.pid();
              case EXITED, FATAL -> phase.equals(p.kind().rest.name()) && start != null && !alive.containsKey(instance);
            };
        if (p.kind().rest == Fleet.Rest.RUNNING && good) pids.put(instance, s.pid());
        if (good) continue;
        String said = start == null ? "never said that it began" : "the latest to begin was pid " + start.pid();
        open.add(instance + " is " + phase + (s == null || s.pid() == 0 ? "" : ", pid " + s.pid()) + "; " + said);
      }
    }
    shown.values().forEach(s -> open.add(s.instance() + " is one too many"));
    return open;
  }

  private static String some(List<String> all) {
    String first = String.join(", ", all.subList(0, Math.min(8, all.size())));
    return first + (all.size() > 8 ? ", … (" + all.size() + ")" : "");
  }

  /** At rest the death of the daemon changes no pid at all. */
  private void checkAdoption(Map<String, Integer> before) throws IOException, InterruptedException {
    keeper.killAndStart(new Random(seed), false);
    Map<String, Integer> after = converge("after the last death of the daemon");
    Thread.sleep(2000);
    before.forEach((instance, pid) -> {
      if (after.isEmpty()) return;
      Integer now = after.get(instance);
      report.check(pid.equals(now), instance + " had pid " + pid + " before the daemon died, now " + now);
    });
  }

  private Set<Members.Start> steadyStarts() throws IOException {
    return members.starts().stream().filter(s -> Fleet.isSteady(s.instance())).collect(Collectors.toSet());
  }

  private static String difference(Set<Members.Start> now, Set<Members.Start> before) {
    Set<Members.Start> more = new HashSet<>(now);
    more.removeAll(before);
    return some(
        more.stream().map(s -> "%s run %d at %.1f".formatted(s.instance(), s.run(), s.uptime())).sorted().toList());
  }

  private void checkSteadyPids(Map<String, Integer> before) {
    before.forEach((instance, pid) -> {
      if (!Fleet.isSteady(instance)) return;
      report.check(members.instanceOf(pid).equals(instance), instance + ": pid " + pid + " of the beginning is gone");
    });
  }

  private Size size() throws IOException, InterruptedException {
    int pid = keeper.pid();
    int files = Os.openFiles(pid);
    long pss = Os.pss(pid);
    jcmd(pid, "GC.run");
    long garbage = 0;
    Matcher m = GENERATION.matcher(jcmd(pid, "GC.heap_info"));
    while (m.find()) garbage += Long.parseLong(m.group(1)) - Long.parseLong(m.group(2));
    return new Size(pss, Math.min(pss, Os.pss(pid) - garbage), files);
  }

  private static String jcmd(int pid, String command) throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(System.getProperty("java.home") + "/bin/jcmd", "" + pid, command)
            .redirectErrorStream(true)
            .start();
    try {
      return new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } finally {
      jcmd.waitFor();
    }
  }

  /** The same programs run at all three looks; only the daemon's age differs. */
  private void checkFlat(Size young, Size old, Size adopted) {
    report.figure("the daemon at first", young.show());
    report.figure("… one that lived through the last third", old.show());
    report.figure("… one that has just adopted", adopted.show());
    long most = Math.max(young.held(), adopted.held()) * 3 / 2;
    report.check(old.held() <= most, "the daemon's memory grew: " + old.show() + " after " + young.show());
    int mostFiles = Math.max(young.files(), adopted.files()) + 20;
    report.check(old.files() <= mostFiles, "the daemon's descriptors grew: " + old.show() + " after " + young.show());
    boolean few = adopted.files() <= young.files() + 20;
    report.check(few, "adoption costs descriptors: " + adopted.show() + " after " + young.show());
  }

  private void awaitDelivery() throws IOException, InterruptedException {
    await(DELIVER_SECONDS, () -> {
      try {
        return api.number("/v1/alerts", "webhook_waiting") <= 5;
      } catch (IOException e) {
        return false;
      }
    });
  }

  private static boolean await(long seconds, Supplier<Boolean> condition) throws InterruptedException {
    long until = System.nanoTime() + seconds * 1_000_000_000;
    while (!condition.get()) {
      if (System.nanoTime() > until) return false;
      Thread.sleep(100);
    }
    return true;
  }

  private void stop() throws IOException, InterruptedException {
    report.check(keeper.stop(STOP_SECONDS), "the daemon did not stop within " + STOP_SECONDS + " s");
    List<Integer> left = members.anyLeft();
    for (int pid : left) {
      String whose = members.instanceOf(pid);
      report.breach("left after the shutdown: pid " + pid + " of " + whose + ": " + Os.commandLine(pid));
    }
    for (Path gone : List.of(folder.socket(), folder.pidfile(), folder.state().resolve("runs"))) {
      report.check(!Files.exists(gone), "left after the shutdown: " + folder.root().relativize(gone));
    }
    try (Stream<Path> pipes = Files.list(folder.state().resolve("pipes"))) {
      List<String> names = pipes.map(p -> p.getFileName().toString()).sorted().toList();
      report.check(names.isEmpty(), "left after the shutdown in state/pipes: " + some(names));
    }
  }

  /** A daemon that ends gives the receiver 2 s; what it could not deliver then is the next one's. */
  private AlertLog deliverTheRest() throws IOException, InterruptedException {
    Path file = folder.logs().resolve("alerts.log");
    AlertLog alerts = new AlertLog(file);
    for (int more = 0; more < 5 && receiver.highest() < alerts.last(); more++) {
      fleet.empty();
      keeper.start();
      awaitDelivery();
      keeper.stop(STOP_SECONDS);
      report.count("daemons only to deliver the rest");
      alerts = new AlertLog(file);
    }
    return alerts;
  }

  /** What the programs say of themselves is what the alerts say of them. */
  private void checkStarts(AlertLog alerts) throws IOException {
    int unknown = 0;
    Set<String> seen = new HashSet<>();
    for (Members.Start start : members.starts()) {
      String what = "run %d of %s".formatted(start.run(), start.instance());
      report.check(seen.add(what), "two processes were " + what);
      if (alerts.tells(start)) continue;
      if (keeper.wasBlind(start.uptime())) unknown++;
      else report.breach("no alert tells that %s (pid %d) began at %.2f".formatted(what, start.pid(), start.uptime()));
    }
    report.figure("runs that began", Integer.toString(seen.size()));
    report.figure("… of them so close to a daemon's death that none tells", Integer.toString(unknown));
  }

  private void checkLog() throws IOException {
    try (Stream<Path> files = Files.list(folder.logs())) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (!name.startsWith("daemon.log")) continue;
        try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
          lines.filter(l -> INTERNAL_ERROR.matcher(l).find()).limit(5).forEach(l -> report.breach(name + ": " + l));
        }
      }
    }
  }

  private void figures(AlertLog alerts) {
    report.figure("programs", Integer.toString(fleet.programs().size()));
    report.figure("restarts by themselves (backoff)", Integer.toString(alerts.count("process_backoff")));
    report.figure("… refused for want of descriptors", Integer.toString(alerts.refusedForDescriptors()));
    report.figure("programs given up (FATAL)", Integer.toString(alerts.count("process_fatal")));
    report.figure("daemons", Integer.toString(alerts.count("daemon_started")));
    report.figure("adoptions", Long.toString(alerts.adopted()));
    report.figure("alerts", Integer.toString(alerts.size()));
    report.figure("… repeated to the receiver", Long.toString(receiver.repeats()));
  }

  private void checkWhatMembersSay() throws IOException {
    members.doubles().forEach(line -> report.breach("two at once: " + line));
    double longest = members.checkBeats(report);
    report.figure("longest time without a steady one's beat", "%.1f s".formatted(longest));
    report.check(longest < LONGEST_BEAT, "a steady program did not beat for %.1f s".formatted(longest));
  }

  // ---- beside it ----

  private interface Task {
    void run() throws InterruptedException;
  }

  private void background(String name, Task task) {
    Thread.ofPlatform().name(name).daemon().start(() -> {
      try {
        task.run();
      } catch (InterruptedException ending) {
        Thread.currentThread().interrupt();
      }
    });
  }

  private void watch() throws InterruptedException {
    while (!over) {
      Thread.sleep(200);
      keeper.watch();
    }
  }

  /** Whatever hangs, the run ends. */
  private void limitTime() throws InterruptedException {
    Thread.sleep((long) (minutes * 60_000) + 480_000);
    if (over) return;
    report.breach("the run did not come to its end");
    System.out.print(report.show());
    System.out.println("kept: " + folder.root());
    System.exit(1);
  }

  private void progress() throws InterruptedException {
    while (!over) {
      long left = faults.millisLeft() / 1000;
      showProgress(left > 0 ? "faults: " + left + " s left" : "checking …");
      Thread.sleep(500);
    }
  }

  private void showProgress(String text) {
    if (onTerminal) System.err.print("\r\033[K" + text);
  }

  private static void say(String what) {
    System.err.println("[TaskMaster] " + what);
  }

  private void cleanUp() throws IOException, InterruptedException {
    disk.unmount();
    folder.delete();
  }

  private void keep() throws IOException {
    if (disk.isSmall()) folder.keepLogs();
    Files.write(folder.root().resolve("breaches"), report.breaches());
    System.out.println("kept: " + folder.root() + " (all breaches: breaches)");
  }

  /** Also where somebody breaks the run off: nothing of it stays. */
  private void endHard() {
    keeper.endHard();
    members.killAll();
  }
}
