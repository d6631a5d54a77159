/* SPDX-License-Identifier: MIT */
/* absorb.c - to a store and back: several processes may write records of one
 * host, and each is to end up with what all of them know.
 *
 * Of each time the newer one stays (fields.h). Counts are not added up, so that
 * merging twice is as merging once: the greater one stays. */
#include "history/record.h"

#include <assert.h>

static void merge_host(struct he_host *host, const struct he_record_body *r)
{
  if(r->used > host->used || (r->used == host->used && r->port > host->port)) {
    host->used = r->used;
    host->port = r->port;
  }
  for(int f = 0; f < HE_FAMILIES; f++)
    he_fields_merge(&he_of_family, &host->family[f], &r->family[f]);
  for(unsigned i = 0; i < r->n; i++) {
    struct he_known *k = he_known_merge(host, &r->known[i]);
    if(k)
      he_fields_merge(&he_of_known, k, &r->known[i]);
  }
}

static void merge_network(struct he_network *n, const struct he_record_body *r)
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    struct he_network_family *a = &n->family[f];
    const struct he_network_family *b = &r->network[f];
    he_fields_merge(&he_of_estimate, &a->rtt, &b->rtt);
    for(enum he_network_charge c = 0; c < HE_NETWORK_CHARGES; c++) {
      if(b->refuted[c] != HE_LONG_AGO)
        he_network_refute(a, c, b->refuted[c]);
      for(int i = 0; i < HE_WITNESSES; i++)
        if(b->witness[c][i].at != HE_LONG_AGO)
          he_network_testify(a, c, b->witness[c][i]);
    }
  }
}

/* -- in and out --------------------------------------------------------- */

static enum he_absorbed absorb_host(struct he_history *h, uint64_t network,
                                    const struct he_name *name,
                                    const struct he_record_body *r,
                                    he_time_ns now)
{
  struct he_host *host;
  if(he_age(r->used, now) >= h->limits.times_age)
    return HE_ABSORBED;
  host = he_host_get(h, network, name);
  if(!host || !he_known_reserve(host, r->n))
    return HE_ABSORB_NO_MEMORY;
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
  struct he_record_body body;
  struct he_name name;
  struct he_word rest;
  if(now < 0 || wall_ms < 0 || wall_ms > HE_WALL_MAX ||
     !he_record_open(line, len, &head, &name, &rest) ||
     (head.kind != HE_RECORD_FORGET &&
      !he_record_read(&body, head.kind, rest, m)))
    return HE_ABSORB_REJECTED;
  switch(head.kind) {
  case HE_RECORD_HOST:
    return absorb_host(h, head.network, &name, &body, now);
  case HE_RECORD_NETWORK:
    merge_network(he_network_get(h, head.network), &body);
    break;
  case HE_RECORD_FORGET:
    he_hosts_forget(h, NULL, head.some ? &head.name_hash : NULL);
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
