/* SPDX-License-Identifier: MIT */
/* probe.c - tries again in the background what goes later, so that it comes
 * back when it works.
 *
 *   doubt --2 s--> probe --connected--> done; a verdict is on probation
 *                    |
 *                    +--not--> again after 4 s, 8 s, ... verdict_age / 2
 *
 * A verdict on an address that has lately connected is probed at once: two SYNs
 * lost in a row happen to a busy host on a shaky network, and each connect
 * until the probe would go elsewhere.
 *
 * One plan a family of a host. Half of verdict_age, for a verdict must not
 * lapse between two probes: then a request would pay. A mere doubt is probed,
 * too: whether a SYN was lost or a path is dead is known two seconds later, at
 * no request's cost. Not probed is
 *   - what nobody has asked for within verdict_age;
 *   - what would change no order: a host none of whose addresses works;
 *   - TLS that never completes: a connect proves nothing about it. */
#include "history/memory.h"

#include <stddef.h>
#include <string.h>

/* A probe whose outcome is never told counts as over after this. */
#define PROBE_LOST (6 * HE_PROBE_TIMEOUT)
/* Probes are so far apart: when a network changes, hundreds may be due. */
#define PROBE_SPACE HE_MS(50)

static void set_time(struct he_history *h, struct he_host *host,
                     enum he_family f, he_time_ns at)
{
  const he_time_ns other = host->family[he_other_family(f)].probe_at;
  host->family[f].probe_at = at;
  he_timer_set(&h->probes, &host->probe, at < other ? at : other);
}

static struct he_host *host_of(struct he_timer *probe)
{
  return (struct he_host *)(void *)
    ((char *)probe - offsetof(struct he_host, probe));
}

/* -- what to probe ------------------------------------------------------ */

static bool works(const struct he_host *host, const struct he_known *k,
                  struct he_present p)
{
  return he_rank_of(host, NULL, k, (enum he_family)k->addr.family, 0, p) !=
         HE_RANK_BAD;
}

/* Is it of use to know whether this one connects? n: of its host, or NULL */
static bool in_question(const struct he_host *host, const struct he_network *n,
                        const struct he_known *k, struct he_present p)
{
  const enum he_family f = (enum he_family)k->addr.family;
  const struct he_host_family *family = &host->family[f];
  if(k->answered != family->answered)
    return false;                 /* no longer an address of the host */
  return (n && he_network_agrees(n, f, HE_NETWORK_SILENT, p)) || k->slow ||
         he_track_doubtful(&k->track, p) ||
         he_track_unreachable(&k->track, 0, p) ||
         (he_track_unreachable(&family->track, 0, p) && !works(host, k, p));
}

/* One that is not known bad itself is the better hope; then the one that was
   not heard of for longest. NULL: nothing to probe. */
static const struct he_known *target(const struct he_history *h,
                                     const struct he_host *host,
                                     enum he_family f, he_time_ns now)
{
  const struct he_network *n = he_network_find(h, host->network);
  const struct he_present p = he_present(h, now);
  const struct he_known *best = NULL;
  bool best_bad = false;
  bool other = false;             /* is there one to go first meanwhile? */
  for(unsigned i = 0; i < host->n; i++) {
    const struct he_known *k = &host->known[i];
    bool bad = he_track_unreachable(&k->track, 0, p);
    if(k->addr.family != f || !in_question(host, n, k, p))
      other = other || works(host, k, p);
    else if(!best || (best_bad && !bad) ||
            (best_bad == bad && k->track.at < best->track.at)) {
      best = k;
      best_bad = bad;
    }
  }
  return other ? best : NULL;
}

/* The port that it failed at, else one that the host was tried at. */
static uint16_t port_of(const struct he_host *host, const struct he_known *k,
                        struct he_present p)
{
  const struct he_track *track[] = { &k->track,
                                     &host->family[k->addr.family].track };
  for(int t = 0; t < 2; t++)
    for(int c = 0; c < HE_CHARGE_TLS; c++)
      if(he_charge_points(&track[t]->charge[c], p))
        return track[t]->charge[c].port;
  return host->port;
}

/* -- when --------------------------------------------------------------- */

void he_probe_plan(struct he_history *h, struct he_host *host,
                   enum he_family f, he_time_ns soonest, he_time_ns now)
{
  struct he_host_family *family = &host->family[f];
  if(family->probing)
    return;
  if(!target(h, host, f, now)) {
    const struct he_charge *silent = &family->track.charge[HE_CHARGE_SILENT];
    if(!he_charge_points(silent, he_present(h, now)))
      family->gap_ms = 0;         /* not so on probation */
    set_time(h, host, f, HE_NEVER);
  }
  else if(family->probe_at == HE_NEVER) {
    he_time_ns at = soonest;
    if(family->probed != HE_LONG_AGO)
      at = family->probed + HE_MS(family->gap_ms);
    set_time(h, host, f, at > soonest ? at : soonest);
  }
}

void he_probe_hurry(struct he_history *h, struct he_host *host,
                    enum he_family f, he_time_ns now)
{
  const struct he_host_family *family = &host->family[f];
  if(!family->probing && !family->gap_ms && family->probe_at != HE_NEVER &&
     family->probe_at > now)
    set_time(h, host, f, now);
}

/* At most a day, and half of verdict_age. */
static uint32_t next_gap(const struct he_history *h, uint32_t gap_ms)
{
  he_time_ns next = gap_ms ? 2 * HE_MS(gap_ms) : 2 * HE_PROBE_FIRST;
  he_time_ns most = h->limits.verdict_age / 2;
  if(most > HE_MS(86400000))
    most = HE_MS(86400000);
  return (uint32_t)((next < most ? next : most) / HE_MS(1));
}

void he_probe_over(struct he_history *h, struct he_host *host,
                   enum he_family f, he_time_ns now)
{
  host->family[f].probing = false;
  set_time(h, host, f, HE_NEVER);
  he_probe_plan(h, host, f, now, now);
}

he_time_ns he_history_probe_due(const struct he_history *h)
{
  he_time_ns due = he_timers_due(&h->probes);
  return due < h->probe_free ? h->probe_free : due;
}

static bool issue(struct he_history *h, struct he_host *host,
                  enum he_family f, struct he_probe *out, he_time_ns now)
{
  struct he_host_family *family = &host->family[f];
  const struct he_known *k = target(h, host, f, now);
  if(!k)
    return false;
  out->network = host->network;
  memcpy(out->host, host->name, host->len + (size_t)1);
  out->addr = k->addr;
  out->addr.port = port_of(host, k, he_present(h, now));
  family->gap_ms = next_gap(h, family->gap_ms);
  family->probed = now;
  family->probing = true;
  set_time(h, host, f, now + PROBE_LOST);
  he_host_dirty(h, host);
  h->probe_free = now + PROBE_SPACE;
  return true;
}

bool he_history_next_probe(struct he_history *h, uint64_t network,
                           struct he_probe *out, he_time_ns now)
{
  while(he_history_probe_due(h) <= now) {
    struct he_host *host = host_of(he_timers_pop(&h->probes, now));
    enum he_family f =
      host->family[HE_IPV6].probe_at == host->probe.due ? HE_IPV6 : HE_IPV4;
    host->family[f].probing = false;
    set_time(h, host, f, HE_NEVER);
    if(host->network == network &&
       he_age(host->used, now) < h->limits.verdict_age &&
       issue(h, host, f, out, now))
      return true;
  }
  return false;
}
