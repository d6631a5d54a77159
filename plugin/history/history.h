/* SPDX-License-Identifier: MIT */
#ifndef HE_HISTORY_H
#define HE_HISTORY_H
/* history.h - what connects taught, and what that means for the next one.
 * Pure: time is an argument, and memory the only thing asked for.
 *
 * Known per network (an opaque number of the caller's), per host and per
 * address: handshake times, and evidence against it. history.c says how the
 * evidence adds up, and why.
 *
 *     he_history_answer()    the resolver says which addresses there are
 *     he_history_advise()    in which order to try them, how far apart
 *     he_history_learn()     what became of an attempt
 *     he_history_next_probe()   what to try again in the background
 *     he_history_take(), he_history_absorb()   to a store and back
 *
 * Hosts go by name, without port: route, distance and a filter on a family
 * are the same for all ports, and http://host mostly redirects to
 * https://host. What is a port's own (a refusal, TLS that never completes) is
 * remembered with it and counts for that port alone.
 *
 * A host is up to HE_HISTORY_HOST_MAX bytes of any case, a trailing dot is
 * ignored; nothing is learned about one that is empty or longer. `now` never
 * decreases within a history. No function blocks; none may be called for one
 * history by two threads at once. */
#include "race/race.h"

#define HE_HISTORY_HOST_MAX 253
/* Addresses beyond this many a host: the one unused for longest is forgotten.
   No family keeps more than half of them. */
#define HE_HISTORY_ADDRS 16

struct he_history;

struct he_history_limits {
  unsigned max_hosts;       /* over all networks; then the one unused for
                               longest goes */
  unsigned max_networks;    /* likewise; its hosts stay */
  he_time_ns verdict_age;   /* after this long without evidence a verdict
                               lapses */
  he_time_ns times_age;     /* so long handshake times and addresses are
                               used */
  uint64_t seed;            /* of the hash: random, or 0 in tests */
};

/* 4,096 hosts, 64 networks, 10 minutes (RFC 6555 section 4.2), a day. */
void he_history_limits_usual(struct he_history_limits *l);

/* A new, empty history, owned by the caller; NULL without memory. The limits
   are copied, their values are the caller's to have checked: counts of at
   least 1, ages above 0 and of at most a year (asserted). */
struct he_history *he_history_new(const struct he_history_limits *l);
void he_history_free(struct he_history *h);   /* NULL is fine */

/* -- learning ----------------------------------------------------------- */

enum he_outcome_kind {
  HE_OUTCOME_CONNECTED,    /* handshake, retransmitted */
  HE_OUTCOME_FAILED,       /* error. What the machine itself lacks
                              (descriptors, memory, ports) is not counted;
                              ETIMEDOUT counts as unanswered. */
  HE_OUTCOME_UNANSWERED,   /* pending, delay, winner: no answer yet when
                              another one won, a time-out came or the caller
                              left. Told in every such case: history judges
                              whether that was too long. */
  HE_OUTCOME_TLS_DEAD,     /* TCP connected, then TLS never completed for want
                              of an answer; error: the peer ended it, 0: it
                              was silent, which says as much of the other
                              addresses of the family */
  HE_OUTCOME_DELIVERED     /* TLS completed, or without it a response came.
                              After CONNECTED. */
};

struct he_outcome {
  enum he_outcome_kind kind;
  struct he_addr addr;       /* with the port it was tried at */
  he_time_ns handshake;      /* the kernel's figure (TCP_INFO), > 0; 0 where it
                                is not known */
  bool retransmitted;        /* a SYN was: no sample, by Karn's algorithm */
  he_time_ns pending;        /* how long it had been waited for */
  he_time_ns delay;          /* its connection attempt delay */
  he_time_ns winner;         /* how long the winner's own handshake took; 0:
                                nobody won */
  int error;                 /* an errno value */
  bool probe;                /* of he_history_next_probe() */
};

/* False, and nothing learned, without memory or for a host that cannot be
   one. Values out of range (negative times, an unknown family) are ignored. */
bool he_history_learn(struct he_history *h, uint64_t network, const char *host,
                      const struct he_outcome *o, he_time_ns now);

/* The resolver's answer for a family: the addresses (other families' are
 * skipped, ports ignored) and how long they are valid, in seconds; 0 where the
 * resolver does not tell. Addresses that an earlier answer gave are no longer
 * offered by he_history_addresses(), but what they taught stays. n = 0 is "has
 * none"; a resolver's failure is not told at all. False as in learn. */
bool he_history_answer(struct he_history *h, uint64_t network,
                       const char *host, enum he_family f,
                       const struct he_addr *list, size_t n, uint32_t ttl,
                       he_time_ns now);

/* The resolver failed for a family, or kept silent. Of one that it has told
   lately this says nothing; of any other, that it is not worth a wait: as an
   answer without addresses. False as in learn. */
bool he_history_unanswered(struct he_history *h, uint64_t network,
                           const char *host, enum he_family f,
                           he_time_ns now);

/* -- advice ------------------------------------------------------------- */

/* Is the host in memory? With host NULL: is the network? */
bool he_history_has(const struct he_history *h, uint64_t network,
                    const char *host);

/* What the user's options say. */
struct he_advice_rules {
  he_time_ns leeway;         /* so much an address may cost over the best */
  he_time_ns min_delay;      /* RFC 8305 section 5 */
  he_time_ns max_delay;
  he_time_ns first_delay;    /* where nothing is known */
  bool keep_families;        /* the user has said which family goes first:
                                only addresses within a family change places */
};

/* 50 ms, 50 ms, 2 s, 150 ms, families may change places. */
void he_advice_rules_usual(struct he_advice_rules *r);

/* What a Connection Attempt Delay was derived from. */
enum he_pace_from {
  HE_PACE_COLD,        /* nothing: it is the one of first contact */
  HE_PACE_NETWORK,     /* the round trips of other hosts on this network */
  HE_PACE_HOST         /* the round trips of the host itself */
};

/* Changes the delays of `c`, as he_options_race() made it, for a race alone
 * to a host that `delay` is known of; `from` says how well.
 *   HE_PACE_COLD     nothing changes: the delays grow from first contact's.
 *   HE_PACE_NETWORK  `delay` is the first one; the others grow from it.
 *   HE_PACE_HOST     `delay` is the one fixed delay.
 * A fixed delay of the user's stays what it is. Beside libcurl this is not for
 * the caller: there attempt_delay is `delay`, whatever it was derived from. */
void he_pace(struct he_race_config *c, he_time_ns delay,
             enum he_pace_from from);

/* Better ranks are to be tried before worse ones. */
enum he_rank {
  HE_RANK_GOOD,              /* or unknown */
  HE_RANK_SLOW,              /* answers, for more than the leeway */
  HE_RANK_DOUBTED,           /* its family fails with other hosts */
  HE_RANK_BAD                /* it fails, or its family does with this host */
};

struct he_advice {
  enum he_rank rank;
  he_time_ns delay;          /* the connection attempt delay after it */
  enum he_pace_from from;    /* what the delay was derived from */
  bool doubtful;             /* not bad, but it has lost a SYN, and has not
                                connected within times_age */
  bool proven;               /* it has, and not lost one since */
  bool charged;              /* something is held against it that a connect
                                would end */
  bool lures;                /* bad, but only for TLS that never completes: it
                                connects, and would win a race */
};

/* Sorts `list`, which is in the system's order, by rank; equal ranks keep
 * their order and nothing is ever removed. advice[i] goes with list[i], as it
 * is at the return. RFC 8305 section 4 remains to be done: see
 * he_advice_interleave(). */
void he_history_advise(struct he_history *h, uint64_t network,
                       const char *host, const struct he_advice_rules *rules,
                       struct he_candidate *list, size_t n,
                       struct he_advice *advice, he_time_ns now);

/* The same for somebody who only looks: no host counts as used, and no probe
   is planned. */
void he_history_foresee(struct he_history *h, uint64_t network,
                        const char *host, const struct he_advice_rules *rules,
                        struct he_candidate *list, size_t n,
                        struct he_advice *advice, he_time_ns now);

/* Alternates the families (RFC 8305 section 4) within each rank; the first
   address family count is for the best one. */
void he_advice_interleave(struct he_candidate *list, struct he_advice *advice,
                          size_t n, unsigned first_count);

/* Within each family and rank, what is doubtful behind what is not: families
 * stay where they are. After he_history_advise(). */
void he_advice_hedge(struct he_candidate *list, struct he_advice *advice,
                     size_t n);

struct he_remembered {
  struct he_addr addr;       /* port 0 */
  he_time_ns age;            /* of the answer */
  uint32_t ttl;              /* seconds, 0: not known */
  bool fresh;                /* younger than its TTL */
};

/* The addresses that the last answers gave, IPv6 first, as they were answered:
 * returns how many there are, writes at most `max`. Those that are not fresh
 * only where `authenticated`: where whoever answers at a stale address could
 * not pass for the host (TLS with a verified certificate). None older than
 * times_age. */
size_t he_history_addresses(const struct he_history *h, uint64_t network,
                            const char *host, bool authenticated,
                            struct he_remembered *out, size_t max,
                            he_time_ns now);

/* Is it remembered what the resolver said for this family, be it that there
   are none? As he_history_addresses() has it; what has no TTL (as "none") is
   not fresh. */
bool he_history_answered(const struct he_history *h, uint64_t network,
                         const char *host, enum he_family f,
                         bool authenticated, he_time_ns now);

/* Every address of the host that something is known of, IPv6 first, those of
 * the last answers ahead of others: returns how many were written, at most
 * `max`. Their port is 0, their `age` that of the answer, HE_NEVER where it
 * was in none. What is not of an answer may be another host's by now: it is
 * good to judge by, and not to connect to. */
size_t he_history_known(const struct he_history *h, uint64_t network,
                        const char *host, struct he_remembered *out,
                        size_t max, he_time_ns now);

/* How long ago a handshake with the host was last measured; HE_NEVER: never. */
he_time_ns he_history_measured(const struct he_history *h, uint64_t network,
                               const char *host, he_time_ns now);

/* -- healing ------------------------------------------------------------ */

/* A probe is one connect in the background, closed when it is there. Give it
   up after this long: three SYNs (RFC 6298: after 0, 1 and 3 s). */
#define HE_PROBE_TIMEOUT HE_MS(5000)

struct he_probe {
  uint64_t network;
  char host[HE_HISTORY_HOST_MAX + 1];
  struct he_addr addr;       /* with the port it failed at */
};

/* When to ask he_history_next_probe() again, or HE_NEVER. */
he_time_ns he_history_probe_due(const struct he_history *h);

/* A probe that is due, if any; its outcome is then told to he_history_learn()
 * with `probe` set, or it is due again after a while. Hosts that nobody has
 * asked for within verdict_age are not probed. `network` is the only one that
 * can be probed now: what is due for others is put off until they are in
 * use. */
bool he_history_next_probe(struct he_history *h, uint64_t network,
                           struct he_probe *out, he_time_ns now);

/* -- to a store and back ------------------------------------------------ */

/* The wall clock is only used to write down ages: milliseconds since 1970, up
   to the year 9999, passed in together with the `now` of the same moment. */

/* Bytes of a line at most, without its end. A host of 16 addresses, of which
   all is known, has some 8,100. */
#define HE_RECORD_MAX 12288

/* A line of printable ASCII, without its end; its last word is a checksum.
   record.c says what is in it. */
struct he_record {
  size_t len;
  char line[HE_RECORD_MAX];
};

enum he_record_kind {
  HE_RECORD_HOST,
  HE_RECORD_NETWORK,
  HE_RECORD_FORGET           /* what earlier lines said is void */
};

struct he_record_head {
  enum he_record_kind kind;
  uint64_t network;          /* HOST, NETWORK: of which network */
  bool some;                 /* FORGET: the host of name_hash; else all */
  uint64_t name_hash;        /* HOST, and FORGET where some */
  int64_t wall_ms;           /* FORGET: when */
};

/* What a line is about. False for what is damaged, or no line of ours. */
bool he_record_head(const char *line, size_t len, struct he_record_head *out);

/* The line that says: what earlier lines said of this host (NULL: of
   everything) is forgotten. It does not name the host. False for a host that
   cannot be one, or a clock that is out of range. */
bool he_record_forget(struct he_record *out, const char *host,
                      int64_t wall_ms);

/* The next record that has changed since it was last taken or absorbed; false
   when there is none. Hosts that fall out of memory before are lost. */
bool he_history_take(struct he_history *h, struct he_record *out,
                     he_time_ns now, int64_t wall_ms);

/* Every record, hosts before networks and the last used ones last, until
   each() returns false. False where it did. */
bool he_history_each(const struct he_history *h,
                     bool (*each)(void *ctx, const struct he_record *r),
                     void *ctx, he_time_ns now, int64_t wall_ms);

/* The same of part 0, 1 ... of a history that may change between two calls: of
   a few hosts, those of a slot of the hash table. False: this was the last
   part, or each() returned false. Who is there all the time comes once at
   least, for a table that has grown has the hosts of a slot in that one or in
   a new one behind all former ones. */
bool he_history_part(const struct he_history *h, unsigned part,
                     bool (*each)(void *ctx, const struct he_record *r),
                     void *ctx, he_time_ns now, int64_t wall_ms);

enum he_absorbed {
  HE_ABSORBED,
  HE_ABSORB_REJECTED,        /* not a record: nothing changed */
  HE_ABSORB_NO_MEMORY        /* nothing changed */
};

/* Takes in a line of a store, of any length and content. What is newer wins,
 * address by address: the order in which records are absorbed does not matter,
 * nor does absorbing one twice. A host is the last to make room for others,
 * as if it were used. What is too old is skipped, times in the future beyond a
 * minute make it no record. A line that says "forget" makes the history
 * forget. */
enum he_absorbed he_history_absorb(struct he_history *h, const char *line,
                                   size_t len, he_time_ns now,
                                   int64_t wall_ms);

/* -- looking and forgetting --------------------------------------------- */

struct he_history_view {
  uint64_t network;
  const char *host;          /* valid during the callback */
  struct he_addr addr;       /* port 0 */
  he_time_ns srtt;           /* 0: never measured */
  he_time_ns rttvar;
  he_time_ns unused;         /* how long nothing was learned of it */
  uint32_t successes;
  uint32_t failures;         /* errors, and TLS that never completed */
  uint32_t losses;           /* SYNs that were not answered in time */
  enum he_rank rank;         /* GOOD, DOUBTED or BAD (at any port) */
};

/* Every address of every host, most recently used hosts first, until `see`
   returns false. `see` must not change the history. Returns how many it was
   shown. */
size_t he_history_foreach(const struct he_history *h,
                          bool (*see)(const struct he_history_view *v,
                                      void *data),
                          void *data, he_time_ns now);

/* Forgets a host in every network (host), everything about a network
 * (network), a host in one (both) or all (neither; NULL is "any"). Returns how
 * many hosts that was. A store is the caller's to clear as well. */
size_t he_history_forget(struct he_history *h, const uint64_t *network,
                         const char *host);

/* Hosts in memory. */
size_t he_history_hosts(const struct he_history *h);

#endif
