/* SPDX-License-Identifier: MIT */
/* absorb.c - to a store and back: several processes may write records of one
 * host, and each is to end up with what all of them know.
 *
 * What is merged are times, each with what was known at it: of two the newer
 * one stays, and of equal ones the greater, so that merging is associative,
 * commutative and idempotent. Counts are not added up for the same reason: the
 * greater one stays. */
#include "history/record.h"

#include <assert.h>
#include <string.h>

static he_time_ns later(he_time_ns a, he_time_ns b)
{
  return a > b ? a : b;
}

static uint32_t more(uint32_t a, uint32_t b)
{
  return a > b ? a : b;
}

static void merge_estimate(struct he_estimate *a, he_time_ns *at,
                           const struct he_estimate *b, he_time_ns bt)
{
  if(bt > *at || (bt == *at && (b->srtt_us > a->srtt_us ||
                                (b->srtt_us == a->srtt_us &&
                                 b->rttvar_us > a->rttvar_us)))) {
    *a = *b;
    *at = bt;
  }
}

static void merge_charge(struct he_charge *a, const struct he_charge *b)
{
  bool b_wins = b->at > a->at;
  if(b->at == a->at) {
    if(b->points != a->points)
      b_wins = b->points > a->points;
    else if(b->port != a->port)
      b_wins = b->port > a->port;
    else
      b_wins = b->by > a->by;
  }
  if(b_wins)
    *a = *b;
}

static void merge_track(struct he_track *a, const struct he_track *b)
{
  merge_estimate(&a->rtt, &a->sampled, &b->rtt, b->sampled);
  a->good_at = later(a->good_at, b->good_at);
  a->at = later(a->at, b->at);
  for(int i = 0; i < HE_CHARGES; i++)
    merge_charge(&a->charge[i], &b->charge[i]);
  a->successes = more(a->successes, b->successes);
  a->failures = more(a->failures, b->failures);
  a->losses = more(a->losses, b->losses);
}

static void merge_family(struct he_host_family *a,
                         const struct he_host_family *b)
{
  merge_track(&a->track, &b->track);
  a->answered = later(a->answered, b->answered);
  if(b->probed > a->probed || (b->probed == a->probed && b->gap > a->gap)) {
    a->probed = b->probed;
    a->gap = b->gap;
  }
}

static void merge_known(struct he_known *a, const struct he_known *b)
{
  merge_track(&a->track, &b->track);
  if(b->answered > a->answered ||
     (b->answered == a->answered &&
      (b->ttl > a->ttl || (b->ttl == a->ttl && b->place > a->place)))) {
    a->answered = b->answered;
    a->ttl = b->ttl;
    a->place = b->place;
  }
}

static void merge_host(struct he_host *host, const struct he_host_record *r)
{
  if(r->used > host->used || (r->used == host->used && r->port > host->port)) {
    host->used = r->used;
    host->port = r->port;
  }
  for(int f = 0; f < HE_FAMILIES; f++)
    merge_family(&host->family[f], &r->family[f]);
  for(unsigned i = 0; i < r->n; i++) {
    struct he_known *k = he_known_merge(host, &r->known[i]);
    if(k)
      merge_known(k, &r->known[i]);
  }
}

static void merge_network(struct he_network *n, const struct he_network *r)
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    struct he_network_family *a = &n->family[f];
    const struct he_network_family *b = &r->family[f];
    merge_estimate(&a->rtt, &a->sampled, &b->rtt, b->sampled);
    for(int c = 0; c < HE_NETWORK_CHARGES; c++) {
      if(b->refuted[c] != HE_LONG_AGO)
        he_network_refute(a, (enum he_network_charge)c, b->refuted[c]);
      for(int i = 0; i < HE_WITNESSES; i++)
        if(b->witness[c][i].at != HE_LONG_AGO)
          he_network_testify(a, (enum he_network_charge)c, b->witness[c][i]);
    }
  }
}

/* -- in and out --------------------------------------------------------- */

static void forget(struct he_history *h, const struct he_record_head *head)
{
  struct he_link *next;
  if(!head->some) {
    he_history_forget(h, NULL, NULL);
    return;
  }
  for(struct he_link *l = h->used.next; l != &h->used; l = next) {
    struct he_host *host = (struct he_host *)(void *)l;
    next = l->next;
    if(host->name_hash == head->name_hash)
      he_host_free(h, host);
  }
}

static enum he_absorbed absorb_host(struct he_history *h, uint64_t network,
                                    const struct he_name *name,
                                    const struct he_host_record *r,
                                    he_time_ns now)
{
  struct he_host *host;
  if(he_age(r->used, now) >= h->limits.times_age)
    return HE_ABSORBED;
  host = he_host_get(h, network, name);
  if(!host || !he_known_reserve(host, r->n)) {
    he_host_undo(h, host);
    return HE_ABSORB_NO_MEMORY;
  }
  merge_host(host, r);
  he_host_use(h, host, r->used);
  return HE_ABSORBED;
}

enum he_absorbed he_history_absorb(struct he_history *h, const char *line,
                                   size_t len, he_time_ns now,
                                   int64_t wall_ms)
{
  const struct he_moment m = { now, wall_ms };
  struct he_record_head head;
  struct he_host_record host;
  struct he_network network;
  struct he_name name;
  struct he_word rest;
  if(now < 0 || wall_ms < 0 || wall_ms > HE_WALL_MAX ||
     !he_record_open(line, len, &head, &name, &rest))
    return HE_ABSORB_REJECTED;
  switch(head.kind) {
  case HE_RECORD_HOST:
    return he_record_read_host(&host, rest, m) ?
           absorb_host(h, head.network, &name, &host, now) :
           HE_ABSORB_REJECTED;
  case HE_RECORD_NETWORK:
    if(!he_record_read_network(&network, rest, m))
      return HE_ABSORB_REJECTED;
    merge_network(he_network_get(h, head.network), &network);
    break;
  case HE_RECORD_FORGET:
    forget(h, &head);
    break;
  }
  return HE_ABSORBED;
}

bool he_history_take(struct he_history *h, struct he_record *out,
                     he_time_ns now, int64_t wall_ms)
{
  const struct he_moment m = { now, wall_ms };
  assert(now >= 0 && wall_ms >= 0 && wall_ms <= HE_WALL_MAX);
  if(h->dirty.next != &h->dirty) {
    struct he_host *host = he_host_of_dirty(h->dirty.next);
    he_host_clean(host);
    return he_record_write_host(out, host, m);
  }
  for(unsigned i = 0; i < h->limits.max_networks; i++)
    if(h->network[i].dirty) {
      h->network[i].dirty = false;
      return he_record_write_network(out, &h->network[i], m);
    }
  return false;
}

static bool give_host(const struct he_host *host, struct he_moment m,
                      bool (*each)(void *ctx, const struct he_record *r),
                      void *ctx)
{
  struct he_record r;
  return !he_record_write_host(&r, host, m) || each(ctx, &r);
}

static bool give_networks(const struct he_history *h, struct he_moment m,
                          bool (*each)(void *ctx, const struct he_record *r),
                          void *ctx)
{
  struct he_record r;
  for(unsigned i = 0; i < h->limits.max_networks; i++)
    if(h->network[i].tick && he_record_write_network(&r, &h->network[i], m) &&
       !each(ctx, &r))
      return false;
  return true;
}

bool he_history_each(const struct he_history *h,
                     bool (*each)(void *ctx, const struct he_record *r),
                     void *ctx, he_time_ns now, int64_t wall_ms)
{
  const struct he_moment m = { now, wall_ms };
  for(const struct he_link *l = h->used.prev; l != &h->used; l = l->prev)
    if(!give_host((const struct he_host *)(const void *)l, m, each, ctx))
      return false;
  return give_networks(h, m, each, ctx);
}

bool he_history_part(const struct he_history *h, unsigned part,
                     bool (*each)(void *ctx, const struct he_record *r),
                     void *ctx, he_time_ns now, int64_t wall_ms)
{
  const struct he_moment m = { now, wall_ms };
  if(part >= h->buckets) {
    give_networks(h, m, each, ctx);
    return false;
  }
  for(const struct he_host *host = h->bucket[part]; host; host = host->chain)
    if(!give_host(host, m, each, ctx))
      return false;
  return true;
}
