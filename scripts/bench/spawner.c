// The least that a supervisor can do: posix_spawn N children, start again those that end, end them on TERM.
// usage: spawner N CHILD RECORDS
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static posix_spawnattr_t attr;
static posix_spawn_file_actions_t actions;
static const char *child, *records;

static pid_t start(int number) {
  char name[16];
  snprintf(name, sizeof name, "p%05d", number);
  char *argv[] = {(char *)child, (char *)records, name, NULL};
  pid_t pid;
  if (posix_spawn(&pid, child, &actions, &attr, argv, environ) != 0) {
    fprintf(stderr, "spawner: cannot start %s\n", child);
    exit(1);
  }
  return pid;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int count = atoi(argv[1]);
  child = argv[2];
  records = argv[3];
  pid_t *pids = calloc(count, sizeof *pids);
  sigset_t none, waited;
  sigemptyset(&none);
  sigemptyset(&waited);
  sigaddset(&waited, SIGTERM);
  sigaddset(&waited, SIGCHLD);
  sigprocmask(SIG_BLOCK, &waited, NULL);
  posix_spawnattr_init(&attr);
  posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setsigmask(&attr, &none);
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);

  for (int i = 0; i < count; i++) pids[i] = start(i + 1);
  while (sigwaitinfo(&waited, NULL) != SIGTERM) {
    for (pid_t gone; (gone = waitpid(-1, NULL, WNOHANG)) > 0;) {
      for (int i = 0; i < count; i++) {
        if (pids[i] == gone) pids[i] = start(i + 1);
      }
    }
  }
  for (int i = 0; i < count; i++) kill(pids[i], SIGTERM);
  while (wait(NULL) > 0) {}
  return 0;
}
