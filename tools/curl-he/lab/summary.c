/* SPDX-License-Identifier: MIT */
/* summary.c - the client's row in the table of "Lazy Eye Inspection: Capturing
 * the State of Happy Eyeballs Implementations" (Sattler et al.): which family
 * it prefers and asks for first, its connection attempt delay and resolution
 * delay (RFC 8305), how many addresses it tries, and in which order. */
#include "table.h"

#include <stdio.h>
#include <string.h>

#define LEFT "  %-27s "

static const struct he_lab_run *run_of(const struct he_lab_result *all,
                                       size_t n, const char *name)
{
  for(size_t i = 0; i < n; i++) {
    if(!strcmp(all[i].scenario->name, name))
      return he_lab_typical(&all[i]);
  }
  return NULL;
}

static void preference(const struct he_lab_run *run)
{
  int64_t aaaa, a;
  if(!run)
    return;
  printf(LEFT "%s\n", "prefers", run->seen.winner < 0 ? "it does not connect" :
         run->seen.tries[run->seen.winner].v6 ? "IPv6" : "IPv4");
  aaaa = run->seen.asked[HE_LAB_AAAA].asked_ns;
  a = run->seen.asked[HE_LAB_A].asked_ns;
  printf(LEFT "%s\n", "asks the name server for",
         aaaa == HE_LAB_NEVER && a == HE_LAB_NEVER ? "nothing" :
         a == HE_LAB_NEVER ? "AAAA alone" :
         aaaa == HE_LAB_NEVER ? "A alone" :
         a < aaaa ? "A, then AAAA" : "AAAA, then A");
}

static void attempt_delay(const struct he_lab_run *run)
{
  if(!run || !run->seen.ntries)
    return;
  printf(LEFT, "connection attempt delay");
  for(size_t i = 1; i < run->seen.ntries; i++) {
    const struct he_lab_try *t = &run->seen.tries[i];
    if(t->v6 != run->seen.tries[0].v6) {
      printf("%.0f ms\n", (double)(t->at_ns - run->seen.tries[0].at_ns) / 1e6);
      return;
    }
  }
  puts(run->seen.winner >= 0 ? "it needs none" :
       "none: it tries no second family");
}

static void resolution_delay(const struct he_lab_run *run, const char *left,
                             int late, const char *name)
{
  const struct he_lab_asked *a;
  double first, answer;
  if(!run)
    return;
  a = &run->seen.asked[late];
  printf(LEFT, left);
  if(!run->seen.ntries || !a->times) {
    puts(a->times ? "it does not connect" : "it does not ask for both");
    return;
  }
  first = he_lab_at_ms(&run->seen, run->seen.tries[0].at_ns);
  answer = he_lab_at_ms(&run->seen, a->answered_ns);
  if(answer >= 0 && first >= answer)
    printf("waits for the answer for %s, %.0f ms\n", name, answer);
  else
    printf("starts %.0f ms after the other answer\n",
           he_lab_wait_ms(&run->seen));
}

/* Families in the order of the tries, each address once: "6 4 6 4". */
static void addresses(const struct he_lab_run *run)
{
  const struct he_lab_seen *s;
  size_t v6 = 0, v4 = 0;
  char order[256] = "";
  if(!run || !run->seen.ntries)
    return;
  s = &run->seen;
  for(size_t i = 0; i < s->ntries; i++) {
    bool again = false;
    for(size_t j = 0; j < i; j++)
      again = again || !strcmp(s->tries[j].addr, s->tries[i].addr);
    if(again)
      continue;
    *(s->tries[i].v6 ? &v6 : &v4) += 1;
    snprintf(order + strlen(order), sizeof(order) - strlen(order), " %s",
             s->tries[i].v6 ? "6" : "4");
  }
  printf(LEFT "%zu IPv6, %zu IPv4, of 4 and 4, within the limit\n",
         "addresses tried", v6, v4);
  printf(LEFT "%s\n", "their order", order + 1);
}

void he_lab_summary(const struct he_lab_result *all, size_t n)
{
  puts("");
  preference(run_of(all, n, "healthy"));
  attempt_delay(run_of(all, n, "v6-dead"));
  resolution_delay(run_of(all, n, "aaaa-late"), "where AAAA comes late",
                   HE_LAB_AAAA, "AAAA");
  resolution_delay(run_of(all, n, "a-late"), "where A comes late", HE_LAB_A,
                   "A");
  addresses(run_of(all, n, "four-and-four"));
}
