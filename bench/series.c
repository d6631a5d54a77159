/* SPDX-License-Identifier: MIT */
/* series.c - one run after the other of a scenario in a mode. */
#include "series.h"
#include "lab/labctl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
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

/* -- a run ------------------------------------------------------------- */

bool series_start(struct series *s, const char *connect_path)
{
  char program[1024];
  char url[128];
  char limit[24];
  const char *argv[] = { program, mode_words[s->mode], url, limit, NULL };

  snprintf(program, sizeof(program), "%s%s", connect_path,
           s->mode == MODE_CURL ? "_alone" : "");

  snprintf(url, sizeof(url), "http://%s/", s->scenario->host);
  snprintf(limit, sizeof(limit), "%ld", s->limit_ms);
  lose_again(s->scenario);
  s->syns_before = lab_syns_host(s->scenario->host);
  s->pid = start_program(argv, &s->fd, NULL);
  if(s->pid < 0)
    return false;
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
  if(!sample_read(sample, s->said) || !second ||
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
  end_program(s->pid, s->fd);
  s->fd = -1;
  take_sample(s);
  s->state = IDLE;
}

/* -- what came of them ------------------------------------------------- */

int series_failed(const struct series *s)
{
  return samples_failed(s->samples, s->done);
}

double series_ms(const struct series *s)
{
  return samples_ms(s->samples, s->done);
}

long series_syns(const struct series *s)
{
  return samples_syns(s->samples, s->done);
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
