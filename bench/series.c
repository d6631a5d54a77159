/* SPDX-License-Identifier: MIT */
/* series.c - one run after the other of a scenario in a mode. */
#include "series.h"
#include "lab/labctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What libcurl 7.88's own times were measured with: it gives an address half
   of what is left of its connect time-out. Where all are dead the time-out is
   all there is to see, so it may be short. */
#define LIMIT_MS 40000L
#define LIMIT_ALL_DEAD_MS 5000L

/* libcurl alone takes longer than this: wait for it in the background, and not
   as often. */
#define LONG_MS 5000
#define LONG_RUNS 3

static bool waits_long(const struct lab_scenario *s)
{
  return s->libcurl_ms > LONG_MS ||
    (s->libcurl_ms == LAB_FAILS && s->best_cold_ms != LAB_FAILS);
}

static bool all_dead(const struct lab_scenario *s)
{
  return s->number == 18;
}

void series_init(struct series *s, const struct lab_scenario *scenario,
                 enum mode mode, int runs)
{
  memset(s, 0, sizeof(*s));
  s->scenario = scenario;
  s->mode = mode;
  s->background = all_dead(scenario) ||
    (mode == MODE_CURL && waits_long(scenario));
  s->limit_ms = all_dead(scenario) ? LIMIT_ALL_DEAD_MS : LIMIT_MS;
  s->wanted = s->background && runs > LONG_RUNS ? LONG_RUNS : runs;
  s->state = IDLE;
  s->fd = -1;
}

/* -- the laboratory ---------------------------------------------------- */

/* "syndrop=N" loses the first N SYNs since the counts began: begin again.
   The counts themselves stay, for other runs are looking at theirs. */
static void refresh(const struct lab_address *list)
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

/* -- a run ------------------------------------------------------------- */

static void exec_connect(const struct series *s, const char *path, int out)
{
  static const char *const words[MODES] = { "curl", "easy", "perform" };
  char url[128];
  char limit[24];

  snprintf(url, sizeof(url), "http://%s/", s->scenario->host);
  snprintf(limit, sizeof(limit), "%ld", s->limit_ms);
  if(dup2(out, STDOUT_FILENO) >= 0)
    execl(path, path, words[s->mode], url, limit, (char *)NULL);
  _exit(127);
}

bool series_start(struct series *s, const char *connect_path)
{
  int ends[2];

  refresh(s->scenario->v6);
  refresh(s->scenario->v4);
  s->syns_before = lab_syns_host(s->scenario->host);
  if(pipe(ends))
    return false;
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  s->pid = fork();
  if(!s->pid)
    exec_connect(s, connect_path, ends[1]);
  close(ends[1]);
  if(s->pid < 0) {
    close(ends[0]);
    return false;
  }
  s->fd = ends[0];
  s->filled = 0;
  s->state = CONNECTING;
  return true;
}

/* What the program said becomes the next sample. */
static void take_sample(struct series *s)
{
  struct sample *sample = &s->samples[s->done];
  const char *second = strchr(s->said, '\n');

  sample->code = -1;
  sample->syns = lab_syns_host(s->scenario->host);
  if(sample->syns >= 0)
    sample->syns -= s->syns_before;
  if(sscanf(s->said, "%lf %47s %d", &sample->ms, sample->winner,
            &sample->code) != 3 || !second ||
     sscanf(second, "%d", &sample->left) != 1) {
    fprintf(stderr, "bench: a run of scenario %d was broken off\n",
            s->scenario->number);
    sample->code = -1;
  }
  s->done++;
}

void series_read(struct series *s)
{
  size_t room = sizeof(s->said) - 1 - s->filled;
  ssize_t n = room ? read(s->fd, s->said + s->filled, room) : 0;

  if(n < 0 && errno == EINTR)
    return;
  if(n > 0) {
    s->filled += (size_t)n;
    s->said[s->filled] = 0;
    if(strchr(s->said, '\n'))
      s->state = LINGERING;
    return;
  }
  s->said[s->filled] = 0;
  close(s->fd);
  s->fd = -1;
  while(waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
    ;
  take_sample(s);
  s->state = IDLE;
}

/* -- what came of them ------------------------------------------------- */

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

int series_failed(const struct series *s)
{
  int failed = 0;
  int i;
  for(i = 0; i < s->done; i++)
    failed += s->samples[i].code != 0;
  return failed;
}

double series_ms(const struct series *s)
{
  bool any = series_failed(s) < s->done;
  double list[MAX_RUNS];
  int n = 0;
  int i;
  for(i = 0; i < s->done; i++)
    if(!any || !s->samples[i].code)
      list[n++] = s->samples[i].ms;
  return median(list, n);
}

long series_syns(const struct series *s)
{
  double list[MAX_RUNS];
  int i;
  for(i = 0; i < s->done; i++)
    list[i] = (double)s->samples[i].syns;
  return (long)median(list, s->done);
}

int series_left(const struct series *s)
{
  int worst = 0;
  int i;
  for(i = 0; i < s->done; i++)
    if(s->samples[i].left > worst)
      worst = s->samples[i].left;
  return worst;
}
