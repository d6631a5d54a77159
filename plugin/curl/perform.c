/* SPDX-License-Identifier: MIT */
/* perform.c - a transfer, and once more where its address was to blame. */
#include "base/clock.h"
#include "curl/apply.h"
#include "curl/doubt.h"
#include "curl/getinfo.h"
#include "curl/limits.h"
#include "curl/perform.h"
#include "curl/present.h"
#include "curl/resolving.h"
#include "curl/sent.h"
#include "curl/settled.h"
#include "resolve/gai.h"

#include <stdlib.h>
#include <string.h>

/* -- four signs that a transfer failed by its address -- */

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

/* Is it not the host that answered, but whoever has its address now? Some
   versions of libcurl (8.14.1) tell where they connected to only where TLS was
   completed, too; the race knows it. */
static bool is_somebody_else(const struct tried *t,
                             const struct he_present *now)
{
  for(size_t i = t->n; i-- > 0;) {
    if(t->steps[i].kind == HE_STEP_WON && t->steps[i].has_addr)
      return he_present_lacks(now, &t->steps[i].addr);
  }
  return false;
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
  struct tried t;
  bool yes;
  if(!may_be_outdated(h, c, p, rc))
    return false;
  now = he_present_ask(he_connect_config(c)->resolver, p->host, p->port,
                       he_connect_config(c)->race.allowed,
                       he_limits_patience(h, he_clock_now()));
  he_getinfo_sync(h);
  t.steps = he_connect_steps(c, &t.n);
  yes = now && t.steps && (rc == CURLE_COULDNT_CONNECT ?
                           he_present_offers(now, was_tried, &t) :
                           is_somebody_else(&t, now));
  free(t.steps);
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

/* libcurl said `rc` of a transfer with this race (NULL: with none). True where
   nothing was sent, and another address may do better; h->performing.afresh:
   one that the resolver gives now. What the transfer tells of its address goes
   to the history. May block for a lookup. */
static bool may_help(struct he_handle *h, struct he_connect *c, CURLcode rc)
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

/* -- performing -- */

/* libcurl's own lookup races, where there is one. */
static CURLcode perform_ahead(struct he_handle *h, struct he_connect *before)
{
  return before ? he_resolving_anew(h, he_connect_config(before)->host,
                                    he_connect_config(before)->port) :
                  curl_easy_perform(h->easy);
}

static void end_silence(struct he_handle *h)
{
  he_silence_free(h->performing.silence);
  h->performing.silence = NULL;
}

/* The next address is tried once, if it is another one: history knows, or the
   resolver. */
static CURLcode perform_twice(struct he_handle *h,
                              CURLcode (*once)(struct he_handle *h,
                                               struct he_connect *before))
{
  CURLcode rc;
  struct he_connect *c;
  if(h->performing.runs)      /* out of its own callback: libcurl refuses */
    return curl_easy_perform(h->easy);
  h->performing.runs = true;
  h->performing.again = true;
  rc = once(h, NULL);
  h->performing.again = false;
  c = he_tasks_race(&h->tasks);
  if(may_help(h, c, rc)) {
    end_silence(h);
    he_limits_set(h, he_clock_now() - h->performing.began);
    rc = once(h, c);
    he_limits_set(h, 0);
  }
  end_silence(h);
  h->performing.afresh = false;
  h->performing.runs = false;
  he_connect_unref(c);
  return rc;
}

static CURLcode perform_best(struct he_handle *h)
{
  const struct he_peer *p = he_settled_peer(h);
  if(p && he_doubt_races_ahead(h, p))
    return perform_twice(h, perform_ahead);
  return he_resolving_may(h) ? perform_twice(h, he_resolving_perform) :
         curl_easy_perform(h->easy);
}

CURLcode curl_he_perform(CURL *easy)
{
  struct he_handle *h = easy ? he_handle_current(easy) : NULL;
  CURLcode rc;
  if(!easy)
    return CURLE_BAD_FUNCTION_ARGUMENT;
  if(!h) {
    CURLHEcode code = curl_he_setup(easy);
    if(code)
      return code == CURL_HE_NO_MEMORY ? CURLE_OUT_OF_MEMORY :
             CURLE_FAILED_INIT;
    h = he_handle_of(easy);
  }
  else
    he_apply_host(h);
  if(h) {
    h->performing.began = he_clock_now();
    he_policy_unref(he_gai_policy());   /* this call may wait for a disk */
  }
  rc = h ? perform_best(h) : curl_easy_perform(easy);
  if(h) {
    he_getinfo_sync(h);             /* before the race is called off */
    he_tasks_quit_app(&h->tasks);   /* nothing of the race is left then */
  }
  he_handle_put(h);
  return rc;
}

CURLcode he_perform(CURL *easy)
{
  struct he_handle *h = easy ? he_handle_current(easy) : NULL;
  const struct he_peer *p = h ? he_settled_peer(h) : NULL;
  CURLcode rc;
  if(p && he_doubt_races_ahead(h, p)) {
    h->performing.began = he_clock_now();
    rc = perform_twice(h, perform_ahead);
  }
  else
    rc = curl_easy_perform(easy);
  he_handle_put(h);
  return rc;
}
