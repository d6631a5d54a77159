/* SPDX-License-Identifier: MIT */
/* hetimer.c - libcurl 7.88.0 to 8.3.0 drops a timer if another timer of the
 * transfer expired less than 1 ms before it. Without the HE timer libcurl does
 * not begin its second family until something else wakes the transfer; in an
 * event loop nothing may.
 *
 * There is another timer. While libcurl waits for its resolver it looks after
 * 1 ms, and each time after twice as long, up to 250: at about 1, 3, 7, 15, 31
 * ms and so on. The look that is due when the answer comes stays due. That look
 * is no further off than the interval is long. So a HE timer longer than the
 * interval expires after the look, and is safe. (Measured: by a resolver that
 * takes 27 to 29 ms, nearly each timer of 10 ms was lost.)
 *
 * How long the resolver will take nobody knows: about as long as of late. */
#include "curl/hetimer.h"
#include "curl/doubt.h"
#include "curl/outlook.h"
#include "curl/quirks.h"
#include "curl/settled.h"
#include "race/race.h"

/* ms: each look is late by up to one, and the timer must not expire within one
   of the last look. */
#define MARGIN 4
/* Longest intervals that a timer is made longer for, ms. Longer intervals are
   rarely met. A short timer must not become twice an attempt delay for one slow
   answer. */
#define LONGEST 128
#define LONGEST_OF_SHORT 64

/* Between the looks when this many ms have passed. */
static long interval_at(long ms, long longest)
{
  long interval = 1;
  while(2 * interval - 1 <= ms && interval < longest)
    interval *= 2;
  return interval;
}

static long clear_of_looks(struct he_handle *h, long ms)
{
  long longest = ms < LONGEST_OF_SHORT + MARGIN ? LONGEST_OF_SHORT : LONGEST;
  long lookup = he_sightings_lookup_ms(&h->he->sightings);
  long interval = interval_at(lookup, longest);
  return ms < interval + MARGIN ? interval + MARGIN : ms;
}

CURLcode he_hetimer_set(struct he_handle *h, long ms)
{
  if(h->resolves && he_quirk(HE_QUIRK_SLEEPS_ON))
    ms = clear_of_looks(h, ms);
  h->hastened = false;
  return curl_easy_setopt(h->easy, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, ms);
}

/* What the history says of the URL's host; NULL: nothing, or the user's own
   delay stays what it is, or libcurl connects to something else. */
static const struct he_outlook *advice(struct he_handle *h)
{
  const struct he_peer *p = he_context_has_learned(h->he) ?
                            he_settled_peer(h) : NULL;
  return p && !he_doubt_led_away(h, p) &&
         !he_settled_option(h, p->host, HE_OPT_DELAY_MS) ?
         he_outlook_of(h, p) : NULL;
}

static CURLcode set_delay(struct he_handle *h, const struct he_outlook *o)
{
  const he_time_ns delay = o ? o->delay :
    he_settled_for(h, he_settled_rule_host(h))->race.attempt_delay;
  return he_hetimer_set(h, (long)(delay / HE_MS(1)));
}

CURLcode he_hetimer_set_delay(struct he_handle *h)
{
  return set_delay(h, advice(h));
}

/* libcurl 7.88 to 8.15 connects by two walkers, one a family. It reads the HE
   timer once, when connecting begins. The timer says when the second walker
   starts, if the host and the handle have a second family: so a short timer
   oversteps no restriction of the application's. Later versions would make all
   their attempts at that pace; earlier ones read the timer only after they have
   asked for a socket. `instead`: libcurl will begin with IPv4. */
static bool hastens(const struct he_handle *h, const struct he_outlook *o)
{
  const struct he_declared *d = he_handle_declared(h);
  return o && o->hasten && !o->instead && !d->opensocket && !d->sockopt &&
         he_quirk(HE_QUIRK_WALKS_FAMILIES);
}

CURLcode he_hetimer_begin(struct he_handle *h)
{
  const struct he_outlook *o = advice(h);
  CURLcode rc;
  if(!hastens(h, o))
    return set_delay(h, o);
  rc = he_hetimer_set(h, (long)(HE_RACE_MIN_GAP / HE_MS(1)));
  h->hastened = !rc;
  return rc;
}
