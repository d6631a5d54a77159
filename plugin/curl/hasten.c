/* SPDX-License-Identifier: MIT */
/* hasten.c - libcurl 7.88 to 8.15 connects by two walkers, one a family. It
 * reads the HE timer once, when connecting begins. The timer says when the
 * second walker starts, if the host and the handle have a second family: so a
 * short timer oversteps no restriction of the application's. Later versions
 * would make all their attempts at that pace; earlier ones read the timer only
 * after they have asked for a socket. */
#include "curl/hasten.h"
#include "curl/doubt.h"
#include "curl/hetimer.h"
#include "curl/outlook.h"
#include "curl/quirks.h"
#include "curl/settled.h"
#include "race/race.h"

/* as earlier connects have taught; the user's delay stays what it is */
static bool history_says(struct he_handle *h, const struct he_outlook *o,
                         const struct he_peer *p)
{
  return o && o->hasten && !he_settled_option(h, p->host, HE_OPT_DELAY_MS);
}

void he_hasten_begin(struct he_handle *h, const struct he_peer *p)
{
  const struct he_outlook *o;
  h->hastened = false;
  if(!he_quirk(HE_QUIRK_WALKS_FAMILIES) || he_handle_declared(h)->opensocket ||
     he_handle_declared(h)->sockopt)
    return;
  o = he_outlook_of(h, p);
  /* `instead`: libcurl will begin with IPv4 */
  if(!history_says(h, o, p) || o->instead)
    return;
  if(he_doubt_led_away(h, p))
    return;
  he_hetimer_set(h, (long)(HE_RACE_MIN_GAP / HE_MS(1)));
  h->hastened = true;
}

void he_hasten_end(struct he_handle *h)
{
  h->hastened = false;
  he_hetimer_set_delay(h);
}
