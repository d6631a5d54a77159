/* SPDX-License-Identifier: MIT */
#ifndef HE_SUMMARY_H
#define HE_SUMMARY_H
/* summary.h - what many races come to: winners, times, time saved, and which
 * addresses never answer. Its memory is bounded: hosts and addresses beyond
 * its tables are counted, and have no part in what is said of addresses. */
#include "saved.h"
#include "spread.h"
#include "story.h"

#define HE_SUMMARY_HOSTS 1024
#define HE_SUMMARY_ADDRESSES 32     /* of a host */

/* What was seen of an address of a host. */
struct he_known {
  char address[72];             /* without port */
  int family;
  unsigned long tries;
  unsigned long answers;        /* connects and refusals */
  unsigned long silent;         /* he_story_silent() */
  int64_t longest_us;           /* the longest silence */
  bool seen;                    /* `way` holds */
  struct he_way way;            /* what it did last */
};

struct he_host {
  char host[264];
  int port;
  size_t n;
  struct he_known known[HE_SUMMARY_ADDRESSES];
};

/* All zero: nothing yet. */
struct he_summary {
  struct he_spread spread;
  unsigned long lost;
  unsigned long unfinished;     /* neither won nor lost */
  unsigned long aside;          /* races in which curl-he stood aside */
  unsigned long compared;       /* races that saved_us is of */
  int64_t saved_us;
  struct he_host *hosts[HE_SUMMARY_HOSTS];
  size_t nhosts;
  unsigned long crowded;        /* addresses that found no room */
  /* Of the file: */
  unsigned long lines;
  unsigned long damaged;
  unsigned long first_damaged;  /* a line's number, from 1 */
  unsigned long dropped;        /* lines that the writer says are lost */
  unsigned long mistakes;       /* of configurations */
};

/* False: no memory; then the race is only partly in. */
bool he_summary_add(struct he_summary *s, const struct he_story *story);
void he_summary_free(struct he_summary *s);

/* Addresses that were silent and have never answered: fills `out`, those with
   most tries first, and returns how many there are in all. */
struct he_silent {
  const struct he_host *host;
  const struct he_known *known;
};
size_t he_summary_silent(const struct he_summary *s, struct he_silent *out,
                         size_t room);

#endif
