/* SPDX-License-Identifier: MIT */
#ifndef HE_MEMORY_H
#define HE_MEMORY_H
/* memory.h - what a history is made of: hosts in a hash table, a list from
 * the last to the first used, a list of changed ones and a heap of those to
 * probe; and a few networks. Private to plugin/history. */
#include "base/hash.h"
#include "base/heap.h"
#include "history/history.h"
#include "history/track.h"
#include "options/pattern.h"

#define HE_FAMILY_ADDRS (HE_HISTORY_ADDRS / HE_FAMILIES)

struct he_known {             /* an address of a host */
  struct he_addr addr;        /* port 0 */
  he_time_ns answered;        /* in the resolver's answer of then */
  uint32_t ttl;
  uint8_t place;              /* in that answer */
  bool slow;                  /* as last advised */
  struct he_track track;
};

struct he_host_family {
  struct he_track track;      /* of all its addresses together */
  he_time_ns answered;        /* the last answer: addresses with an older one
                                 are no longer offered */
  he_time_ns probed;          /* the last probe, and how long after it the next
                                 one may be; 0: none yet */
  uint32_t gap_ms;
  he_time_ns probe_at;        /* HE_NEVER: not planned */
  bool probing;               /* until probe_at */
};

struct he_link {
  struct he_link *prev;
  struct he_link *next;
};

struct he_host {
  struct he_link used_link;   /* first: a host is found by it */
  struct he_link dirty_link;  /* to itself while not dirty */
  struct he_host *chain;      /* in its bucket */
  uint64_t hash;              /* seeded, of network and name */
  uint64_t network;
  uint64_t name_hash;         /* the same everywhere */
  he_time_ns used;            /* last asked for */
  struct he_host_family family[HE_FAMILIES];
  struct he_known *known;     /* n of them, in order; room for `room` */
  struct he_timer probe;      /* the earlier probe_at of its families */
  uint16_t port;              /* last asked for or tried */
  uint8_t n;
  uint8_t room;
  uint8_t len;
  char name[];                /* lower case, with a zero */
};

/* A host whose family has been found bad. */
struct he_witness {
  uint64_t host;              /* name_hash */
  uint32_t addr;
  he_time_ns at;
};
/* So many of them, with none against, speak for their network. */
#define HE_WITNESSES 3

/* What they saw. */
enum he_network_charge {
  HE_NETWORK_SILENT,          /* no connect: one that connects refutes it */
  HE_NETWORK_TLS              /* connects, but no TLS (an MTU black hole) */
};
#define HE_NETWORK_CHARGES 2

struct he_network_family {
  struct he_estimate rtt;
  struct he_witness witness[HE_NETWORK_CHARGES][HE_WITNESSES];
  he_time_ns refuted[HE_NETWORK_CHARGES];   /* older witnesses do not count */
};

struct he_network {
  uint64_t id;
  uint64_t tick;              /* of its last use; 0: a free slot */
  bool dirty;
  struct he_network_family family[HE_FAMILIES];
};

struct he_history {
  struct he_history_limits limits;
  struct he_host **bucket;
  struct he_timers probes;    /* of the hosts that have one planned; with room
                                 for every host */
  unsigned buckets;           /* a power of two */
  unsigned hosts;
  he_time_ns probe_free;      /* no probe before */
  struct he_link used;        /* next: the last used */
  struct he_link dirty;
  struct he_network *network;
  uint64_t tick;
};

static inline struct he_present he_present(const struct he_history *h,
                                           he_time_ns now)
{
  return (struct he_present){ now, h->limits.verdict_age };
}

/* A host's name as it is kept: lower case, without a trailing dot. */
struct he_name {
  uint64_t hash;              /* name_hash */
  size_t len;
  char text[HE_PATTERN_SIZE];
};
bool he_name_set(struct he_name *out, const char *host);

/* The same for the same bytes in every process. */
static inline uint64_t he_hash_of(uint64_t seed, const void *bytes, size_t n)
{
  return he_hash_mix(he_hash(seed ^ HE_HASH_BEGIN, bytes, n));
}

uint32_t he_addr_tag(const struct he_addr *a);

struct he_host *he_host_named(const struct he_history *h, uint64_t network,
                              const char *host);
/* Found or made, at the price of the one unused for longest; NULL without
   memory. */
struct he_host *he_host_get(struct he_history *h, uint64_t network,
                            const struct he_name *name);
void he_host_free(struct he_history *h, struct he_host *host);

/* As he_history_forget(), by name_hash. */
size_t he_hosts_forget(struct he_history *h, const uint64_t *network,
                       const uint64_t *name_hash);

/* Asked for: last to be forgotten. */
void he_host_use(struct he_history *h, struct he_host *host, he_time_ns now);
void he_host_dirty(struct he_history *h, struct he_host *host);
void he_host_clean(struct he_host *host);

static inline struct he_host *he_host_of_dirty(struct he_link *l)
{
  return (struct he_host *)(void *)
    ((char *)l - offsetof(struct he_host, dirty_link));
}

/* Those of a host are in this order. */
int he_addr_order(const struct he_addr *a, const struct he_addr *b);

struct he_known *he_known_find(const struct he_host *host,
                               const struct he_addr *a);
/* Found or made, at the price of the one of its family unused for longest;
   NULL without memory. What earlier calls gave is no longer valid. */
struct he_known *he_known_get(struct he_host *host, const struct he_addr *a);
/* The one to merge another process's into; NULL where all that there is room
   for has been heard of since. Room has been reserved. */
struct he_known *he_known_merge(struct he_host *host,
                                const struct he_known *from);
/* Room for `more` new ones, so that he_known_get() does not fail. */
bool he_known_reserve(struct he_host *host, size_t more);

struct he_network *he_network_find(const struct he_history *h, uint64_t id);
struct he_network *he_network_get(struct he_history *h, uint64_t id);

/* A host's family was found bad at some time; it worked at some time. */
void he_network_testify(struct he_network_family *n, enum he_network_charge c,
                        struct he_witness w);
void he_network_refute(struct he_network_family *n, enum he_network_charge c,
                       he_time_ns at);

/* Does the family fail in this way with every host lately heard of? */
bool he_network_agrees(const struct he_network *n, enum he_family f,
                       enum he_network_charge c, struct he_present p);

/* The rank of a known address (or, with known NULL, of one that is not), at a
   port (0: any), but for HE_RANK_SLOW. host and n may be NULL. */
enum he_rank he_rank_of(const struct he_host *host, const struct he_network *n,
                        const struct he_known *known, enum he_family f,
                        uint16_t port, struct he_present p);

/* How long after the first doubt */
#define HE_PROBE_FIRST HE_MS(2000)

/* Plans a probe of the family, not before `soonest`, where one is worth it and
   none is planned; drops the plan where none is. */
void he_probe_plan(struct he_history *h, struct he_host *host,
                   enum he_family f, he_time_ns soonest, he_time_ns now);
/* One that was planned is to be made now, where none was lately. */
void he_probe_hurry(struct he_history *h, struct he_host *host,
                    enum he_family f, he_time_ns now);
/* The outcome of a probe has been learned. */
void he_probe_over(struct he_history *h, struct he_host *host,
                   enum he_family f, he_time_ns now);
#endif
