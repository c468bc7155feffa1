package taskmaster.simulator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Checks;
import taskmaster.api.Exit;
import taskmaster.api.InstanceId;
import taskmaster.api.Signal;
import taskmaster.controller.core.MonoTime;

/** What is true: processes, pids and time. It outlives every daemon. */
final class Machine {
  /** All processes of one run. */
  static final class Tree {
    final InstanceId id;
    final long run;
    /** What was started, of which the others descend. */
    final Process first;
    /** Its main process, as far as a daemon has heard. */
    Process main;
    /** What does its work, whether or not anybody has heard of that. */
    Process worker;
    final List<Process> all = new ArrayList<>();
    final MonoTime startedAt;
    /** Its stop has begun: that is not taken back when it is wanted again. */
    boolean beingStopped;
    /** Since it was not well. */
    boolean unhealthy;
    /** When it said by itself that it is ready; muted ones never do. */
    @Nullable MonoTime saidReadyAt;
    /** It said so in its log while no daemon was there: the line waits in its pipe. */
    boolean isUnread;

    Tree(InstanceId id, long run, Process first, MonoTime startedAt) {
      this.id = id;
      this.run = run;
      this.first = first;
      this.main = first;
      this.worker = first;
      this.startedAt = startedAt;
      all.add(first);
    }

    boolean isAlive() {
      for (Process p : all) if (p.alive) return true;
      return false;
    }

    @Override
    public String toString() {
      return id + " run " + run;
    }
  }

  static final class Process {
    final int pid;
    final long born;
    /** Null: a stranger's, which nobody here may touch. */
    @Nullable Tree tree;
    boolean alive = true;
    boolean reaped;
    boolean inGroup = true;
    /** Milliseconds from TERM to its end; -1: it ignores TERM. */
    int termMillis;
    boolean terminating;
    @Nullable Exit exit;
    @Nullable MonoTime endedAt;

    Process(int pid, long born) {
      this.pid = pid;
      this.born = born;
    }
  }

  private record Due(long at, long order, Runnable what) {}

  /** Hears of every end of a process, whoever may be watching. */
  interface Watcher {
    void ended(Process process);
  }

  /** Hears what a program says of itself. */
  interface Ear {
    void said(Tree tree, Checks.Kind kind);

    /** Another of its processes is its main process from now on. */
    default void moved(Tree tree, Process heir) {}
  }

  /** Of a process that has handed over: no run's main process ends so. */
  private static final Exit LEFT = new Exit.Code(9);

  private final PriorityQueue<Due> due = new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::order));
  private final Map<Integer, Process> byPid = new LinkedHashMap<>();
  /** What lives, and the last that did. */
  final Map<InstanceId, List<Tree>> trees = new LinkedHashMap<>();
  final List<Process> children = new ArrayList<>();
  Watcher watcher = p -> {};
  Ear ear = (tree, kind) -> {};
  /** Programs whose processes say nothing. */
  final Set<String> silent = new HashSet<>();
  boolean reusesPids;
  private MonoTime now = new MonoTime(Duration.ofSeconds(1000).toNanos());
  private long order;
  private int nextPid = 100;
  private long births = 1;

  MonoTime now() {
    return now;
  }

  void later(long millis, Runnable what) {
    due.add(new Due(now.nanos() + millis * 1_000_000, order++, what));
  }

  /** The time of the next thing that happens by itself. */
  MonoTime next() {
    Due first = due.peek();
    return first == null ? MonoTime.NEVER : new MonoTime(first.at());
  }

  /** Lets time pass, and what is due happen. */
  void advance(MonoTime until) {
    while (!due.isEmpty() && due.peek().at() <= until.nanos()) {
      Due next = due.remove();
      if (next.at() > now.nanos()) now = new MonoTime(next.at());
      next.what().run();
    }
    if (until.nanos() > now.nanos()) now = until;
  }

  Tree start(InstanceId id, long run, List<String> cmd, boolean deaf) {
    Process main = process();
    Tree tree = new Tree(id, run, main, now);
    main.tree = tree;
    children.add(main);
    List<Tree> ofInstance = trees.computeIfAbsent(id, i -> new ArrayList<>());
    while (ofInstance.size() > 1 && !ofInstance.getFirst().isAlive()) ofInstance.removeFirst();
    ofInstance.add(tree);
    int life = 0;
    int code = 0;
    int beat = 0;
    int beats = Integer.MAX_VALUE;
    int stays = -1;
    List<Integer> moves = new ArrayList<>();
    for (String word : cmd) {
      String value = word.substring(word.indexOf('=') + 1);
      if (word.startsWith("life=")) life = Integer.parseInt(value);
      if (word.startsWith("code=")) code = Integer.parseInt(value);
      if (word.startsWith("term=")) main.termMillis = value.equals("deaf") ? -1 : Integer.parseInt(value);
      if (word.startsWith("ready=")) later(Integer.parseInt(value), () -> say(tree, Checks.Kind.READY));
      if (word.startsWith("beat=")) beat = Integer.parseInt(value);
      if (word.startsWith("beats=")) beats = Integer.parseInt(value);
      if (word.startsWith("moves=")) moves.add(Integer.parseInt(value));
      if (word.startsWith("stays=")) stays = Integer.parseInt(value);
      if (word.startsWith("forks=")) for (int i = Integer.parseInt(value); i > 0; i--) fork(tree, i == 1);
    }
    if (deaf) main.termMillis = -1;
    if (beat > 0) beat(tree, beat, beats);
    int leaves = stays;
    for (int millis : moves) later(millis, () -> handOver(tree, leaves));
    Exit exit = new Exit.Code(code);
    if (life > 0) later(life, () -> end(tree.worker, exit));
    return tree;
  }

  /** What does the work forks another that goes on with it, and ends some time later, or never by itself (-1). */
  private void handOver(Tree tree, int leavesAfterMillis) {
    Process old = tree.worker;
    if (!old.alive) return;
    Process heir = fork(tree, false);
    heir.termMillis = old.termMillis;
    tree.worker = heir;
    if (!silent.contains(tree.id.program())) ear.moved(tree, heir);
    if (leavesAfterMillis >= 0) later(leavesAfterMillis, () -> end(old, LEFT));
  }

  private void beat(Tree tree, int everyMillis, int left) {
    later(everyMillis, () -> {
      say(tree, Checks.Kind.HEALTH);
      if (tree.worker.alive && left > 1) beat(tree, everyMillis, left - 1);
    });
  }

  private void say(Tree tree, Checks.Kind kind) {
    if (!tree.worker.alive || silent.contains(tree.id.program())) return;
    if (kind == Checks.Kind.READY) tree.saidReadyAt = now;
    ear.said(tree, kind);
  }

  Process fork(Tree tree, boolean escapes) {
    Process child = process();
    child.tree = tree;
    child.inGroup = !escapes;
    child.termMillis = escapes ? 50 : 0;
    tree.all.add(child);
    return child;
  }

  private Process process() {
    Process p = new Process(nextPid++, births++);
    byPid.put(p.pid, p);
    return p;
  }

  @Nullable Process find(int pid) {
    return byPid.get(pid);
  }

  void end(Process p, Exit exit) {
    if (!p.alive) return;
    p.alive = false;
    p.exit = exit;
    p.endedAt = now;
    boolean ours = children.contains(p);
    if (!ours) free(p);
    watcher.ended(p);
  }

  /** Its parent has looked at it, or has died: its pid may be given to another. */
  void free(Process p) {
    if (p.alive || p.reaped) return;
    p.reaped = true;
    children.remove(p);
    byPid.remove(p.pid);
    if (!reusesPids) return;
    Process stranger = new Process(p.pid, births++);
    byPid.put(stranger.pid, stranger);
  }

  /** The daemon is dead: its children are init's now, which reaps them. */
  void orphanAll() {
    List<Process> all = List.copyOf(children);
    children.clear();
    all.forEach(this::free);
  }

  void signal(Process p, Signal signal) {
    if (!p.alive) return;
    if (signal.equals(Signal.KILL)) {
      end(p, new Exit.Killed(Signal.KILL, false));
    } else if (signal.equals(Signal.TERM) && p.termMillis >= 0 && !p.terminating) {
      p.terminating = true;
      if (p.termMillis == 0) end(p, new Exit.Killed(Signal.TERM, false));
      else later(p.termMillis, () -> end(p, new Exit.Code(0)));
    }
  }

  /** The runs of an instance, the latest last. */
  List<Tree> of(InstanceId id) {
    return trees.getOrDefault(id, List.of());
  }

  List<Tree> alive() {
    List<Tree> alive = new ArrayList<>();
    for (List<Tree> ofInstance : trees.values()) for (Tree t : ofInstance) if (t.isAlive()) alive.add(t);
    return alive;
  }
}
