package taskmaster.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import taskmaster.api.Command;
import taskmaster.api.InstanceStatus;
import taskmaster.api.Phase;
import taskmaster.api.Target;
import taskmaster.controller.config.Accounts;
import taskmaster.controller.config.ConfigRejected;
import taskmaster.controller.core.Goal;
import taskmaster.controller.core.Statuses;
import taskmaster.controller.linux.Capabilities;

/** Real children hold exactly what the file asked for, as the kernel tells it. */
@Timeout(60)
class IdentityIT {
  private static final Accounts ACCOUNTS = SystemAccounts.surroundings().accounts();

  @TempDir Path folder;
  private @Nullable Daemon daemon;

  private void start(String programs) throws Exception {
    write(programs);
    daemon = Daemon.start(folder.resolve("tm.yaml"), Daemon.silent());
  }

  private void write(String programs) throws IOException {
    String head = "daemon: { socket: tm.sock, pidfile: tm.pid, state: state, logfile: logs/daemon.log }\nprograms:\n";
    Files.writeString(folder.resolve("tm.yaml"), head + programs.indent(2));
  }

  @AfterEach
  void it_ends() throws Exception {
    Daemon running = daemon;
    if (running == null) return;
    running.shutdown("end of test", Command.Shutdown.How.GRACEFULLY);
    running.awaitEnd();
  }

  private Daemon daemon() {
    return Objects.requireNonNull(daemon);
  }

  private InstanceStatus status(String instance) {
    return new Statuses(daemon().control().snapshot(), daemon().control().now(), Instant.now(), id -> 0).instance(World.id(instance)).orElseThrow();
  }

  private void awaitPhase(String instance, Phase phase) {
    await().pollInterval(Duration.ofMillis(10)).untilAsserted(() -> assertThat(status(instance).phase()).as(status(instance).reason()).isEqualTo(phase));
  }

  /** Of a process that has become the program: the tools before it are other programs. */
  private int pidOf(String instance, String program) {
    await().pollInterval(Duration.ofMillis(10)).untilAsserted(() -> {
      Integer pid = status(instance).pid();
      assertThat(pid).as(status(instance).reason()).isNotNull();
      assertThat(Files.readString(Path.of("/proc/" + pid + "/comm")).strip()).isEqualTo(program);
    });
    return Objects.requireNonNull(status(instance).pid());
  }

  private static String proc(int pid, String file) throws IOException {
    return Files.readString(Path.of("/proc/" + pid + "/" + file));
  }

  private static String field(int pid, String name) throws IOException {
    return proc(pid, "status").lines().filter(l -> l.startsWith(name + ":")).findFirst().orElseThrow().substring(name.length() + 1).strip().replace('\t', ' ');
  }

  private static List<String> environment(int pid) throws IOException {
    return List.of(proc(pid, "environ").split("\0"));
  }

  private static String limit(int pid, String name) throws IOException {
    return proc(pid, "limits").lines().filter(l -> l.startsWith(name)).findFirst().orElseThrow().substring(name.length()).strip().replaceAll(" +", " ");
  }

  private static void assumeRoot() {
    assumeTrue(Capabilities.maySwitchUser(), "needs root: another user is asked for");
    assumeTrue(ACCOUNTS.user("nobody").isPresent(), "there is no user nobody");
  }

  private static Accounts.User nobody() {
    return ACCOUNTS.user("nobody").orElseThrow();
  }

  @Test
  void another_user_is_another_user_altogether() throws Exception {
    assumeRoot();
    start("web: { cmd: sleep 100000, user: nobody, workingdir: /, starttime: 0 }");
    int pid = pidOf("web:0", "sleep");
    long uid = nobody().uid();
    long gid = nobody().gid();
    assertThat(field(pid, "Uid")).isEqualTo("%d %d %d %d".formatted(uid, uid, uid, uid));
    assertThat(field(pid, "Gid")).isEqualTo("%d %d %d %d".formatted(gid, gid, gid, gid));
    assertThat(field(pid, "Groups")).isEqualTo(Long.toString(gid));
    for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapAmb")) assertThat(field(pid, set)).as(set).isEqualTo("0000000000000000");
    assertThat(environment(pid)).contains("USER=nobody", "LOGNAME=nobody", "HOME=" + nobody().home(), "SHELL=" + nobody().shell());
    String stat = proc(pid, "stat");
    String[] ids = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    assertThat(List.of(ids[2], ids[3])).as("its group and session are still its own").containsOnly(Integer.toString(pid));
  }

  @Test
  void supplementary_groups_are_those_of_the_account_or_none() throws Exception {
    assumeRoot();
    Optional<Accounts.Group> other = ACCOUNTS.group("daemon");
    assumeTrue(other.isPresent(), "there is no group daemon");
    long gid = other.orElseThrow().gid();
    start(
        """
        named: { cmd: sleep 100000, user: nobody, group: daemon, workingdir: /, starttime: 0 }
        number: { cmd: sleep 100000, user: 54321, group: 54322, workingdir: /, starttime: 0 }
        alone: { cmd: sleep 100000, group: daemon, workingdir: /, starttime: 0 }
        """);
    int named = pidOf("named:0", "sleep");
    assertThat(field(named, "Gid")).startsWith(gid + " ");
    List<String> groups = ACCOUNTS.groups("nobody", gid).stream().map(String::valueOf).toList();
    assertThat(field(named, "Groups").split(" ")).containsExactlyInAnyOrderElementsOf(groups);
    int number = pidOf("number:0", "sleep");
    assertThat(field(number, "Uid")).startsWith("54321 ");
    assertThat(field(number, "Groups")).isEqualTo("54322");
    assertThat(environment(number)).contains("USER=54321", "HOME=/");
    int alone = pidOf("alone:0", "sleep");
    assertThat(field(alone, "Uid")).startsWith("0 ");
    assertThat(field(alone, "Gid")).startsWith(gid + " ");
  }

  @Test
  void limits_nice_and_oom_score_are_exactly_what_was_asked() throws Exception {
    start(
        """
        web:
          cmd: sleep 100000
          starttime: 0
          umask: 027
          limits: { nofile: "100:200", nproc: 4000, core: 0, memlock: 32KB, as: 1GB, cpu: 1h }
          nice: 12
          oom_score_adj: 900
        """);
    int pid = pidOf("web:0", "sleep");
    assertThat(limit(pid, "Max open files")).isEqualTo("100 200 files");
    assertThat(limit(pid, "Max processes")).isEqualTo("4000 4000 processes");
    assertThat(limit(pid, "Max core file size")).isEqualTo("0 0 bytes");
    assertThat(limit(pid, "Max locked memory")).isEqualTo("32768 32768 bytes");
    assertThat(limit(pid, "Max address space")).isEqualTo("1073741824 1073741824 bytes");
    assertThat(limit(pid, "Max cpu time")).isEqualTo("3600 3600 seconds");
    assertThat(proc(pid, "stat").substring(proc(pid, "stat").lastIndexOf(')') + 2).split(" ")[16]).isEqualTo("12");
    assertThat(proc(pid, "oom_score_adj").strip()).isEqualTo("900");
    assertThat(field(pid, "Umask")).isEqualTo("0027");
  }

  @Test
  void all_of_it_together_with_another_user() throws Exception {
    assumeRoot();
    start(
        """
        web:
          cmd: sleep 100000
          workingdir: /
          starttime: 0
          user: nobody
          umask: 077
          limits: { nofile: 64, core: unlimited }
          nice: -3
          oom_score_adj: 50
          env: { LD_LIBRARY_PATH: /nowhere }
        """);
    int pid = pidOf("web:0", "sleep");
    assertThat(field(pid, "Uid")).startsWith(nobody().uid() + " ");
    assertThat(limit(pid, "Max open files")).isEqualTo("64 64 files");
    assertThat(limit(pid, "Max core file size")).isEqualTo("unlimited unlimited bytes");
    assertThat(proc(pid, "stat").substring(proc(pid, "stat").lastIndexOf(')') + 2).split(" ")[16]).isEqualTo("-3");
    assertThat(proc(pid, "oom_score_adj").strip()).isEqualTo("50");
    assertThat(field(pid, "Umask")).isEqualTo("0077");
    assertThat(field(pid, "CapEff")).isEqualTo("0000000000000000");
    assertThat(environment(pid)).contains("LD_LIBRARY_PATH=/nowhere");
  }

  /** Else who owns that folder would decide what the tools load while they are still root. */
  @Test
  void the_tools_never_see_the_loaders_variables() throws Exception {
    assumeRoot();
    Path library = folder.resolve("libevil.so");
    Files.writeString(library, "not an object");
    start("web: { cmd: sleep 100000, workingdir: /, starttime: 0, user: nobody, nice: 1, env: { LD_PRELOAD: " + library + " } }");
    pidOf("web:0", "sleep");
    await().untilAsserted(() -> assertThat(folder.resolve("logs/web-0.stderr.log")).exists());
    // ld.so names itself after the program that it could not do it for
    assertThat(Files.readAllLines(folder.resolve("logs/web-0.stderr.log"))).noneMatch(l -> l.contains("setpriv") || l.contains("nice"));
  }

  /** Says READY=1, and as its state where; then it says nothing any more. */
  private static final String SAYS_WHERE =
      """
      import os, socket, time
      where = os.environ["NOTIFY_SOCKET"]
      socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"READY=1\\nSTATUS=" + where.encode(), where)
      time.sleep(100000)
      """;

  @Test
  void a_notify_socket_is_its_users_alone_and_goes_with_its_program() throws Exception {
    assumeRoot();
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(folder.resolve("says.py"), SAYS_WHERE);
    start(
        """
        web: { cmd: [python3, says.py], user: nobody, starttime: 0, ready: { notify: true } }
        own: { cmd: [python3, says.py], starttime: 0, ready: { notify: true } }
        """);
    Path socket = socketOf("web:0");
    Path own = socketOf("own:0");
    int pid = Objects.requireNonNull(status("web:0").pid());
    assertIsAlone(socket);
    assertThat(said(nobody().uid(), own)).as("another user's").isEqualTo("Permission denied");

    daemon().shutdown("to be replaced", Command.Shutdown.How.KEEPING);
    daemon().awaitEnd();
    daemon = Daemon.start(folder.resolve("tm.yaml"), Daemon.silent());
    assertThat(status("web:0").pid()).isEqualTo(pid);
    assertThat(status("web:0").ready()).isTrue();
    assertIsAlone(socket);
    await().untilAsserted(() -> assertThat(status("web:0").reason()).isEqualTo("by " + nobody().uid()));

    daemon().control().command(new Command.Stop(List.of(Target.parse("web"))));
    awaitPhase("web:0", Phase.STOPPED);
    assertThat(socket).doesNotExist();
    assertThat(socket.resolveSibling("")).as("of this daemon alone").doesNotExist();
    assertThat(own).exists();
  }

  private Path socketOf(String instance) {
    await().untilAsserted(() -> assertThat(status(instance).reason()).endsWith(".notify"));
    assertThat(status(instance).ready()).isTrue();
    return Path.of(status(instance).reason());
  }

  private static void assertIsAlone(Path socket) throws Exception {
    assertThat(Files.getAttribute(socket, "unix:uid")).isEqualTo((int) nobody().uid());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket))).isEqualTo("rw-------");
    Path common = Path.of("/run/taskmaster-notify");
    for (Path around : List.of(common, common.resolve(common.relativize(socket).getName(0)))) {
      assertThat(Files.getAttribute(around, "unix:uid")).as("%s", around).isEqualTo(0);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(around))).as("%s", around).isEqualTo("rwx--x--x");
    }
    assertThat(said(54321, socket)).as("a third user").isEqualTo("Permission denied");
    assertThat(said(nobody().uid(), socket)).isEqualTo("sent");
  }

  /** What becomes of a word that this user sends there. */
  private static String said(long uid, Path socket) throws Exception {
    String code =
        """
        import os, socket, sys
        try:
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"STATUS=by %d" % os.getuid(), sys.argv[1])
            print("sent")
        except OSError as e:
            print(e.strerror)
        """;
    ProcessBuilder builder = new ProcessBuilder(
        "setpriv", "--reuid=" + uid, "--regid=" + uid, "--clear-groups", "python3", "-c", code, socket.toString())
        .directory(new File("/")).redirectErrorStream(true);
    builder.environment().put("PATH", "/usr/local/bin:/usr/bin:/bin"); // root's own may lead to what is closed to others
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  @Test
  void its_output_can_be_opened_anew_by_name() throws Exception {
    assumeRoot();
    start(
        "web: { cmd: [sh, -c, 'echo one > /dev/stdout; echo two > /proc/self/fd/2; exec sleep 100000'], user: nobody, workingdir: /, starttime: 0 }");
    pidOf("web:0", "sleep");
    await().untilAsserted(() -> {
      assertThat(Files.readString(folder.resolve("logs/web-0.stdout.log"))).isEqualTo("one\n");
      assertThat(Files.readString(folder.resolve("logs/web-0.stderr.log"))).isEqualTo("two\n");
    });
  }

  @Test
  void what_that_user_may_not_execute_is_a_refused_start() throws Exception {
    assumeRoot();
    Path closed = Files.createDirectory(folder.resolve("closed"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.copy(Path.of("/bin/true"), closed.resolve("inside"));
    Path own = Files.copy(Path.of("/bin/true"), folder.resolve("own"));
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx------"));
    start(
        """
        inside: { cmd: closed/inside, user: nobody, startretries: 0 }
        own: { cmd: own, user: nobody, startretries: 0, env: { PATH: %s } }
        """.formatted(folder));
    awaitPhase("inside:0", Phase.FATAL);
    awaitPhase("own:0", Phase.FATAL);
    assertThat(status("inside:0").reason())
        .startsWith("cannot start: " + closed.resolve("inside") + ": Permission denied for user nobody (" + closed + " is closed to it)");
    assertThat(status("own:0").reason()).startsWith("cannot start: " + own + ": Permission denied for user nobody");
  }

  /** setpriv searches too, and still may what root may. */
  @Test
  void what_is_closed_to_that_user_is_passed_over_in_its_path() throws Exception {
    assumeRoot();
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path closed = Files.createDirectory(folder.resolve("closed"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path open = Files.createDirectory(folder.resolve("open"));
    for (Path in : List.of(closed, open)) Files.copy(Path.of("/bin/sleep"), in.resolve("tool"));
    start(
        """
        other: { cmd: tool 100000, user: nobody, workingdir: /, starttime: 0, env: { PATH: "%s:%s" } }
        root: { cmd: tool 100000, nice: 1, starttime: 0, env: { PATH: "%s:%s" } }
        """.formatted(closed, open, closed, open));
    assertThat(Path.of("/proc/" + pidOf("other:0", "tool") + "/exe").toRealPath()).isEqualTo(open.resolve("tool"));
    int root = pidOf("root:0", "tool");
    assertThat(Path.of("/proc/" + root + "/exe").toRealPath()).isEqualTo(closed.resolve("tool"));
    assertThat(proc(root, "cmdline")).as("its argv is the file's").isEqualTo("tool\000100000\0");
  }

  @Test
  void what_the_system_does_not_allow_is_a_refused_start() throws Exception {
    start("files: { cmd: sleep 1, limits: { nofile: unlimited }, startretries: 0 }");
    awaitPhase("files:0", Phase.FATAL);
    assertThat(status("files:0").reason()).startsWith("cannot start: limits.nofile unlimited is above what this system allows, ");
  }

  @Test
  void what_would_need_a_capability_is_a_refused_start() throws Exception {
    boolean may = (Long.parseUnsignedLong(field((int) ProcessHandle.current().pid(), "CapEff"), 16) >> 24 & 1) != 0;
    assumeTrue(!may, "we have CAP_SYS_RESOURCE");
    start("oom: { cmd: sleep 1, oom_score_adj: -500, startretries: 0 }");
    awaitPhase("oom:0", Phase.FATAL);
    assertThat(status("oom:0").reason()).startsWith("cannot start: oom_score_adj -500 is below the daemon's own, ").contains("needs CAP_SYS_RESOURCE");
  }

  @Test
  void the_environment_is_what_the_file_says_in_its_order() throws Exception {
    Files.writeString(folder.resolve("a.env"), "A=file\nB='from the file'\nexport C=\"two\\nlines\"\n");
    start(
        """
        web:
          cmd: [sh, -c, 'echo $$ $0 $1 > out-$1; echo out; exec sleep 100000', "${program}", "${index}"]
          numprocs: 2
          starttime: 0
          env_inherit: false
          env_file: a.env
          env: { A: env, WHO: "${instance}", TEXT: "$${index}" }
          stdout: "logs/${program}.${index}.out"
        """);
    for (int index = 0; index < 2; index++) {
      int pid = pidOf("web:" + index, "sleep");
      assertThat(environment(pid))
          .contains("A=env", "B=from the file", "C=two\nlines", "WHO=web:" + index, "TEXT=${index}", "TASKMASTER_INSTANCE=web:" + index)
          .anyMatch(v -> v.startsWith("PATH="))
          .filteredOn(v -> !v.startsWith("TASKMASTER_") && !v.startsWith("PWD=") && !v.startsWith("_=") && !v.startsWith("SHLVL=") && !v.startsWith("OLDPWD="))
          .hasSize(6);
      assertThat(Files.readString(folder.resolve("out-" + index))).isEqualTo(pid + " web " + index + "\n");
      Path log = folder.resolve("logs/web." + index + ".out");
      await().untilAsserted(() -> assertThat(log).hasContent("out\n"));
    }
  }

  @Test
  void a_changed_env_file_or_limit_restarts_at_the_next_reload_and_nothing_else_does() throws Exception {
    Files.writeString(folder.resolve("a.env"), "A=1\n");
    String keep = "keep: { cmd: sleep 100000, starttime: 0, env_file: b.env }\n";
    Files.writeString(folder.resolve("b.env"), "B=1\n");
    start("web: { cmd: sleep 100000, starttime: 0, env_file: a.env }\n" + keep + "lim: { cmd: sleep 100000, starttime: 0 }");
    int web = pidOf("web:0", "sleep");
    int kept = pidOf("keep:0", "sleep");
    int lim = pidOf("lim:0", "sleep");
    Files.writeString(folder.resolve("a.env"), "A=2\n");
    assertThat(daemon().control().reload(null).changes()).singleElement().satisfies(c -> {
      assertThat(c.program()).isEqualTo("web");
      assertThat(c.details()).containsExactly("env.A changed");
    });
    write("web: { cmd: sleep 100000, starttime: 0, env_file: a.env }\n" + keep + "lim: { cmd: sleep 100000, starttime: 0, nice: 7, limits: { nofile: 77 } }");
    assertThat(daemon().control().reload(null).changes()).singleElement().satisfies(c ->
        assertThat(c.details()).containsExactly("limits.nofile inherited -> 77", "nice inherited -> 7"));
    assertThat(daemon().control().await(new Goal.AtRest(List.of()), Duration.ofSeconds(20), () -> true)).isEqualTo(new Goal.Reached());
    assertThat(pidOf("web:0", "sleep")).isNotEqualTo(web);
    assertThat(environment(pidOf("web:0", "sleep"))).contains("A=2");
    assertThat(pidOf("lim:0", "sleep")).isNotEqualTo(lim);
    assertThat(pidOf("keep:0", "sleep")).isEqualTo(kept);
    Files.delete(folder.resolve("a.env"));
    assertThatThrownBy(() -> daemon().control().reload(null)).isInstanceOf(ConfigRejected.class).hasMessageContaining("a.env: no such file");
    assertThat(pidOf("keep:0", "sleep")).isEqualTo(kept);
    Files.writeString(folder.resolve("a.env"), "A=2\n");
  }
}
