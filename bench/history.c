/* SPDX-License-Identifier: MIT */
/* history.c - what asking the history costs, and telling it: with 4,096 hosts
 * of two addresses in it, in an order that no cache likes; and what memory it
 * takes, then and a million updates later. ./run bench --history */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "history/history.h"

#define HOSTS 4096
#define ROUNDS 5
#define CALLS 400000

static char names[2 * HOSTS][32];
static struct he_candidate list[2 * HOSTS][2];

static double seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void make_hosts(void)
{
  for(unsigned i = 0; i < 2 * HOSTS; i++) {
    snprintf(names[i], sizeof(names[i]), "host-%u.example.org", i);
    for(unsigned f = 0; f < HE_FAMILIES; f++) {
      struct he_addr *a = &list[i][f].addr;
      a->family = (uint8_t)f;
      a->port = 443;
      a->ip[0] = 0x20;
      a->ip[2] = (uint8_t)(i >> 8);
      a->ip[3] = (uint8_t)i;
    }
  }
}

static void learn(struct he_history *h, unsigned host, unsigned i,
                  he_time_ns now)
{
  struct he_outcome o = { .kind = HE_OUTCOME_CONNECTED,
                          .addr = list[host][i % HE_FAMILIES].addr,
                          .handshake = HE_MS(20), .delay = HE_MS(150) };
  if(i % 16 == 0) {
    o.kind = HE_OUTCOME_UNANSWERED;
    o.pending = HE_MS(200);
  }
  if(!he_history_learn(h, 1, names[host], &o, now))
    abort();
}

static void advise(struct he_history *h, unsigned host, he_time_ns now)
{
  struct he_candidate two[2] = { list[host][0], list[host][1] };
  struct he_advice advice[2];
  struct he_advice_rules rules;
  he_advice_rules_usual(&rules);
  he_history_advise(h, 1, names[host], &rules, two, 2, advice, now);
}

enum what { LOOKUP, UPDATE, EVICT };

/* The best of some rounds, in ns a call: what else the machine does comes on
   top. */
static double measure(struct he_history *h, enum what what, he_time_ns *now)
{
  double best = 1e9;
  for(int round = 0; round < ROUNDS; round++) {
    double start = seconds(), took;
    for(unsigned i = 0; i < CALLS; i++) {
      unsigned host = i * 2654435761u >> 20;    /* 12 bits: below HOSTS */
      *now += HE_MS(1);
      switch(what) {
      case LOOKUP: advise(h, host, *now); break;
      case UPDATE: learn(h, host, i, *now); break;
      case EVICT:  learn(h, i % (2 * HOSTS), i, *now); break;
      }
    }
    took = (seconds() - start) * 1e9 / CALLS;
    if(took < best)
      best = took;
  }
  return best;
}

static size_t in_use(void)
{
  struct mallinfo2 m = mallinfo2();
  return m.uordblks + m.hblkhd;
}

#define MILLION 1000000

/* Bytes more than before, when a million updates are learned: of hosts that it
   has, then of twice as many as it keeps. */
static long growth(struct he_history *h, unsigned hosts, he_time_ns *now)
{
  size_t before = in_use();
  for(unsigned i = 0; i < MILLION; i++) {
    *now += HE_MS(1);
    learn(h, i % hosts, i / 2, *now);
  }
  return (long)in_use() - (long)before;
}

int main(void)
{
  struct he_history_limits limits;
  struct he_history *h;
  he_time_ns now = HE_MS(1000);
  size_t empty = in_use();
  he_history_limits_usual(&limits);
  limits.max_hosts = HOSTS;
  limits.seed = 42;
  h = he_history_new(&limits);
  if(!h)
    return 1;
  make_hosts();
  for(unsigned i = 0; i < 2 * HOSTS; i++)
    learn(h, i / 2, i, now);
  printf("history, %zu hosts of 2 addresses, ns a call\n",
         he_history_hosts(h));
  printf("  update (learn an outcome)       %6.0f\n",
         measure(h, UPDATE, &now));
  printf("  lookup (order and delays)       %6.0f\n",
         measure(h, LOOKUP, &now));
  printf("  update that forgets a host      %6.0f\n",
         measure(h, EVICT, &now));
  printf("memory, bytes\n  it takes                        %6zu\n",
         in_use() - empty);
  printf("  more, after 1,000,000 updates   %6ld\n", growth(h, HOSTS, &now));
  printf("  and as many that forget a host  %6ld\n",
         growth(h, 2 * HOSTS, &now));
  he_history_free(h);
  return 0;
}
