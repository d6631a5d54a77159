/* SPDX-License-Identifier: MIT */
/* hasten.c - two walkers, one a family, is how libcurl 7.88 to 8.15 connects:
 * there the HE timer is read once, when connecting begins, and says when the
 * second walker starts, if the host and the handle have a second family at
 * all. So no restriction of the application's is overstepped. Later versions
 * would make all their attempts at that pace, earlier ones read the timer only
 * after the socket is asked for. */
#include "glue/hasten.h"
#include "core/race.h"
#include "base/clock.h"
#include "engine/herds.h"
#include "glue/callbacks.h"

static bool has_walkers(void)
{
  return he_libcurl_version() >= 0x075800 && !he_libcurl_races();
}

void he_handle_hasten(struct he_handle *h, const struct he_peer *p)
{
  struct he_race_config c = { .beside = true };
  struct he_herd_key key = { .realm = h->he };
  struct he_tracer tracer;
  struct he_racer *racer;
  h->hastened = false;
  if(!he_herds_any() || !has_walkers() || he_handle_declared(h)->opensocket ||
     he_handle_declared(h)->sockopt)
    return;
  racer = he_handle_config(h, p->host, &c, &tracer);
  if(!racer)
    return;
  he_racer_unref(racer);
  key.host = p->host;
  key.port = p->port;
  key.allowed[HE_IPV6] = c.allowed[HE_IPV6];
  key.allowed[HE_IPV4] = c.allowed[HE_IPV4];
  if(!he_herds_ipv4_only(&key, he_clock_now()))
    return;
  curl_easy_setopt(h->easy, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS,
                   (long)(HE_RACE_MIN_GAP / HE_MS(1)));
  h->hastened = true;
}

void he_handle_unhasten(struct he_handle *h)
{
  h->hastened = false;
  he_hooks_set_delay(h);
}
