import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Operators who do not talk to each other. */
final class Clients {
  static final int COUNT = 8;

  private final Api api;
  private final Fleet fleet;
  private final Folder folder;
  private final Keeper keeper;
  private final Report report;
  private final Object editing = new Object();

  Clients(Api api, Fleet fleet, Folder folder, Keeper keeper, Report report) {
    this.api = api;
    this.fleet = fleet;
    this.folder = folder;
    this.keeper = keeper;
    this.report = report;
  }

  /** One more request of one of them. */
  void act(Random random) throws InterruptedException, IOException {
    Fleet.Program program = any(random);
    String target = random.nextInt(3) == 0 ? program.name() + ":" + random.nextInt(program.numprocs()) : program.name();
    String wait = random.nextInt(4) == 0 ? "&wait=true&timeout=1s" : "";
    int choice = random.nextInt(1000);
    if (choice < 200) ask("starts", "POST", "/v1/start?target=" + target + wait);
    else if (choice < 380) ask("stops", "POST", "/v1/stop?target=" + target + wait);
    else if (choice < 560) ask("restarts by command", "POST", "/v1/restart?target=" + target + wait);
    else if (choice < 680) scale(random, wait);
    else if (choice < 740) signal(random, target);
    else if (choice < 780) reload(random, wait);
    else if (choice < 800) ask("looks", "GET", "/v1/plan");
    else ask("looks", "GET", random.nextBoolean() ? "/v1/status" : "/v1/alerts");
  }

  private void signal(Random random, String target) throws InterruptedException {
    ask("signals", "POST", "/v1/signal?signal=" + (random.nextBoolean() ? "HUP" : "USR1") + "&target=" + target);
  }

  private Fleet.Program any(Random random) {
    List<Fleet.Program> touched = fleet.touched();
    return touched.get(random.nextInt(touched.size()));
  }

  private void scale(Random random, String wait) throws InterruptedException {
    List<Fleet.Program> groups = fleet.touched().stream().filter(p -> p.kind() == Fleet.Kind.GROUP).toList();
    String name = groups.get(random.nextInt(groups.size())).name();
    ask("scalings", "POST", "/v1/scale?program=" + name + "&count=" + random.nextInt(7) + wait);
  }

  private void reload(Random random, String wait) throws InterruptedException, IOException {
    synchronized (editing) {
      if (random.nextInt(8) == 0) {
        fleet.spoil();
        ask("reloads of a broken file", "POST", "/v1/reload");
        fleet.mend();
      } else {
        fleet.edit(random);
        ask("reloads", "POST", "/v1/reload" + wait.replaceFirst("&", "?"));
      }
    }
  }

  private void ask(String counted, String method, String path) throws InterruptedException {
    long before = keeper.disturbances();
    try {
      Api.Answer answer = method.equals("GET") ? api.get(path) : api.post(path);
      report.count(counted);
      // 409: as things are just now, that cannot be done
      boolean understood = answer.status() < 300 || answer.status() == 409;
      report.check(understood, "status " + answer.status() + " (" + answer.body().strip() + ") answers " + path);
    } catch (IOException e) {
      report.count("requests without an answer");
      boolean disturbed = keeper.disturbances() != before || keeper.pid() == 0;
      boolean silent = e instanceof Api.NoAnswer && !disturbed;
      report.check(!silent, path + ": no answer, and nothing had been done to the daemon");
      Thread.sleep(100);
    }
  }

  /** The same through the script, which costs the machine far more: not often. */
  void commandLine(Random random) throws InterruptedException, IOException {
    List<String> command = new ArrayList<>(List.of(folder.scripts().resolve("taskmaster").toString()));
    command.addAll(random.nextInt(3) == 0 ? List.of("status") : List.of("start", "--timeout", "2s"));
    command.addAll(List.of("-c", folder.config().toString(), any(random).name()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      report.breach(String.join(" ", command) + " did not return within 60 s");
    }
    report.count("command lines");
  }
}
