/* SPDX-License-Identifier: MIT */
/* network.c - what the hosts of a network have in common. */
#include "policy/memory.h"

#include <string.h>

struct he_network *he_network_find(const struct he_history *h, uint64_t id)
{
  struct he_network *n = &h->network[h->network_last];
  if(n->tick && n->id == id)
    return n;
  for(unsigned i = 0; i < h->limits.max_networks; i++)
    if(h->network[i].tick && h->network[i].id == id)
      return &h->network[i];
  return NULL;
}

static void clear(struct he_network *n, uint64_t id)
{
  memset(n, 0, sizeof(*n));
  n->id = id;
  for(int f = 0; f < HE_FAMILIES; f++) {
    struct he_network_family *family = &n->family[f];
    family->sampled = family->probe_at = HE_LONG_AGO;
    for(int c = 0; c < HE_NETWORK_CHARGES; c++) {
      family->refuted[c] = HE_LONG_AGO;
      for(int w = 0; w < HE_WITNESSES; w++)
        family->witness[c][w].at = HE_LONG_AGO;
    }
  }
}

struct he_network *he_network_get(struct he_history *h, uint64_t id)
{
  struct he_network *n = he_network_find(h, id);
  if(!n) {
    n = h->network;
    for(unsigned i = 1; i < h->limits.max_networks; i++)
      if(h->network[i].tick < n->tick)
        n = &h->network[i];
    clear(n, id);
  }
  n->tick = ++h->tick;
  h->network_last = (unsigned)(n - h->network);
  return n;
}

void he_network_testify(struct he_network_family *n, enum he_network_charge c,
                        struct he_witness w)
{
  struct he_witness *old = &n->witness[c][0];
  if(w.at <= n->refuted[c])
    return;
  for(int i = 0; i < HE_WITNESSES; i++) {
    struct he_witness *other = &n->witness[c][i];
    if(other->at != HE_LONG_AGO &&
       (other->host == w.host || other->addr == w.addr)) {
      old = other;       /* one host, or one machine with two names */
      break;
    }
    if(other->at < old->at)
      old = other;
  }
  if(w.at > old->at)
    *old = w;
}

void he_network_refute(struct he_network_family *n, enum he_network_charge c,
                       he_time_ns at)
{
  if(at < n->refuted[c])
    return;
  n->refuted[c] = at;
  n->gap = 0;
  for(int i = 0; i < HE_WITNESSES; i++)
    if(n->witness[c][i].at <= at)
      n->witness[c][i].at = HE_LONG_AGO;
}

bool he_network_doubts(const struct he_network *n, enum he_family f,
                       he_time_ns now, he_time_ns verdict_age)
{
  for(int c = 0; c < HE_NETWORK_CHARGES; c++) {
    int w = 0;
    while(w < HE_WITNESSES &&
          he_age(n->family[f].witness[c][w].at, now) < verdict_age)
      w++;
    if(w == HE_WITNESSES)
      return true;
  }
  return false;
}
