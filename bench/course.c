/* SPDX-License-Identifier: MIT */
#include "course.h"
#include "lab/labctl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Probes come 2 s and 6 s after the first doubt, then at 14 s: what is to be
   found out is found out, and none is under way. */
#define PAUSE_MS 8000

/* Where all are dead the time-out is all there is to see. */
#define LIMIT_MS 40000L
#define LIMIT_ALL_DEAD_MS 2000L
#define ALL_DEAD 18

#define LONG_RUNS 1

double course_now_ms(void)
{
  return (double)lab_now_ns() / 1e6;
}

void course_init(struct course *c, const struct plan *plan, enum mode mode,
                 int runs, const char *program, const char *folder)
{
  memset(c, 0, sizeof(*c));
  c->plan = *plan;
  c->mode = mode;
  c->program = program;
  c->background = plan->number == ALL_DEAD;
  c->wanted = c->background ? LONG_RUNS : runs;
  c->state = IDLE;
  c->turn = COLD;
  c->in = c->out = -1;
  snprintf(c->file, sizeof(c->file), "%s/%d-%s.log", folder, plan->number,
           mode_words[mode]);
}

bool course_meets(const struct course *a, const struct course *b)
{
  return a->plan.taught == b->plan.taught || a->plan.taught == b->plan.asked ||
         a->plan.asked == b->plan.taught || a->plan.asked == b->plan.asked;
}

static const struct lab_scenario *host(const struct course *c)
{
  return c->turn < LATER ? c->plan.taught : c->plan.asked;
}

static bool start(struct course *c)
{
  char limit[24];
  const char *argv[] = {
    c->program, mode_words[c->mode], c->file, limit, NULL
  };
  snprintf(limit, sizeof(limit), "%ld",
           c->plan.number == ALL_DEAD ? LIMIT_ALL_DEAD_MS : LIMIT_MS);
  c->pid = start_program(argv, &c->out, &c->in);
  return c->pid > 0;
}

/* A SYN is lost in the first connect alone. */
static bool begin(struct course *c)
{
  if(unlink(c->file) && errno != ENOENT)
    return false;
  lose_again(c->plan.taught);
  return start(c);
}

bool course_connect(struct course *c)
{
  char line[128];
  int n;
  if((c->turn == COLD && !begin(c)) || (c->turn == PROCESS && !start(c)))
    return false;
  c->filled = 0;
  c->syns_before = lab_syns_host(host(c)->host);
  n = snprintf(line, sizeof(line), "https://%s/\n", host(c)->host);
  c->state = CONNECTING;
  return write(c->in, line, (size_t)n) == n;
}

static void take_sample(struct course *c)
{
  struct sample *sample = &c->samples[c->turn][c->done];
  if(!sample_read(sample, c->said))
    fprintf(stderr, "bench: a run of scenario %d was broken off\n",
            c->plan.number);
  sample->syns = lab_syns_host(host(c)->host);
  if(sample->syns >= 0)
    sample->syns -= c->syns_before;
}

static void pause_for(struct course *c, enum turn next, double ms)
{
  c->turn = next;
  c->state = PAUSING;
  c->due_ms = course_now_ms() + ms;
}

/* The program ends when there is no more to read. */
static void let_end(struct course *c)
{
  close(c->in);
  c->in = -1;
  c->state = ENDING;
}

static bool connected(struct course *c)
{
  take_sample(c);
  switch(c->turn) {
  case COLD:
    c->turn = SECOND;
    return course_connect(c);
  case SECOND:
    pause_for(c, LATER, PAUSE_MS);
    break;
  case LATER:
  case PROCESS:
  case TURNS:
    let_end(c);
    break;
  }
  return true;
}

static void ended(struct course *c)
{
  bool broken = c->state != ENDING;
  end_program(c->pid, c->out);
  c->out = -1;
  if(broken) {
    c->said[0] = 0;
    for(; c->turn < TURNS; c->turn++)
      take_sample(c);
    close(c->in);
    c->in = -1;
  }
  else if(c->turn == LATER) {
    pause_for(c, PROCESS, 0);
    return;
  }
  c->done++;
  c->turn = COLD;
  c->state = IDLE;
}

bool course_read(struct course *c)
{
  size_t room = sizeof(c->said) - 1 - c->filled;
  ssize_t n = room ? read(c->out, c->said + c->filled, room) : 0;
  if(n < 0 && errno == EINTR)
    return true;
  if(n <= 0) {
    ended(c);
    return true;
  }
  c->filled += (size_t)n;
  c->said[c->filled] = 0;
  return c->state != CONNECTING || !strchr(c->said, '\n') || connected(c);
}
