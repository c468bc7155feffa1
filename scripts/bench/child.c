// A program to be supervised: notes when it began and waits.
// usage: child RECORDS NAME
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  if (argc != 3) return 2;
  char line[128];
  // 64 bytes a line, so that the size of the file is the count; one write with O_APPEND is never torn
  int length = snprintf(line, sizeof line, "%020lld %010d %-31.31s\n",
                        now.tv_sec * 1000000000LL + now.tv_nsec, (int)getpid(), argv[2]);
  int file = open(argv[1], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || write(file, line, length) != length) return 1;
  close(file);
  for (;;) pause();
}
