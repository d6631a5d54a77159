/* SPDX-License-Identifier: MIT */
#include "summary.h"

#include <stdio.h>
#include <string.h>

static const struct he_lab_run *run_of(const struct he_lab_result *all,
                                       size_t n, const char *name)
{
  for(size_t i = 0; i < n; i++) {
    if(!strcmp(all[i].scenario->name, name))
      return he_lab_typical(&all[i]);
  }
  return NULL;
}

static void word_of(const struct he_lab_run *run, const char *fact, char *out,
                    size_t size)
{
  *out = 0;
  if(run)
    he_lab_fact_named(fact, strlen(fact))->word(run, out, size);
}

static double attempt_delay(const struct he_lab_seen *s)
{
  for(size_t i = 1; i < s->ntries; i++) {
    if(s->tries[i].v6 != s->tries[0].v6)
      return (double)(s->tries[i].at_ns - s->tries[0].at_ns) / 1e6;
  }
  return -1;
}

static void late(const struct he_lab_run *run, int kind,
                 struct he_lab_late *out)
{
  const struct he_lab_asked *a;
  out->ms = -1;
  if(!run)
    return;
  a = &run->seen.asked[kind];
  out->ms = he_lab_wait_ms(&run->seen);
  if(!run->seen.ntries)
    out->how = HE_LAB_LATE_NO_TRY;
  else if(!run->seen.asked[HE_LAB_AAAA].times ||
          !run->seen.asked[HE_LAB_A].times)
    out->how = HE_LAB_LATE_NOT_ASKED;
  else if(a->answered_ns != HE_LAB_NEVER &&
          run->seen.tries[0].at_ns >= a->answered_ns)
    out->how = HE_LAB_LATE_WAITS;
  else
    out->how = HE_LAB_LATE_STARTS;
}

static void addresses(const struct he_lab_seen *s, struct he_lab_summary *out)
{
  size_t len = 0;
  for(size_t i = 0; i < s->ntries; i++) {
    bool again = false;
    for(size_t j = 0; j < i; j++)
      again = again || !strcmp(s->tries[j].addr, s->tries[i].addr);
    if(again)
      continue;
    *(s->tries[i].v6 ? &out->v6 : &out->v4) += 1;
    if(len)
      out->families[len++] = ' ';
    out->families[len++] = s->tries[i].v6 ? '6' : '4';
  }
}

void he_lab_summarize(const struct he_lab_result *all, size_t n,
                      struct he_lab_summary *s)
{
  const struct he_lab_run *healthy = run_of(all, n, "healthy");
  const struct he_lab_run *dead = run_of(all, n, "v6-dead");
  const struct he_lab_run *many = run_of(all, n, "four-and-four");
  memset(s, 0, sizeof(*s));
  word_of(healthy, "winner", s->prefers, sizeof(s->prefers));
  word_of(healthy, "asks", s->asks, sizeof(s->asks));
  s->dead_run = dead && dead->seen.ntries;
  s->attempt_delay_ms = dead ? attempt_delay(&dead->seen) : -1;
  late(run_of(all, n, "aaaa-late"), HE_LAB_AAAA, &s->aaaa_late);
  late(run_of(all, n, "a-late"), HE_LAB_A, &s->a_late);
  if(many)
    addresses(&many->seen, s);
}
