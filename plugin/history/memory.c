/* SPDX-License-Identifier: MIT */
/* memory.c - hosts and addresses: found, made, and forgotten when there are
 * too many. Memory is asked for only when a host or an address is new. */
#include "history/memory.h"

#include <stdlib.h>
#include <string.h>

uint32_t he_addr_tag(const struct he_addr *a)
{
  return (uint32_t)he_hash_of(a->family + (uint64_t)a->scope * 2, a->ip,
                              sizeof(a->ip));
}

bool he_name_set(struct he_name *out, const char *host)
{
  if(!he_host_read(host, out->text) || !*out->text)
    return false;
  out->len = strlen(out->text);
  out->hash = he_hash_of(0, out->text, out->len);
  return true;
}

/* -- lists -------------------------------------------------------------- */

static void link_out(struct he_link *l)
{
  l->prev->next = l->next;
  l->next->prev = l->prev;
  l->prev = l->next = l;
}

static void link_after(struct he_link *where, struct he_link *l)
{
  l->prev = where;
  l->next = where->next;
  where->next->prev = l;
  where->next = l;
}

void he_host_use(struct he_history *h, struct he_host *host, he_time_ns now)
{
  if(host->used == HE_LONG_AGO || now > host->used)
    host->used = now;
  if(h->used.next != &host->used_link) {
    link_out(&host->used_link);
    link_after(&h->used, &host->used_link);
  }
}

void he_host_dirty(struct he_history *h, struct he_host *host)
{
  if(host->dirty_link.next == &host->dirty_link)
    link_after(h->dirty.prev, &host->dirty_link);
}

void he_host_clean(struct he_host *host)
{
  link_out(&host->dirty_link);
}

/* -- hosts -------------------------------------------------------------- */

/* The seed keeps whoever chooses names from choosing buckets. */
static uint64_t place_of(const struct he_history *h, uint64_t network,
                         const struct he_name *name)
{
  return he_hash_of(h->limits.seed ^ name->hash, &network, sizeof(network));
}

static struct he_host **bucket_of(const struct he_history *h, uint64_t hash)
{
  return &h->bucket[hash & (h->buckets - 1)];
}

static struct he_host *find(const struct he_history *h, uint64_t hash,
                            uint64_t network, const struct he_name *name)
{
  struct he_host *host;
  for(host = *bucket_of(h, hash); host; host = host->chain)
    if(host->hash == hash && host->network == network &&
       host->len == name->len && !memcmp(host->name, name->text, name->len))
      break;
  return host;
}

struct he_host *he_host_named(const struct he_history *h, uint64_t network,
                              const char *host)
{
  struct he_name name;
  return he_name_set(&name, host) ?
         find(h, place_of(h, network, &name), network, &name) : NULL;
}

static struct he_host *host_new(uint64_t hash, uint64_t network,
                                const struct he_name *name)
{
  struct he_host *host = calloc(1, sizeof(*host) + name->len + 1);
  if(!host)
    return NULL;
  host->used_link.prev = host->used_link.next = &host->used_link;
  host->dirty_link.prev = host->dirty_link.next = &host->dirty_link;
  host->hash = hash;
  host->network = network;
  host->name_hash = name->hash;
  host->used = HE_LONG_AGO;
  for(int f = 0; f < HE_FAMILIES; f++) {
    struct he_host_family *family = &host->family[f];
    he_track_clear(&family->track);
    family->answered = family->probed = HE_LONG_AGO;
    family->probe_at = HE_NEVER;
  }
  host->len = (uint8_t)name->len;
  memcpy(host->name, name->text, name->len + 1);
  return host;
}

struct he_host *he_host_get(struct he_history *h, uint64_t network,
                            const struct he_name *name)
{
  uint64_t hash = place_of(h, network, name);
  struct he_host *host = find(h, hash, network, name);
  struct he_host **b;
  if(host)
    return host;
  if(!he_timers_reserve(&h->probes))
    return NULL;
  host = host_new(hash, network, name);
  if(!host) {
    he_timers_release(&h->probes);
    return NULL;
  }
  if(h->hosts == h->limits.max_hosts)
    he_host_free(h, (struct he_host *)(void *)h->used.prev);
  b = bucket_of(h, hash);
  host->chain = *b;
  *b = host;
  link_after(&h->used, &host->used_link);
  h->hosts++;
  return host;
}

void he_host_free(struct he_history *h, struct he_host *host)
{
  struct he_host **b = bucket_of(h, host->hash);
  while(*b != host)
    b = &(*b)->chain;
  *b = host->chain;
  he_timer_set(&h->probes, &host->probe, HE_NEVER);
  he_timers_release(&h->probes);
  link_out(&host->used_link);
  link_out(&host->dirty_link);
  h->hosts--;
  free(host->known);
  free(host);
}

/* -- addresses ---------------------------------------------------------- */

int he_addr_order(const struct he_addr *a, const struct he_addr *b)
{
  if(a->family != b->family)
    return a->family < b->family ? -1 : 1;
  if(a->scope != b->scope)
    return a->scope < b->scope ? -1 : 1;
  return memcmp(a->ip, b->ip, sizeof(a->ip));
}

struct he_known *he_known_find(const struct he_host *host,
                               const struct he_addr *a)
{
  for(unsigned i = 0; i < host->n; i++)
    if(!he_addr_order(&host->known[i].addr, a))
      return &host->known[i];
  return NULL;
}

static he_time_ns last_heard(const struct he_known *k)
{
  return k->answered > k->track.at ? k->answered : k->track.at;
}

/* The one to give up for another of its family; NULL where there is room. */
static struct he_known *oldest(const struct he_host *host, uint8_t family)
{
  struct he_known *old = NULL;
  unsigned of_family = 0;
  for(unsigned i = 0; i < host->n; i++) {
    struct he_known *k = &host->known[i];
    if(k->addr.family != family)
      continue;
    of_family++;
    if(!old || last_heard(k) < last_heard(old))
      old = k;
  }
  return of_family < HE_FAMILY_ADDRS ? NULL : old;
}

bool he_known_reserve(struct he_host *host, size_t more)
{
  struct he_known *known;
  size_t room = host->n + more;
  if(room <= host->room)
    return true;
  if(room < 2 * (size_t)host->room)
    room = 2 * (size_t)host->room;
  if(room > HE_HISTORY_ADDRS)
    room = HE_HISTORY_ADDRS;
  if(room <= host->room)
    return true;
  known = realloc(host->known, room * sizeof(*known));
  if(!known)
    return false;
  host->known = known;
  host->room = (uint8_t)room;
  return true;
}

/* Those behind it move up. */
static void give_up(struct he_host *host, struct he_known *k)
{
  const struct he_known *end = host->known + host->n--;
  memmove(k, k + 1, (size_t)(end - (k + 1)) * sizeof(*k));
}

struct he_known *he_known_get(struct he_host *host, const struct he_addr *a)
{
  struct he_known *k = he_known_find(host, a);
  unsigned i = 0;
  if(k)
    return k;
  k = oldest(host, a->family);
  if(k)
    give_up(host, k);
  else if(!he_known_reserve(host, 1))
    return NULL;
  while(i < host->n && he_addr_order(&host->known[i].addr, a) < 0)
    i++;
  k = &host->known[i];
  memmove(k + 1, k, (host->n++ - i) * sizeof(*k));
  memset(k, 0, sizeof(*k));
  k->addr = *a;
  k->addr.port = 0;
  k->answered = HE_LONG_AGO;
  he_track_clear(&k->track);
  return k;
}

struct he_known *he_known_merge(struct he_host *host,
                                const struct he_known *from)
{
  const struct he_known *k = he_known_find(host, &from->addr);
  if(!k) {
    k = oldest(host, from->addr.family);
    if(k && last_heard(k) >= last_heard(from))
      return NULL;
  }
  return he_known_get(host, &from->addr);
}
