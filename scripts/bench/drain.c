// The least that logging can cost: children with a pipe each, and what they write moved to a file each in FOLDER.
// usage: drain FOLDER 1 CHILD RECORDS flood MIB       one pipe, read(2) and write(2)
//        drain FOLDER N CHILD RECORDS chatter LINES   epoll(7) over all of them, every 10 ms
//        drain FOLDER 1 CHILD RECORDS flood MIB COMMAND…   becomes COMMAND, which reads the pipe
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 128 * 1024, MOST = 512, FULL = 32 * 1024, PAUSE = 10000000 };

typedef struct {
  int from, to;
} Stream;

static char buffer[BUFFER];

static void must(int ok, const char *what) {
  if (ok) return;
  perror(what);
  exit(1);
}

static Stream start(const char *folder, int number, char **args) {
  int ends[2];
  char name[16], path[4096];
  snprintf(name, sizeof name, "p%05d", number);
  snprintf(path, sizeof path, "%s/%s.log", folder, name);
  must(pipe2(ends, O_CLOEXEC) == 0, "pipe");
  Stream s = {ends[0], open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640)};
  must(s.to >= 0, path);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  char *argv[] = {args[0], args[1], name, args[2], args[3], NULL};
  pid_t pid;
  must(posix_spawn(&pid, args[0], &actions, NULL, argv, environ) == 0, args[0]);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  return s;
}

static ssize_t move(Stream s) {
  ssize_t n = read(s.from, buffer, BUFFER);
  for (ssize_t done = 0; done < n;) {
    ssize_t written = write(s.to, buffer + done, n - done);
    must(written > 0, "write");
    done += written;
  }
  return n;
}

int main(int argc, char **argv) {
  if (argc < 7) return 2;
  int count = atoi(argv[2]);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  Stream *streams = calloc(count, sizeof *streams);
  for (int i = 0; i < count; i++) {
    streams[i] = start(argv[1], i + 1, argv + 3);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &streams[i]};
    must(epoll_ctl(epoll, EPOLL_CTL_ADD, streams[i].from, &event) == 0, "epoll_ctl");
  }
  if (argc > 7) {
    dup2(streams[0].from, 0);
    execvp(argv[7], argv + 7);
    must(0, argv[7]);
  }
  if (count == 1) while (move(streams[0]) > 0) {}
  for (;;) {
    struct epoll_event ready[MOST];
    int full = 0;
    for (int i = epoll_wait(epoll, ready, MOST, -1); i > 0; i--) {
      full |= move(*(Stream *)ready[i - 1].data.ptr) >= FULL;
    }
    struct timespec pause = {0, PAUSE};
    if (!full) nanosleep(&pause, NULL);
  }
}
