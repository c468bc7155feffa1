package taskmaster.controller.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Attributes;
import taskmaster.api.Identity;
import taskmaster.api.Limits;
import taskmaster.api.Limits.Limit;
import taskmaster.api.Limits.Resource;
import taskmaster.api.Shape;

/**
 * What a process is before it becomes the program: the system's own tools, each of which sets one thing and becomes the
 * next. Pid, session and group stay. Since they would say in the program's log what went wrong, and nice(1) would go on
 * all the same, what they would not be allowed is found out before.
 */
final class ExecPrefix {
  private static final int RLIMIT_NICE = 13;
  private static final long GETPRIORITY = System.getProperty("os.arch").equals("aarch64") ? 141 : 140;
  private static final String OWN_OOM_SCORE_ADJ = "/proc/self/oom_score_adj";
  private static final String MOST_FILES = "/proc/sys/fs/nr_open";
  private static final String UTIL_LINUX = "util-linux";

  private ExecPrefix() {}

  /**
   * @param identity null: the daemon's own is kept
   * @param unset variables that the program does not get, whatever the tools add, unless they are {@code late}
   * @param late variables that only the program itself may see, not the tools
   * @throws IOException why it cannot be, as a sentence's end
   */
  static List<String> of(Shape shape, @Nullable Identity identity, Set<String> unset, Map<String, String> late) throws IOException {
    List<String> words = new ArrayList<>();
    Integer umask = shape.umask();
    if (umask != null) words.addAll(List.of("/bin/sh", "-c", "umask 0" + Integer.toOctalString(umask) + "; exec \"$@\"", "sh"));
    Attributes attributes = shape.attributes();
    Integer oomScoreAdj = attributes.oomScoreAdj();
    if (oomScoreAdj != null) {
      checkOomScoreAdj(oomScoreAdj);
      words.addAll(List.of(Tools.path("choom", "oom_score_adj", UTIL_LINUX), "-n", Integer.toString(oomScoreAdj), "--"));
    }
    if (!attributes.limits().isEmpty()) {
      words.add(Tools.path("prlimit", "limits", UTIL_LINUX));
      for (Map.Entry<Resource, Limit> e : attributes.limits().of().entrySet()) {
        checkLimit(e.getKey(), e.getValue());
        words.add("--" + e.getKey().key() + "=" + e.getValue().both());
      }
      words.add("--");
    }
    Integer nice = attributes.nice();
    if (nice != null) {
      int own = ownNice();
      checkNice(nice, own);
      words.addAll(List.of(Tools.path("nice", "nice", "coreutils"), "-n", Integer.toString(nice - own), "--"));
    }
    if (identity != null) {
      words.addAll(List.of(Tools.path("setpriv", "user", UTIL_LINUX), "--reuid=" + identity.uid(), "--regid=" + identity.gid()));
      words.add(identity.groups().isEmpty() ? "--clear-groups" : "--groups=" + joined(identity.groups()));
      words.addAll(List.of("--inh-caps=-all", "--ambient-caps=-all", "--"));
    }
    if (!late.isEmpty() || !unset.isEmpty()) {
      words.add(Tools.path("env", "env", "coreutils"));
      for (String name : unset) if (!late.containsKey(name)) words.addAll(List.of("-u", name));
      words.add("--");
      late.forEach((name, value) -> words.add(name + "=" + value));
    }
    return words;
  }

  private static String joined(List<Long> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  private static String needing(String capability) {
    return ", which needs " + capability + (Host.uid() == 0 ? "" : "; start the daemon as root");
  }

  private static void checkOomScoreAdj(int wanted) throws IOException {
    if (Capabilities.mayRaiseLimits()) return;
    long own = number(OWN_OOM_SCORE_ADJ, -1000);
    if (wanted < own) {
      throw new IOException("oom_score_adj " + wanted + " is below the daemon's own, " + own + needing("CAP_SYS_RESOURCE"));
    }
  }

  private static void checkLimit(Resource resource, Limit wanted) throws IOException {
    String what = "limits." + resource.key() + " " + wanted;
    if (resource == Resource.NOFILE) {
      long most = number(MOST_FILES, Limit.UNLIMITED);
      if (Limit.isMore(wanted.hard(), most)) throw new IOException(what + " is above what this system allows, " + most + " (sysctl fs.nr_open)");
    }
    if (Capabilities.mayRaiseLimits()) return;
    long most = own(number(resource)).hard();
    if (Limit.isMore(wanted.hard(), most)) {
      throw new IOException(what + " is above the daemon's own hard limit, " + most + needing("CAP_SYS_RESOURCE"));
    }
  }

  /** getrlimit(2) */
  private static int number(Resource resource) {
    return switch (resource) {
      case CPU -> 0;
      case CORE -> 4;
      case NPROC -> 6;
      case NOFILE -> 7;
      case MEMLOCK -> 8;
      case AS -> 9;
    };
  }

  /** What a process has of it that does not ask for another. */
  static Limit inherited(Resource resource) {
    return resource == Resource.NOFILE ? FileLimit.ofChildren() : own(number(resource));
  }

  static int inheritedOomScoreAdj() {
    return (int) number(OWN_OOM_SCORE_ADJ, 0);
  }

  private static Limit own(int resource) {
    Scratch scratch = Scratch.of(0);
    int limit = scratch.struct(16);
    Libc.PRLIMIT.call(0, resource, 0, scratch.address(limit));
    return new Limit(scratch.getLong(limit), scratch.getLong(limit + 8));
  }

  /** nice(1) adds to it. */
  static int ownNice() {
    return 20 - Libc.SYSCALL.call(GETPRIORITY, 0, 0); // the system call's answer is never negative
  }

  private static void checkNice(int wanted, int own) throws IOException {
    if (wanted >= own || Capabilities.mayRaisePriority()) return;
    long ceiling = own(RLIMIT_NICE).soft();
    if (ceiling == Limit.UNLIMITED || 20 - wanted <= ceiling) return;
    throw new IOException("nice " + wanted + " is a higher priority than the daemon's own, " + own + needing("CAP_SYS_NICE"));
  }

  private static long number(String file, long otherwise) {
    try {
      String text = ProcFs.read(file);
      return text == null ? otherwise : Long.parseLong(text.strip());
    } catch (UncheckedIOException | NumberFormatException unknown) {
      return otherwise;
    }
  }
}
