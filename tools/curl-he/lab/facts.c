/* SPDX-License-Identifier: MIT */
#include "facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double connect_ms(const struct he_lab_run *r)
{
  return he_lab_connect_ms(&r->seen);
}

static double first_byte_ms(const struct he_lab_run *r)
{
  return r->seen.winner < 0 ? -1 :
         he_lab_at_ms(&r->seen, r->seen.tries[r->seen.winner].heard_ns);
}

static double wait_ms(const struct he_lab_run *r)
{
  return he_lab_wait_ms(&r->seen);
}

/* From the question to the answer. */
static double answer_ms(const struct he_lab_run *r, int kind)
{
  const struct he_lab_asked *a = &r->seen.asked[kind];
  return a->answered_ns == HE_LAB_NEVER ? -1 :
         (double)(a->answered_ns - a->asked_ns) / 1e6;
}

static double aaaa_ms(const struct he_lab_run *r)
{
  return answer_ms(r, HE_LAB_AAAA);
}

static double a_ms(const struct he_lab_run *r)
{
  return answer_ms(r, HE_LAB_A);
}

static double syns(const struct he_lab_run *r)
{
  return r->seen.syns;
}

static double tries(const struct he_lab_run *r)
{
  return (double)r->seen.ntries;
}

static double delay_ms(const struct he_lab_run *r)
{
  return r->seen.ntries > 1 ? he_lab_delay_ms(&r->seen, 1) : -1;
}

static double longest_delay_ms(const struct he_lab_run *r)
{
  double most = -1;
  for(size_t i = 1; i < r->seen.ntries; i++) {
    const double d = he_lab_delay_ms(&r->seen, i);
    most = d > most ? d : most;
  }
  return most;
}

static double took_ms(const struct he_lab_run *r)
{
  return r->took_ms;
}

static double left(const struct he_lab_run *r)
{
  return r->left;
}

static double left_after(const struct he_lab_run *r)
{
  return r->left_after;
}

static double status(const struct he_lab_run *r)
{
  return r->status;
}

static const char *order(const struct he_lab_run *r, char *out, size_t size)
{
  size_t len = 0;
  *out = 0;
  for(size_t i = 0; i < r->seen.ntries && len < size; i++)
    len += (size_t)snprintf(out + len, size - len, "%s%s", i ? "," : "",
                            r->seen.tries[i].label);
  return out;
}

static const char *winner(const struct he_lab_run *r, char *out, size_t size)
{
  snprintf(out, size, "%s", r->seen.winner < 0 ? "none" :
           r->seen.tries[r->seen.winner].label);
  return out;
}

static const char *asks(const struct he_lab_run *r, char *out, size_t size)
{
  const int64_t aaaa = r->seen.asked[HE_LAB_AAAA].asked_ns;
  const int64_t a = r->seen.asked[HE_LAB_A].asked_ns;
  const char *word = "AAAA,A";
  if(aaaa == HE_LAB_NEVER && a == HE_LAB_NEVER)
    word = "none";
  else if(a == HE_LAB_NEVER)
    word = "AAAA";
  else if(aaaa == HE_LAB_NEVER)
    word = "A";
  else if(a < aaaa)
    word = "A,AAAA";
  snprintf(out, size, "%s", word);
  return out;
}

const struct he_lab_fact he_lab_facts[] = {
  { "connect_ms", "from the first question to the connected socket", true,
    connect_ms, NULL },
  { "first_byte_ms", "from the first question to what the server says first",
    true, first_byte_ms, NULL },
  { "wait_ms", "from the first answer with addresses to the first SYN", true,
    wait_ms, NULL },
  { "aaaa_ms", "from the question for AAAA to its answer", true, aaaa_ms,
    NULL },
  { "a_ms", "from the question for A to its answer", true, a_ms, NULL },
  { "delay_ms", "from the first try to the second", true, delay_ms, NULL },
  { "longest_delay_ms", "from one try to the next, the longest", true,
    longest_delay_ms, NULL },
  { "took_ms", "from the client's start to its end", true, took_ms, NULL },
  { "tries", "connects that were begun", false, tries, NULL },
  { "syns", "SYNs, with those that the kernel repeated", false, syns, NULL },
  { "left", "sockets in SYN-SENT when the client ended", false, left, NULL },
  { "left_after", "sockets in SYN-SENT right after its end", false, left_after,
    NULL },
  { "exit", "the client's exit status", false, status, NULL },
  { "order", "the addresses tried", false, NULL, order },
  { "winner", "the address that carried the request", false, NULL, winner },
  { "asks", "the questions to the name server", false, NULL, asks },
  { NULL, NULL, false, NULL, NULL }
};

const struct he_lab_fact *he_lab_fact_named(const char *name, size_t len)
{
  for(const struct he_lab_fact *f = he_lab_facts; f->name; f++) {
    if(strlen(f->name) == len && !memcmp(f->name, name, len))
      return f;
  }
  return NULL;
}

/* Runs without the value are the slowest of all. */
static double rank(double value)
{
  return value < 0 ? 1e300 : value;
}

static int by_rank(const void *a, const void *b)
{
  const double x = rank(*(const double *)a), y = rank(*(const double *)b);
  return (x > y) - (x < y);
}

double he_lab_median(const struct he_lab_result *r,
                     const struct he_lab_fact *f)
{
  double *all = calloc(r->n, sizeof(*all)), median = -1;
  if(!all)
    return -1;
  for(size_t i = 0; i < r->n; i++)
    all[i] = f->number(&r->runs[i]);
  qsort(all, r->n, sizeof(*all), by_rank);
  median = all[(r->n - 1) / 2];
  free(all);
  return median;
}

const struct he_lab_run *he_lab_typical(const struct he_lab_result *r)
{
  const double median = he_lab_median(r, &he_lab_facts[0]);
  for(size_t i = 0; i < r->n; i++) {
    const double own = connect_ms(&r->runs[i]);
    if((own < 0 && median < 0) || (own >= median && own <= median))
      return &r->runs[i];
  }
  return &r->runs[0];
}
