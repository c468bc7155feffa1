// Takes the times, all of CLOCK_MONOTONIC in nanoseconds. What the children noted is in RECORDS (see child.c).
//   gauge launch FILE COMMAND…            writes the time to FILE and becomes COMMAND
//   gauge await RECORDS COUNT MS PID      waits until COUNT children have begun; prints when the last one did
//   gauge serve SOCKET                    gives each who asks a fixed answer of HTTP, until its parent ends
//   gauge answers SOCKET REQUEST MS PID   asks, REQUEST being a file, until a 200 comes; prints when it did
//   gauge restarts RECORDS TIMES MS PID   kills (grand)children of PID, one after another; prints how long each was gone
//   gauge begins RECORDS NAME MS COMMAND… runs COMMAND; prints how long it took until the child NAME began
//   gauge time TIMES COMMAND…             runs COMMAND; prints how long each run took
//   gauge stops RECORDS CHILD MS COMMAND… runs COMMAND; prints how long it took until the last child had ended
//   gauge sweep RECORDS CHILD             kills what is left of the children
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 64, NAME = 32, ANSWER_SECONDS = 5, MOST = 512 };

typedef struct {
  long long began;
  pid_t pid;
  char name[NAME];
} Record;

static void fail(const char *format, ...) {
  va_list args;
  va_start(args, format);
  fputs("gauge: ", stderr);
  vfprintf(stderr, format, args);
  fputc('\n', stderr);
  exit(1);
}

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void sleep_ms(long ms) {
  struct timespec t = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&t, NULL);
}

static int open_records(const char *path) {
  int file = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) fail("cannot read %s: %s", path, strerror(errno));
  return file;
}

static long count_of(int file) {
  struct stat s;
  return fstat(file, &s) == 0 ? s.st_size / LINE : 0;
}

static Record record(int file, long index) {
  char line[LINE + 1] = {0};
  Record r = {0};
  if (pread(file, line, LINE, index * LINE) != LINE || sscanf(line, "%lld %d %31s", &r.began, &r.pid, r.name) != 3) {
    fail("record %ld cannot be read", index);
  }
  return r;
}

static pid_t parent_of(pid_t pid) {
  char path[64], text[512] = {0};
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  char *end = length > 0 ? strrchr(text, ')') : NULL;
  int parent = -1;
  if (end == NULL || sscanf(end + 1, " %*c %d", &parent) != 1) return -1;
  return parent;
}

// Waits for a record of the name from index on: when that child began.
static long long await_name(int file, int watch, long *from, const char *name, long long deadline) {
  for (;;) {
    for (long count = count_of(file); *from < count;) {
      Record r = record(file, (*from)++);
      if (strcmp(r.name, name) == 0) return r.began;
    }
    long long left = deadline - now();
    if (left <= 0) fail("%s did not begin in time", name);
    struct pollfd p = {watch, POLLIN, 0};
    poll(&p, 1, (int)(left / 1000000) + 1);
    char events[4096];
    while (read(watch, events, sizeof events) > 0) {}
  }
}

static int watch_of(const char *path) {
  int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (watch < 0 || inotify_add_watch(watch, path, IN_MODIFY) < 0) fail("cannot watch %s: %s", path, strerror(errno));
  return watch;
}

static pid_t run(char **command) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  pid_t pid;
  int error = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
  if (error != 0) fail("cannot run %s: %s", command[0], strerror(error));
  return pid;
}

static void await_success(pid_t pid, const char *what) {
  int status;
  if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0) fail("%s failed", what);
}

static int launch(char **args) {
  FILE *file = fopen(args[0], "w");
  if (file == NULL) fail("cannot write %s", args[0]);
  fprintf(file, "%lld\n", now());
  fclose(file);
  execvp(args[1], args + 1);
  fail("cannot run %s: %s", args[1], strerror(errno));
  return 1;
}

// Looks at the file's size now and then, which costs the supervisor nothing; the times are the children's own.
static int await_all(const char *records, long count, long ms, pid_t daemon) {
  int file = open_records(records);
  for (long long deadline = now() + ms * 1000000LL; count_of(file) < count; sleep_ms(20)) {
    if (now() > deadline) fail("%ld of %ld programs began in %ld ms", count_of(file), count, ms);
    if (kill(daemon, 0) != 0) fail("the supervisor ended, %ld of %ld programs had begun", count_of(file), count);
  }
  long long last = 0;
  for (long i = 0; i < count; i++) {
    Record r = record(file, i);
    if (r.began > last) last = r.began;
  }
  printf("%lld\n", last);
  return 0;
}

static int restarts(const char *records, long times, long ms, pid_t daemon) {
  int file = open_records(records);
  int watch = watch_of(records);
  long first = count_of(file);
  if (times > first) fail("only %ld children for %ld kills", first, times);
  srand(1);
  for (long i = 0; i < times; i++) {
    sleep_ms(100 + rand() % 200); // not in step with anybody's clock
    Record victim = record(file, i);
    pid_t parent = parent_of(victim.pid); // s6 and runit put a process of their own between
    if (parent != daemon && parent_of(parent) != daemon) fail("%d is no child of %d", victim.pid, daemon);
    long from = count_of(file);
    long long killed = now();
    if (kill(victim.pid, SIGKILL) != 0) fail("cannot kill %d: %s", victim.pid, strerror(errno));
    printf("%lld\n", await_name(file, watch, &from, victim.name, killed + ms * 1000000LL) - killed);
  }
  return 0;
}

static int begins(const char *records, const char *name, long ms, char **command) {
  int file = open_records(records);
  int watch = watch_of(records);
  long from = count_of(file);
  long long asked = now();
  pid_t pid = run(command);
  long long began = await_name(file, watch, &from, name, asked + ms * 1000000LL);
  await_success(pid, command[0]);
  printf("%lld\n", began - asked);
  return 0;
}

static int time_of(long times, char **command) {
  for (long i = 0; i < times; i++) {
    long long begun = now();
    await_success(run(command), command[0]);
    printf("%lld\n", now() - begun);
  }
  return 0;
}

// A pid may be somebody else's by now: only what runs our own child is one of ours.
static int runs_child(pid_t pid, const char *child) {
  char link[64], target[4096] = {0};
  snprintf(link, sizeof link, "/proc/%d/exe", pid);
  return readlink(link, target, sizeof target - 1) > 0 && strcmp(target, child) == 0;
}

static int sweep(const char *records, const char *child) {
  int file = open_records(records);
  for (long i = 0, count = count_of(file); i < count; i++) {
    pid_t pid = record(file, i).pid;
    if (runs_child(pid, child)) kill(pid, SIGKILL);
  }
  return 0;
}

// A pidfd is readable once its process has ended, reaped or not (pidfd_open(2)): nobody is polled, and no pid is taken for
// another's. What happens to the zombie is the supervisor's affair and not waited for.
static int stops(const char *records, const char *child, long ms, char **command) {
  int file = open_records(records);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  long alive = 0;
  for (long i = 0, count = count_of(file); i < count; i++) {
    pid_t pid = record(file, i).pid;
    if (!runs_child(pid, child)) continue;
    int fd = syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0 && errno == ESRCH) continue;
    struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.fd = fd};
    if (fd < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) fail("cannot watch %d: %s", pid, strerror(errno));
    alive++;
  }
  if (alive == 0) fail("nothing runs that could be stopped");
  long long asked = now();
  pid_t asker = run(command);
  while (alive > 0) {
    long long left = asked + ms * 1000000LL - now();
    if (left <= 0) fail("%ld programs were not stopped in %ld ms", alive, ms);
    struct epoll_event ended[MOST];
    int n = epoll_wait(epoll, ended, MOST, (int)(left / 1000000) + 1);
    if (n > 0) alive -= n;
  }
  printf("%lld\n", now() - asked);
  await_success(asker, command[0]);
  return 0;
}

static struct sockaddr_un address_of(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) fail("%s is too long", path);
  strcpy(address.sun_path, path);
  return address;
}

_Noreturn static void serve(const char *path) {
  static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nOK\n";
  struct sockaddr_un address = address_of(path);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 8) != 0) fail("cannot listen on %s: %s", path, strerror(errno));
  for (;;) {
    char request[4096];
    int client = accept(listener, NULL, NULL);
    if (client < 0) continue;
    if (recv(client, request, sizeof request, 0) > 0) send(client, answer, sizeof answer - 1, MSG_NOSIGNAL);
    close(client);
  }
}

// Whether the one who listens there answers with 200.
static int answered(const struct sockaddr_un *address, const char *request, size_t length) {
  char start[16] = {0};
  size_t got = 0;
  int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct timeval limit = {ANSWER_SECONDS, 0};
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  int reached = connect(s, (const struct sockaddr *)address, sizeof *address) == 0
      && send(s, request, length, MSG_NOSIGNAL) == (ssize_t)length;
  for (ssize_t n = 1; reached && n > 0 && got < 12; got += n > 0 ? n : 0) n = recv(s, start + got, 12 - got, 0);
  close(s);
  return got == 12 && strncmp(start, "HTTP/1.", 7) == 0 && strcmp(start + 8, " 200") == 0;
}

static int answers(const char *path, const char *request, long ms, pid_t daemon) {
  char text[4096];
  int file = open(request, O_RDONLY | O_CLOEXEC);
  ssize_t length = read(file, text, sizeof text);
  struct sockaddr_un address = address_of(path);
  if (length <= 0) fail("cannot read %s", request);
  for (long long deadline = now() + ms * 1000000LL; !answered(&address, text, length); sleep_ms(1)) {
    if (now() > deadline) fail("no answer from %s in %ld ms", path, ms);
    if (kill(daemon, 0) != 0) fail("the supervisor ended before it answered");
  }
  printf("%lld\n", now());
  return 0;
}

int main(int argc, char **argv) {
  const char *verb = argc > 1 ? argv[1] : "";
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (strcmp(verb, "launch") == 0 && argc > 3) return launch(argv + 2);
  if (strcmp(verb, "await") == 0 && argc == 6) return await_all(argv[2], atol(argv[3]), atol(argv[4]), atoi(argv[5]));
  if (strcmp(verb, "restarts") == 0 && argc == 6) return restarts(argv[2], atol(argv[3]), atol(argv[4]), atoi(argv[5]));
  if (strcmp(verb, "begins") == 0 && argc > 5) return begins(argv[2], argv[3], atol(argv[4]), argv + 5);
  if (strcmp(verb, "time") == 0 && argc > 3) return time_of(atol(argv[2]), argv + 3);
  if (strcmp(verb, "serve") == 0 && argc == 3) serve(argv[2]);
  if (strcmp(verb, "answers") == 0 && argc == 6) return answers(argv[2], argv[3], atol(argv[4]), atoi(argv[5]));
  if (strcmp(verb, "stops") == 0 && argc > 5) return stops(argv[2], argv[3], atol(argv[4]), argv + 5);
  if (strcmp(verb, "sweep") == 0 && argc == 4) return sweep(argv[2], argv[3]);
  fprintf(stderr, "usage: see gauge.c\n");
  return 2;
}
