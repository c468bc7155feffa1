import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The programs of the run and the file that names them. Those called steady are never touched by anybody. */
final class Fleet {
  private static final int PROGRAMS = 200;
  private static final String STEADY = "steady-";

  /** Where a program of a kind ends up when it is left alone. */
  enum Rest { RUNNING, EXITED, FATAL, RESTLESS }

  enum Kind {
    SLEEPER(Rest.RUNNING, 12, 36),
    BEATER(Rest.RUNNING, 6, 2),
    STUBBORN(Rest.RUNNING, 6, 12),
    FORKER(Rest.RUNNING, 8, 14),
    WIPER(Rest.RUNNING, 6, 10),
    CLOSER(Rest.RUNNING, 6, 8),
    SLOW(Rest.RUNNING, 4, 8),
    FLOOD(Rest.RUNNING, 2, 6),
    GROUP(Rest.RUNNING, 4, 8),
    CRASHER(Rest.FATAL, 0, 10),
    LOOPER(Rest.RESTLESS, 0, 10),
    JOB(Rest.EXITED, 0, 12),
    ONCE(Rest.EXITED, 0, 7),
    BOMB(Rest.RESTLESS, 0, 3);

    final Rest rest;
    private final int steady;
    private final int touched;

    Kind(Rest rest, int steady, int touched) {
      this.rest = rest;
      this.steady = steady;
      this.touched = touched;
    }

    String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** @param number of its kind */
  record Program(String name, Kind kind, int number) {
    boolean isSteady() {
      return name.startsWith(STEADY);
    }

    int numprocs() {
      return kind == Kind.GROUP ? 3 : 1;
    }
  }

  private final Folder folder;
  private final String head;
  private final long floodBytes;
  private final List<Program> programs;
  private final List<Program> touched;

  /** The programs as they stand in the file. */
  private final List<Program> order;

  private final Map<Program, Integer> edits = new LinkedHashMap<>();
  private final Map<Program, Integer> stoptimes = new LinkedHashMap<>();
  private final List<Program> absent = new ArrayList<>();

  /** @param floodBytes that each flooding program may write in a second */
  Fleet(Folder folder, int webhookPort, long floodBytes) {
    this.folder = folder;
    this.floodBytes = floodBytes;
    this.head =
        """
        daemon:
          socket: daemon.sock
          pidfile: daemon.pid
          logfile: logs/daemon.log
          state: state
        alerts:
          webhook: { url: "http://127.0.0.1:%d/", timeout: 2s }
        """
            .formatted(webhookPort);
    this.order = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      for (int i = 0; i < kind.steady; i++) order.add(new Program(STEADY + kind.word() + "-" + i, kind, i));
      for (int i = 0; i < kind.touched; i++) order.add(new Program(kind.word() + "-" + i, kind, i));
    }
    if (order.size() != PROGRAMS) throw new IllegalStateException("internal error: " + order.size() + " programs");
    this.programs = List.copyOf(order);
    this.touched = programs.stream().filter(p -> !p.isSteady()).toList();
  }

  List<Program> programs() {
    return programs;
  }

  List<Program> touched() {
    return touched;
  }

  /** Whether an instance is one that nobody touches. */
  static boolean isSteady(String instance) {
    return instance.startsWith(STEADY);
  }

  static List<String> instances(Program program) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < program.numprocs(); i++) all.add(program.name() + ":" + i);
    return all;
  }

  /** Changes the file in one of the ways in which people do, never what it says of the steady ones. */
  synchronized void edit(Random random) throws IOException {
    List<Program> some = new ArrayList<>(touched);
    Collections.shuffle(some, random);
    for (Program p : some.subList(0, 1 + random.nextInt(4))) {
      switch (random.nextInt(4)) {
        case 0 -> edits.merge(p, 1, Integer::sum);
        case 1 -> stoptimes.put(p, 200 + random.nextInt(800));
        case 2 -> absent.add(p);
        default -> absent.clear();
      }
    }
    if (random.nextInt(4) == 0) Collections.shuffle(order, random);
    write();
  }

  /** A file that no daemon may take. */
  synchronized void spoil() throws IOException {
    replace(yaml().replaceFirst("numprocs: 1", "numprocs: many"));
  }

  synchronized void mend() throws IOException {
    write();
  }

  /** All programs are in the file again. */
  synchronized void restore() throws IOException {
    absent.clear();
    write();
  }

  /** Nothing is to run any more. */
  synchronized void empty() throws IOException {
    replace(head + "programs: {}\n");
  }

  private void write() throws IOException {
    replace(yaml());
  }

  private void replace(String text) throws IOException {
    Path next = folder.config().resolveSibling("next.yaml");
    Files.writeString(next, text);
    Files.move(next, folder.config(), StandardCopyOption.ATOMIC_MOVE);
  }

  private String yaml() {
    StringBuilder yaml = new StringBuilder(head).append("programs:\n");
    for (Program p : order) if (!absent.contains(p)) yaml.append(yaml(p));
    return yaml.toString();
  }

  private String yaml(Program p) {
    String word = p.kind() == Kind.GROUP ? Kind.SLEEPER.word() : p.kind().word();
    String argument = p.kind() == Kind.FLOOD ? ", " + floodBytes : "";
    String ownKeys =
        switch (p.kind()) {
          case CRASHER ->
              """
              starttime: 500ms
              startretries: 2
              backoff: { initial: 100ms, max: 300ms }
              """;
          case JOB, ONCE ->
              """
              starttime: 0
              autorestart: %s
              """.formatted(p.kind() == Kind.ONCE ? "never" : "unexpected");
          case LOOPER, BOMB ->
              """
              starttime: 0
              autorestart: always
              backoff: { initial: 200ms, max: 1s }
              """;
          // a kill before it was RUNNING is a failed start; no number of them may make it FATAL
          default ->
              """
              starttime: 200ms
              startretries: 1000000
              autorestart: %s
              backoff: { initial: 100ms, max: 500ms }
              """.formatted(p.number() % 2 == 0 ? "always" : "unexpected");
        };
    String stoptime = (p.kind() == Kind.SLOW ? 2000 : stoptimes.getOrDefault(p, 500)) + "ms";
    String output = p.kind() == Kind.FLOOD && p.number() % 2 == 1 ? "    stdout: discard\n" : "";
    return """
      %s:
        cmd: [/bin/sh, "%s", %s%s]
        workingdir: members
        env: { CHAOS_EDIT: %d }
        numprocs: %d
        stoptime: %s
    %s%s"""
        .formatted(
            p.name(), folder.member(), word, argument, edits.getOrDefault(p, 0), p.numprocs(), stoptime, output,
            ownKeys.indent(4));
  }
}
