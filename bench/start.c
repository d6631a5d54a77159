/* SPDX-License-Identifier: MIT */
/* start.c - what the preload module takes of a process's start.
 *
 *   start MODULE ROUNDS COMMAND...
 *
 * Runs the command in turns without LD_PRELOAD and with it, so that both meet
 * the same noise. Prints both medians in milliseconds, and what the module
 * adds: the median of the differences. What the command prints is lost. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

#define MOST 10000

static double now_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* The milliseconds of one run; negative: it failed. */
static double run(char *const *command,
                  const posix_spawn_file_actions_t *quiet)
{
  const double began = now_ms();
  pid_t pid;
  int status;
  if(posix_spawnp(&pid, command[0], quiet, NULL, command, environ) ||
     waitpid(pid, &status, 0) != pid || status)
    return -1;
  return now_ms() - began;
}

static int compare(const void *a, const void *b)
{
  const double x = *(const double *)a;
  const double y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *list, size_t n)
{
  qsort(list, n, sizeof(*list), compare);
  return (list[n / 2] + list[(n - 1) / 2]) / 2;
}

/* 0 where each run was good. */
static int measure(const char *module, size_t n, char *const *command)
{
  static double without[MOST];
  static double with[MOST];
  static double more[MOST];
  posix_spawn_file_actions_t quiet;
  if(posix_spawn_file_actions_init(&quiet) ||
     posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0) ||
     posix_spawn_file_actions_adddup2(&quiet, 1, 2))
    return 1;
  for(size_t i = 0; i < n; i++) {
    unsetenv("LD_PRELOAD");
    without[i] = run(command, &quiet);
    if(setenv("LD_PRELOAD", module, 1))
      return 1;
    with[i] = run(command, &quiet);
    if(without[i] < 0 || with[i] < 0)
      return 1;
    more[i] = with[i] - without[i];
  }
  posix_spawn_file_actions_destroy(&quiet);
  printf("%.2f %.2f %.2f\n", median(without, n), median(with, n),
         median(more, n));
  return 0;
}

int main(int argc, char **argv)
{
  const size_t n = argc > 3 ? strtoul(argv[2], NULL, 10) : 0;
  if(!n || n > MOST) {
    fprintf(stderr, "usage: start MODULE ROUNDS COMMAND...\n");
    return 2;
  }
  if(measure(argv[1], n, argv + 3)) {
    fprintf(stderr, "start: %s failed\n", argv[3]);
    return 1;
  }
  return 0;
}
