/* SPDX-License-Identifier: MIT */
#include "sample.h"
#include "lab/labctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const mode_words[MODES] = {
  "curl", "easy", "perform", "epoll"
};

/* -- samples ----------------------------------------------------------- */

bool sample_read(struct sample *sample, const char *line)
{
  if(sscanf(line, "%lf %47s %d", &sample->ms, sample->winner,
            &sample->code) == 3)
    return true;
  sample->code = -1;
  return false;
}

static int by_size(const void *a, const void *b)
{
  double x = *(const double *)a;
  double y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *list, int n)
{
  if(!n)
    return 0;
  qsort(list, (size_t)n, sizeof(*list), by_size);
  return n % 2 ? list[n / 2] : (list[n / 2 - 1] + list[n / 2]) / 2;
}

int samples_failed(const struct sample *list, int n)
{
  int failed = 0;
  int i;
  for(i = 0; i < n; i++)
    failed += list[i].code != 0;
  return failed;
}

double samples_ms(const struct sample *list, int n)
{
  bool any = samples_failed(list, n) < n;
  double ms[MAX_RUNS];
  int kept = 0;
  int i;
  for(i = 0; i < n; i++)
    if(!any || !list[i].code)
      ms[kept++] = list[i].ms;
  return median(ms, kept);
}

long samples_syns(const struct sample *list, int n)
{
  double syns[MAX_RUNS];
  int i;
  for(i = 0; i < n; i++)
    syns[i] = (double)list[i].syns;
  return (long)median(syns, n);
}

void samples_time(const struct sample *list, int n, char *text, size_t size)
{
  if(samples_failed(list, n) == n)
    snprintf(text, size, "fails %.0f", samples_ms(list, n));
  else
    snprintf(text, size, "%.1f", samples_ms(list, n));
}

/* -- programs ---------------------------------------------------------- */

/* A pipe that no other program gets. */
static bool open_pipe(int ends[2])
{
  if(pipe(ends))
    return false;
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  return true;
}

static void close_pipe(const int ends[2])
{
  close(ends[0]);
  close(ends[1]);
}

pid_t start_program(const char *const *argv, int *out, int *in)
{
  int from[2];
  int to[2] = { -1, -1 };
  pid_t pid;
  if(!open_pipe(from))
    return -1;
  if(in && !open_pipe(to)) {
    close_pipe(from);
    return -1;
  }
  pid = fork();
  if(!pid) {
    if(dup2(from[1], STDOUT_FILENO) >= 0 &&
       (!in || dup2(to[0], STDIN_FILENO) >= 0))
      execv(*argv, (char **)(uintptr_t)argv);
    _exit(127);
  }
  if(pid < 0) {
    close_pipe(from);
    if(in)
      close_pipe(to);
    return -1;
  }
  close(from[1]);
  *out = from[0];
  if(in) {
    close(to[0]);
    *in = to[1];
  }
  return pid;
}

void end_program(pid_t pid, int out)
{
  close(out);
  while(waitpid(pid, NULL, 0) < 0 && errno == EINTR)
    ;
}

/* -- the laboratory ---------------------------------------------------- */

/* The first N SYNs since the counts began are lost. The counts themselves
   stay, for other runs are looking at theirs. */
static void lose_again_to(const struct lab_address *list)
{
  static const char word[] = "syndrop=";
  for(; list->addr; list++) {
    char words[40];
    long sent;
    if(!list->rule || strncmp(list->rule, word, sizeof(word) - 1))
      continue;
    sent = lab_syns(list->addr);
    snprintf(words, sizeof(words), "%s%ld", word,
             (sent > 0 ? sent : 0) +
             strtol(list->rule + sizeof(word) - 1, NULL, 10));
    if(lab_rule(list->addr, words))
      fprintf(stderr, "bench: %s: %s\n", list->addr, lab_error());
  }
}

void lose_again(const struct lab_scenario *s)
{
  lose_again_to(s->v6);
  lose_again_to(s->v4);
}

/* -- what is asked for ------------------------------------------------- */

bool chosen(int number, char **list)
{
  bool found = !*list;
  for(; *list; list++)
    if(atoi(*list) == number)
      found = true;
  return found;
}
