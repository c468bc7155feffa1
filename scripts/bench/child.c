// A program to be supervised: notes when it began, then waits or writes.
// usage: child RECORDS NAME                 waits
//        child [ANY]                        the same: RECORDS is $BENCH_RECORDS, NAME the folder that it was started in
//        child RECORDS NAME flood MIB       once told by USR1, writes so much; notes when it began to and when it had
//        child RECORDS NAME chatter LINES   writes so many lines a second
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 4096, FLOOD_LINE = 128, CHATTER_LINE = 80 };

static void note(char **argv) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  char line[128];
  // 64 bytes a line, so that the size of the file is the count; one write with O_APPEND is never torn
  int length = snprintf(line, sizeof line, "%020lld %010d %-31.31s\n",
                        now.tv_sec * 1000000000LL + now.tv_nsec, (int)getpid(), argv[2]);
  int file = open(argv[1], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || write(file, line, length) != length) _exit(1);
  close(file);
}

static void say(const char *text, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t n = write(1, text + done, length - done);
    if (n < 0) _exit(1);
    done += n;
  }
}

static void flood(char **argv, const sigset_t *told) {
  char piece[PIECE];
  memset(piece, 'x', sizeof piece);
  for (int end = FLOOD_LINE; end <= PIECE; end += FLOOD_LINE) piece[end - 1] = '\n';
  int sig;
  sigwait(told, &sig);
  note(argv);
  for (long left = atol(argv[4]) * (1 << 20); left > 0; left -= PIECE) say(piece, PIECE);
  note(argv);
}

static void chatter(const char *name, long lines) {
  long period = 1000000000 / lines;
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  srand(getpid());
  next.tv_nsec += rand() % period; // not in step with the others
  for (long i = 0;; i++) {
    for (; next.tv_nsec >= 1000000000; next.tv_nsec -= 1000000000) next.tv_sec++;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    char line[CHATTER_LINE + 1];
    snprintf(line, sizeof line, "%-31.31s says %-42ld\n", name, i);
    say(line, CHATTER_LINE);
    next.tv_nsec += period;
  }
}

int main(int argc, char **argv) {
  sigset_t told;
  sigemptyset(&told);
  sigaddset(&told, SIGUSR1);
  sigprocmask(SIG_BLOCK, &told, NULL);
  char folder[4096];
  char *own[] = {argv[0], getenv("BENCH_RECORDS"), NULL, NULL};
  if (argc <= 2 && own[1] != NULL && getcwd(folder, sizeof folder) != NULL) {
    own[2] = strrchr(folder, '/') + 1;
    argv = own;
    argc = 3;
  }
  if (argc != 3 && argc != 5) return 2;
  note(argv);
  if (argc == 5 && strcmp(argv[3], "flood") == 0) flood(argv, &told);
  else if (argc == 5) chatter(argv[2], atol(argv[4]));
  for (;;) pause();
}
