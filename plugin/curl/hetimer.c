/* SPDX-License-Identifier: MIT */
/* hetimer.c - how long libcurl waits before it begins its second family. */
#include "curl/hetimer.h"
#include "curl/doubt.h"
#include "curl/outlook.h"
#include "curl/quirks.h"
#include "curl/settled.h"
#include "race/race.h"

/* libcurl 7.88.0 to 8.3.0 drops a timer if another timer of the transfer
   expired less than 1 ms before it. Without the HE timer libcurl does not begin
   its second family until something else wakes the transfer.
   While libcurl waits for its resolver it looks at about 1, 3, 7, 15, 31 and 63
   ms. The look that is due when the answer comes stays due. A HE timer of 36 ms
   expires after that look, if the resolver takes less than 63 ms; of slower
   resolvers it is lost where the two meet by chance. (Measured: by a resolver
   that takes 27 to 29 ms, nearly each timer of 10 ms was lost.) */
#define CLEAR_OF_LOOKS 36

CURLcode he_hetimer_set(struct he_handle *h, long ms)
{
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

CURLcode he_hetimer_begin(struct he_handle *h, bool resolves)
{
  const struct he_outlook *o = advice(h);
  CURLcode rc;
  if(!hastens(h, o))
    return set_delay(h, o);
  rc = he_hetimer_set(h, resolves && he_quirk(HE_QUIRK_SLEEPS_ON) ?
                      CLEAR_OF_LOOKS : (long)(HE_RACE_MIN_GAP / HE_MS(1)));
  h->hastened = !rc;
  return rc;
}
