import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The alert file, read back when all is over. */
final class AlertLog {
  private static final Pattern SEQ = Pattern.compile("\"seq\":([0-9]{1,18})}$");
  private static final Pattern EVENT = Pattern.compile("\"event\":\"([a-z_]+)\"");
  private static final Pattern OF_RUN = Pattern.compile("\"instance\":\"([^\"]+)\".*?\"run\":([0-9]+)");
  private static final Pattern NO_DESCRIPTOR =
      Pattern.compile("cannot start: .*(Too many open files|out of file descriptors)");
  private static final Pattern PID = Pattern.compile("\"pid\":([0-9]+)");
  private static final Pattern ADOPTED = Pattern.compile("\"adopted\":([0-9]+)");

  private final List<String> lines = new ArrayList<>();
  private final Map<String, Integer> events = new HashMap<>();
  private final Map<Long, Told> runs = new HashMap<>();
  private long adopted;

  /** What is told of one run. */
  private static final class Told {
    final String instance;
    int pid;
    int started;
    int ended;

    Told(String instance) {
      this.instance = instance;
    }
  }

  static OptionalLong seq(String line) {
    Matcher m = SEQ.matcher(line);
    return m.find() ? OptionalLong.of(Long.parseLong(m.group(1))) : OptionalLong.empty();
  }

  AlertLog(Path file) throws IOException {
    List<Path> oldestFirst = new ArrayList<>();
    for (int i = 1; Files.exists(backup(file, i)); i++) oldestFirst.addFirst(backup(file, i));
    oldestFirst.add(file);
    for (Path each : oldestFirst) lines.addAll(Files.readAllLines(each));
  }

  private static Path backup(Path file, int number) {
    return file.resolveSibling(file.getFileName() + "." + number);
  }

  long last() {
    return lines.isEmpty() ? 0 : seq(lines.getLast()).orElse(0);
  }

  int count(String event) {
    return events.getOrDefault(event, 0);
  }

  long adopted() {
    return adopted;
  }

  /** Starts that failed because the daemon had no descriptor left. */
  int refusedForDescriptors() {
    return (int) lines.stream().filter(l -> NO_DESCRIPTOR.matcher(l).find()).count();
  }

  int size() {
    return lines.size();
  }

  /** Numbers without gap or repeat, all of them delivered, and of each run one start, then one end. */
  void check(Report report, Receiver receiver) {
    long first = lines.isEmpty() ? 1 : seq(lines.getFirst()).orElse(0);
    long expected = first;
    Map<String, Long> open = new HashMap<>();
    for (String line : lines) {
      long seq = seq(line).orElse(-1);
      report.check(seq == expected, "the alert file has " + seq + " where " + expected + " is due");
      expected = seq + 1;
      report.check(receiver.has(seq, line), "the webhook did not get alert " + seq + " as it is in the file");
      Matcher event = EVENT.matcher(line);
      if (!event.find()) {
        report.breach("the alert file has a line without event: " + line);
        continue;
      }
      events.merge(event.group(1), 1, Integer::sum);
      switch (event.group(1)) {
        case "process_started" -> started(line, open, report);
        case "process_exited", "process_stopped" -> ended(line, open, report);
        case "daemon_started" -> {
          Matcher m = ADOPTED.matcher(line);
          if (m.find()) adopted += Long.parseLong(m.group(1));
        }
        case "invariant_violated" -> report.breach("the daemon reports: " + line);
        default -> {}
      }
    }
    if (first != 1) return; // the oldest were rotated away: what is told of a run may be there in part
    runs.forEach((run, told) -> {
      String what = "run " + run + " of " + told.instance;
      report.check(told.started == 1, what + " has " + told.started + " alerts of its start");
      report.check(told.ended == 1, what + " has " + told.ended + " alerts of its end");
    });
  }

  private Told told(Matcher m) {
    return runs.computeIfAbsent(Long.parseLong(m.group(2)), run -> new Told(m.group(1)));
  }

  private void started(String line, Map<String, Long> open, Report report) {
    Matcher m = OF_RUN.matcher(line);
    Matcher pid = PID.matcher(line);
    if (!m.find() || !pid.find()) {
      report.breach("the start of what? " + line);
      return;
    }
    Told told = told(m);
    told.started++;
    told.pid = Integer.parseInt(pid.group(1));
    report.check(told.instance.equals(m.group(1)), "run " + m.group(2) + " is told of two instances");
    Long other = open.put(m.group(1), Long.parseLong(m.group(2)));
    String what = m.group(1) + ": the start of run " + m.group(2);
    report.check(other == null, what + " is told before the end of run " + other);
  }

  private void ended(String line, Map<String, Long> open, Report report) {
    Matcher m = OF_RUN.matcher(line);
    if (!m.find()) {
      report.breach("the end of what? " + line);
      return;
    }
    told(m).ended++;
    boolean wasOpen = open.remove(m.group(1), Long.parseLong(m.group(2)));
    report.check(wasOpen, m.group(1) + ": the end of run " + m.group(2) + " is told while it was not open");
  }

  /** Whether the start of exactly this process is told. */
  boolean tells(Members.Start start) {
    Told told = runs.get(start.run());
    return told != null && told.instance.equals(start.instance()) && told.pid == start.pid();
  }
}
