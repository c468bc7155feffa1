// The least that a supervisor can do: posix_spawn N children, start again those that end, end them on TERM.
// usage: spawner N CHILD RECORDS           their output is discarded
//        spawner N CHILD RECORDS FOLDER    two new FIFOs in FOLDER for each run of each, that it keeps open and does not read
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH = 4096 };

typedef struct {
  pid_t pid;
  int runs;
  int pipes[2];
} Program;

static posix_spawnattr_t attr;
static const char *child, *records, *folder;

static void must(int ok, const char *what) {
  if (ok) return;
  perror(what);
  exit(1);
}

static void name_pipe(char *path, int number, const Program *p, int stream) {
  snprintf(path, PATH, "%s/p%05d.%d.%s", folder, number, p->runs, stream == 1 ? "stdout" : "stderr");
}

// As a supervisor needs it that survives: the child itself opens the FIFO by its name, for reading too (fifo(7)).
static void open_pipe(posix_spawn_file_actions_t *actions, int number, Program *p, int stream) {
  char path[PATH];
  name_pipe(path, number, p, stream);
  must(mkfifo(path, 0600) == 0, path);
  p->pipes[stream - 1] = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  must(p->pipes[stream - 1] >= 0, path);
  posix_spawn_file_actions_addopen(actions, stream, path, O_RDWR, 0);
}

static void close_pipes(int number, Program *p) {
  char path[PATH];
  for (int stream = 1; folder != NULL && stream <= 2; stream++) {
    close(p->pipes[stream - 1]);
    name_pipe(path, number, p, stream);
    unlink(path);
  }
}

static void start(int number, Program *p) {
  char name[16];
  snprintf(name, sizeof name, "p%05d", number);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  p->runs++;
  for (int stream = 1; stream <= 2; stream++) {
    if (folder != NULL) open_pipe(&actions, number, p, stream);
    else posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0);
  }
  char *argv[] = {(char *)child, (char *)records, name, NULL};
  must(posix_spawn(&p->pid, child, &actions, &attr, argv, environ) == 0, child);
  posix_spawn_file_actions_destroy(&actions);
}

int main(int argc, char **argv) {
  if (argc != 4 && argc != 5) return 2;
  int count = atoi(argv[1]);
  child = argv[2];
  records = argv[3];
  folder = argv[4];
  Program *programs = calloc(count, sizeof *programs);
  sigset_t none, waited;
  sigemptyset(&none);
  sigemptyset(&waited);
  sigaddset(&waited, SIGTERM);
  sigaddset(&waited, SIGCHLD);
  sigprocmask(SIG_BLOCK, &waited, NULL);
  posix_spawnattr_init(&attr);
  posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setsigmask(&attr, &none);

  for (int i = 0; i < count; i++) start(i + 1, &programs[i]);
  while (sigwaitinfo(&waited, NULL) != SIGTERM) {
    for (pid_t gone; (gone = waitpid(-1, NULL, WNOHANG)) > 0;) {
      for (int i = 0; i < count; i++) {
        if (programs[i].pid != gone) continue;
        close_pipes(i + 1, &programs[i]);
        start(i + 1, &programs[i]);
      }
    }
  }
  for (int i = 0; i < count; i++) kill(programs[i].pid, SIGTERM);
  while (wait(NULL) > 0) {}
  for (int i = 0; i < count; i++) close_pipes(i + 1, &programs[i]);
  return 0;
}
