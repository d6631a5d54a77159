/* SPDX-License-Identifier: MIT */
#ifndef HE_LAB_FACTS_H
#define HE_LAB_FACTS_H
/* facts.h - what a run is judged by, as names with values: the JSON output and
 * the expectations are made of one table. */
#include "client.h"

struct he_lab_fact {
  const char *name;
  const char *help;
  bool time;                  /* of several runs the median counts */
  /* One of the two. A number below 0: it has none. */
  double (*number)(const struct he_lab_run *run);
  const char *(*word)(const struct he_lab_run *run, char *out, size_t size);
};

#define HE_LAB_WORD 512       /* bytes of any word */

/* Up to one without a name. */
extern const struct he_lab_fact he_lab_facts[];

/* NULL: there is none of that name. */
const struct he_lab_fact *he_lab_fact_named(const char *name, size_t len);

/* All runs of one scenario. */
struct he_lab_result {
  const struct lab_scenario *scenario;
  struct he_lab_run *runs;
  size_t n;                   /* at least 1 */
};

/* A number over all runs: the median of those that have one. Below 0: none has
   one, or not even half of them. */
double he_lab_median(const struct he_lab_result *r,
                     const struct he_lab_fact *f);

/* The run whose connect took the median time: it stands for the others. */
const struct he_lab_run *he_lab_typical(const struct he_lab_result *r);

#endif
