/* SPDX-License-Identifier: MIT */
#ifndef HE_STATS_H
#define HE_STATS_H
/* stats.h - figures, for people and for Prometheus. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* A connect took so many us at most: the buckets of a histogram. The last one,
   for all that is left, has no figure. */
#define HE_BUCKETS 11
extern const int64_t he_buckets_us[HE_BUCKETS];

struct he_figures {
  /* of a trace; in pairs: IPv4, IPv6 */
  unsigned long connects[2];
  unsigned long buckets[2][HE_BUCKETS + 1];   /* not added up */
  int64_t took_us[2];
  unsigned long failed;
  unsigned long races;
  unsigned long attempts[2];            /* curl-he's, libcurl's */
  unsigned long handed_over;
  unsigned long asides;
  unsigned long compared;
  int64_t saved_us;
  unsigned long dropped;
  unsigned long damaged;
  unsigned long mistakes;
  /* of a history */
  unsigned long addresses[3];           /* by CURL_HE_VERDICT_ */
  bool of_history;                      /* it has only these */
};

/* The text exposition format of Prometheus. */
void he_stats_prometheus(const struct he_figures *f, FILE *out);
/* False: there is no memory, or writing failed. */
bool he_stats_json(const struct he_figures *f, FILE *out);
/* A line a figure. */
void he_stats_print(const struct he_figures *f, FILE *out);

#endif
