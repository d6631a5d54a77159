/* SPDX-License-Identifier: MIT */
#ifndef HE_HERDS_H
#define HE_HERDS_H
/* herds.h - the herds of this process, a table. Any thread; none blocks. A
 * herd is what the slow races of one host know of each other (core/herd.h),
 * where they are of one context and have the same families to choose from.
 *
 * A connect that is not slow asks he_herds_any(), and mostly no more. */
#include "core/herd.h"
#include "core/order.h"

struct he_herd_key {
  const void *realm;          /* a context; only compared */
  const char *host;
  uint16_t port;
  bool allowed[HE_FAMILIES];
};

struct he_shared_herd;
struct he_job;

extern unsigned he_herds_count;   /* atomic */

/* Is there any? One atomic load. */
static inline bool he_herds_any(void)
{
  return __atomic_load_n(&he_herds_count, __ATOMIC_RELAXED) != 0;
}

/* Joins the herd of this key, a new one where there is none. NULL without
   memory. */
struct he_shared_herd *he_herds_join(const struct he_herd_key *key,
                                     he_time_ns delay, he_time_ns now);
void he_herds_leave(struct he_shared_herd *s, he_time_ns now);

/* The herd itself, until it is given back. */
struct he_herd *he_herds_lock(struct he_shared_herd *s);
void he_herds_unlock(struct he_shared_herd *s);

/* Its members' races: the racer's thread's own. */
struct he_job **he_herds_members(struct he_shared_herd *s);

/* A race that is in no herd has connected to this address: two SYNs lost by
   slow ones, with that in between, are no silence. For where there is any. */
void he_herds_heard(const struct he_herd_key *key, const struct he_addr *a,
                    he_time_ns now);

/* Is this address of no use, while another one of its family works? Then
   *better is that one. */
bool he_herds_better(const struct he_herd_key *key, const struct he_addr *a,
                     he_time_ns now, struct he_addr *better);

/* Is IPv6 of no use, while IPv4 works? */
bool he_herds_ipv4_only(const struct he_herd_key *key, he_time_ns now);

/* Where the first of `list` is of no use: the first one that works; else
   NULL. */
const struct he_addr *he_herds_first(const struct he_herd_key *key,
                                     const struct he_candidate *list,
                                     size_t n, he_time_ns now);

/* Forgets a context's, or (NULL) all that nobody is in. */
void he_herds_forget(const void *realm);

#endif
