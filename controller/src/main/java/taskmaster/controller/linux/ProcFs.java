package taskmaster.controller.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads /proc (proc(5)). What is gone while we read it is simply not there. */
final class ProcFs {
  private static final Path PROC = Path.of("/proc");

  /** USER_HZ, which has been 100 on every architecture that we run on (proc_pid_stat(5)). */
  static final long TICKS_PER_SECOND = 100;

  private ProcFs() {}

  /**
   * @param startTime in clock ticks since boot: with the pid it names a process for good
   * @param exitStatus of a zombie, as wait(2) tells it; 0 also where we may not know
   */
  record Stat(int pid, char state, int ppid, int pgrp, int session, long startTime, int exitStatus) {
    boolean isAlive() {
      return state != 'Z' && state != 'X';
    }
  }

  static Optional<Stat> stat(int pid) {
    try {
      String text = Files.readString(PROC.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
      // the second field is the name in parentheses, and may itself hold spaces and parentheses
      String[] f = text.substring(text.lastIndexOf(')') + 2).split(" ");
      return Optional.of(
          new Stat(
              pid,
              f[0].charAt(0),
              Integer.parseInt(f[1]),
              Integer.parseInt(f[2]),
              Integer.parseInt(f[3]),
              Long.parseLong(f[19]),
              f.length > 49 ? Integer.parseInt(f[49].strip()) : 0));
    } catch (IOException e) {
      return goneOr(e);
    }
  }

  /** That a process has ended is an answer; that we cannot look (no descriptor left) is none. */
  private static <T> Optional<T> goneOr(IOException e) {
    boolean gone = e instanceof NoSuchFileException || String.valueOf(e.getMessage()).contains("No such process");
    if (gone) return Optional.empty();
    throw new UncheckedIOException(e);
  }

  /** The direct children of a process, zombies included. */
  static List<Integer> children(String pid) {
    List<Integer> children = new ArrayList<>();
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(PROC.resolve(pid + "/task"))) {
      for (Path task : tasks) {
        try {
          String text = Files.readString(task.resolve("children"), StandardCharsets.ISO_8859_1);
          for (String word : text.split(" ")) if (!word.isBlank()) children.add(Integer.parseInt(word.strip()));
        } catch (IOException e) {
          goneOr(e); // a thread that ended; its children went to another
        }
      }
    } catch (IOException e) {
      goneOr(e);
    }
    return children;
  }

  /** Every process of this pid namespace. */
  static List<Stat> all() {
    List<Stat> all = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path entry : entries) stat(Integer.parseInt(entry.getFileName().toString())).ifPresent(all::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  /** The names of the pipes in {@code folder} that a process holds, if we may look. */
  static Set<String> pipesHeld(int pid, Path folder) {
    Set<String> names = new HashSet<>();
    try (DirectoryStream<Path> fds = Files.newDirectoryStream(PROC.resolve(pid + "/fd"))) {
      for (Path fd : fds) {
        try {
          Path target = Files.readSymbolicLink(fd);
          if (folder.equals(target.getParent())) names.add(target.getFileName().toString());
        } catch (IOException closedMeanwhile) {
          continue;
        }
      }
    } catch (IOException goneOrForbidden) {
      return names;
    }
    return names;
  }

  /** How long the machine is up, in clock ticks, in the clock that start times are told in. */
  static long ticksSinceBoot() {
    try {
      String text = Files.readString(PROC.resolve("uptime"), StandardCharsets.US_ASCII);
      return (long) (Double.parseDouble(text.substring(0, text.indexOf(' '))) * TICKS_PER_SECOND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Children, their children, and so on; not the process itself. */
  static List<Integer> descendants(int pid) {
    List<Integer> all = new ArrayList<>();
    Deque<Integer> open = new ArrayDeque<>(children(Integer.toString(pid)));
    while (!open.isEmpty() && all.size() < 100_000) {
      int next = open.removeFirst();
      all.add(next);
      open.addAll(children(Integer.toString(next)));
    }
    return all;
  }

  /** A variable of the environment that the process was started with, if it may be read and still stands there. */
  static Optional<String> variable(int pid, String name) {
    try {
      String all = Files.readString(PROC.resolve(pid + "/environ"), StandardCharsets.ISO_8859_1);
      for (String entry : all.split("\0")) {
        if (entry.startsWith(name + "=")) return Optional.of(entry.substring(name.length() + 1));
      }
      return Optional.empty();
    } catch (IOException goneOrForbidden) {
      return Optional.empty();
    }
  }
}
