/* SPDX-License-Identifier: MIT */
/* networks.c - what the hosts of a network have in common. */
#include "history/memory.h"

#include <string.h>

static const struct he_witness nobody = { .at = HE_LONG_AGO };

struct he_network *he_network_find(const struct he_history *h, uint64_t id)
{
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
    family->rtt.at = HE_LONG_AGO;
    for(int c = 0; c < HE_NETWORK_CHARGES; c++) {
      family->refuted[c] = HE_LONG_AGO;
      for(int w = 0; w < HE_WITNESSES; w++)
        family->witness[c][w] = nobody;
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
  return n;
}

static bool earlier(const struct he_witness *a, const struct he_witness *b)
{
  return a->at != b->at ? a->at < b->at : a->host < b->host;
}

/* The latest are kept, in order. */
void he_network_testify(struct he_network_family *n, enum he_network_charge c,
                        struct he_witness w)
{
  struct he_witness *list = n->witness[c];
  int at = HE_WITNESSES - 1;
  if(w.at <= n->refuted[c])
    return;
  for(int i = 0; i < HE_WITNESSES; i++)
    if(list[i].at != HE_LONG_AGO &&
       (list[i].host == w.host || list[i].addr == w.addr)) {
      at = i;            /* one host, or one machine with two names */
      break;
    }
  if(!earlier(&list[at], &w))
    return;
  for(; at && earlier(&list[at - 1], &w); at--)
    list[at] = list[at - 1];
  list[at] = w;
}

void he_network_refute(struct he_network_family *n, enum he_network_charge c,
                       he_time_ns at)
{
  if(at < n->refuted[c])
    return;
  n->refuted[c] = at;
  for(int i = 0; i < HE_WITNESSES; i++)
    if(n->witness[c][i].at <= at)
      n->witness[c][i] = nobody;
}

bool he_network_agrees(const struct he_network *n, enum he_family f,
                       enum he_network_charge c, struct he_present p)
{
  const struct he_witness *w = n->family[f].witness[c];
  for(int i = 0; i < HE_WITNESSES; i++)
    if(he_age(w[i].at, p.now) >= p.verdict_age)
      return false;
  return true;
}

/* It may be the address's own fault, its family's at this host, or its family's
   with every host of the network. */
enum he_rank he_rank_of(const struct he_host *host, const struct he_network *n,
                        const struct he_known *known, enum he_family f,
                        uint16_t port, struct he_present p)
{
  const struct he_track *family = host ? &host->family[f].track : NULL;
  bool proven = false;              /* by itself, whatever its family does */
  if(known) {
    const struct he_track *own = &known->track;
    if(he_track_unreachable(own, port, p) ||
       he_track_verdict(own, HE_CHARGE_TLS, port, p))
      return HE_RANK_BAD;
    proven = he_age(own->good_at, p.now) < p.verdict_age &&
             !he_charge_points(&own->charge[HE_CHARGE_SILENT], p);
  }
  if(family && ((!proven && he_track_unreachable(family, port, p)) ||
                he_track_verdict(family, HE_CHARGE_TLS, port, p)))
    return HE_RANK_BAD;
  if(n && (he_network_agrees(n, f, HE_NETWORK_SILENT, p) ||
           he_network_agrees(n, f, HE_NETWORK_TLS, p)))
    return HE_RANK_DOUBTED;
  return HE_RANK_GOOD;
}
