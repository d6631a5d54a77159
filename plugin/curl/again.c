/* SPDX-License-Identifier: MIT */
/* again.c - four signs that a transfer failed by its address. */
#include "curl/again.h"
#include "base/clock.h"
#include "curl/doubt.h"
#include "curl/getinfo.h"
#include "curl/limits.h"
#include "curl/present.h"
#include "curl/resolving.h"
#include "curl/sent.h"
#include "curl/settled.h"

#include <stdlib.h>
#include <string.h>

/* What the transfer knows of its TLS goes to the history. True where TLS had
   no answer, the peer ended it, and nothing of the request was sent. */
static bool tls_died(struct he_handle *h, struct he_connect *c, CURLcode rc)
{
  long connects = 0, redirects = 0;
  curl_off_t completed = 0;
  curl_easy_getinfo(h->easy, CURLINFO_NUM_CONNECTS, &connects);
  curl_easy_getinfo(h->easy, CURLINFO_REDIRECT_COUNT, &redirects);
  curl_easy_getinfo(h->easy, CURLINFO_APPCONNECT_TIME_T, &completed);
  if(!c || connects < 1 || redirects)   /* of which connection? */
    return false;
  if(completed)
    he_connect_tls(c, true);
  else if(rc == CURLE_OPERATION_TIMEDOUT || rc == CURLE_SSL_CONNECT_ERROR ||
          rc == CURLE_RECV_ERROR || rc == CURLE_SEND_ERROR)
    return he_connect_tls(c, false) == HE_TLS_ENDED &&
           !he_sent_request(h->easy);
  return false;
}

/* Nothing came back over the connection, and curl-he has ended the connection.
   Before TLS is done nothing is sent but the handshake. */
static bool fell_silent(struct he_handle *h, struct he_connect *c, CURLcode rc)
{
  struct he_silence *s = h->performing.silence;
  curl_off_t tls_done = 0;
  curl_easy_getinfo(h->easy, CURLINFO_APPCONNECT_TIME_T, &tls_done);
  if(!rc || !c || !s || !he_silence_struck(s) || tls_done ||
     he_sent_request(h->easy))
    return false;
  he_connect_silent(c);
  return true;
}

/* -- addresses that were the host's -- */

struct tried {
  struct he_step *steps;
  size_t n;
};

static bool was_tried(const struct he_addr *a, void *data)
{
  const struct tried *t = data;
  for(size_t i = 0; i < t->n; i++) {
    if(t->steps[i].kind == HE_STEP_START && t->steps[i].has_addr &&
       he_addr_equal(&t->steps[i].addr, a))
      return true;
  }
  return false;
}

/* Has the host an address that this transfer did not try? */
static bool has_another(const struct he_present *now, struct he_connect *c)
{
  struct tried t;
  bool yes;
  he_connect_sync(c);
  t.steps = he_connect_steps(c, &t.n);
  yes = t.steps && he_present_offers(now, was_tried, &t);
  free(t.steps);
  return yes;
}

/* The address that the transfer connected to. Some versions of libcurl (8.14.1)
   tell it only where TLS was completed, too; the race knows it. */
static bool find_used(struct he_handle *h, struct he_connect *c,
                      struct he_addr *used)
{
  struct he_step *steps;
  bool found = false;
  size_t n;
  he_getinfo_sync(h);
  steps = he_connect_steps(c, &n);
  for(size_t i = 0; steps && i < n; i++) {
    if(steps[i].kind == HE_STEP_WON && steps[i].has_addr) {
      *used = steps[i].addr;
      found = true;
    }
  }
  free(steps);
  return found;
}

/* Is it not the host that answered there, but whoever has its address now? */
static bool is_somebody_else(struct he_handle *h, struct he_connect *c,
                             const struct he_present *now)
{
  struct he_addr used;
  return find_used(h, c, &used) && he_present_lacks(now, &used);
}

/* Might present addresses do better? Only of HTTP is it certain that nothing
   was sent. */
static bool may_be_outdated(struct he_handle *h, const struct he_connect *c,
                            const struct he_peer *p, CURLcode rc)
{
  curl_off_t tls_done = 0;
  curl_easy_getinfo(h->easy, CURLINFO_APPCONNECT_TIME_T, &tls_done);
  return c && p && !he_connect_config(c)->aside &&
         !strcmp(he_connect_config(c)->host, p->host) && !tls_done &&
         !he_sent_request(h->easy) && !he_doubt_led_away(h, p) &&
         (!strcmp(p->scheme, "https") ? rc == CURLE_PEER_FAILED_VERIFICATION ||
          rc == CURLE_SSL_CONNECT_ERROR || rc == CURLE_COULDNT_CONNECT :
          !strcmp(p->scheme, "http") && rc == CURLE_COULDNT_CONNECT);
}

/* Has the transfer failed at an address that the resolver does not give any
   more? */
static bool is_outdated(struct he_handle *h, struct he_connect *c, CURLcode rc)
{
  const struct he_peer *p = he_settled_peer(h);
  struct he_present *now;
  bool yes;
  if(!may_be_outdated(h, c, p, rc))
    return false;
  now = he_present_ask(p->host, p->port, he_connect_config(c)->race.allowed,
                       he_limits_patience(h, he_clock_now()));
  yes = now && (rc == CURLE_COULDNT_CONNECT ? has_another(now, c) :
                is_somebody_else(h, c, now));
  he_present_free(now);
  return yes;
}

/* libcurl's cache had addresses that the host does not have any more, and
   nobody answered there. */
static bool was_led_astray(struct he_handle *h, struct he_connect *c,
                           CURLcode rc)
{
  return rc == CURLE_COULDNT_CONNECT && c && he_connect_gave_up(c) &&
         !he_sent_maybe(h);
}

bool he_again_may_help(struct he_handle *h, struct he_connect *c, CURLcode rc)
{
  if(was_led_astray(h, c, rc)) {
    h->performing.afresh = true;
    return true;
  }
  if(fell_silent(h, c, rc) || tls_died(h, c, rc))
    return true;
  h->performing.afresh = is_outdated(h, c, rc);
  return h->performing.afresh;
}
