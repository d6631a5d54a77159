/* SPDX-License-Identifier: MIT */
#ifndef HE_SIGHTINGS_H
#define HE_SIGHTINGS_H
/* sightings.h - which names libcurl has asked its resolver for of late.
 *
 * A sighting is evidence that a connect to one of the name's addresses is not
 * one that the application has steered elsewhere. What is found in libcurl's
 * cache later begins with the same address as when libcurl put it there: else
 * something else was put in its place. Each cache has its own answer, hence
 * some first addresses a name. Any thread. */
#include "base/addr.h"
#include "base/base.h"

/* The address that libcurl tried first when it had resolved a name. */
struct he_first {
  uint32_t addr;         /* a hash; 0: none */
  uint32_t lookup_us;    /* how long the resolving took; HE_LOOKUP_CERTAIN */
};
#define HE_LOOKUP_CERTAIN UINT32_MAX   /* it was the host's name, surely */
#define HE_FIRSTS 4

struct he_sighting {
  uint64_t name;         /* he_sighting_name() */
  he_time_ns at;
  struct he_first firsts[HE_FIRSTS];   /* the newest first */
  bool partial;          /* libcurl was given these many addresses: */
  size_t listed[HE_FAMILIES];
};
#define HE_SIGHTINGS 256

struct he_sightings {
  struct he_sighting seen[HE_SIGHTINGS];
};

/* libcurl's own DNS cache keeps a name for this long unless told otherwise:
   libcurl did not get an answer older than that from its resolver. */
#define HE_SIGHTING_LIFE HE_MS(60000)

/* A hash of host (in any case) and port; never 0. */
uint64_t he_sighting_name(const char *host, uint16_t port);

/* Before the first use. */
void he_sightings_init(struct he_sightings *s);

/* libcurl asks its resolver for the name. `listed`: libcurl's cache has that
   many addresses of each family from now on, for libcurl was given them; NULL:
   all that the name has. */
void he_sightings_add(struct he_sightings *s, uint64_t name, he_time_ns now,
                      const size_t *listed);
bool he_sightings_find(struct he_sightings *s, uint64_t name, he_time_ns now,
                       struct he_sighting *out);
/* What libcurl tries first, now that it has resolved the name. */
void he_sightings_tries(struct he_sightings *s, uint64_t name,
                        const struct he_addr *first, uint32_t lookup_us);
/* What was seen of this name is not what a handle connects to. */
void he_sightings_forget(struct he_sightings *s, uint64_t name);

/* Is this an address that libcurl tried first? Then *lookup_us is set. */
bool he_sighting_begins(const struct he_sighting *s,
                        const struct he_addr *first, uint32_t *lookup_us);

#endif
