/* SPDX-License-Identifier: MIT */
/* resolving.c - curl_easy_perform() with name resolution by curl-he.
 *
 * Whether a transfer needs a name resolved, and which, only libcurl knows: it
 * may reuse a connection, have the answer cached, be given it, or ask a proxy.
 * So libcurl is let go, and where it comes to ask for the host's name, the
 * resolver start callback takes the question over and stops the transfer, of
 * which nothing has been sent. When curl-he has addresses, libcurl is let go
 * again, and finds them in its cache (CURLOPT_RESOLVE). */
#include "curl/resolving.h"
#include "base/clock.h"
#include "curl/hetimer.h"
#include "curl/limits.h"
#include "curl/quirks.h"
#include "curl/sent.h"
#include "curl/settled.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The racer takes stock within 0.1 ms, unless it is in a callback of the
   application's, which may wait for this very thread. */
#define STOCK HE_MS(5)
#define MAX_LIST (2 * HE_RACE_MAX_ADDRS)
/* Spare requests, for a winner of a family whose answer is late. libcurl's own
   time-out of an attempt may use up the first one. Where all families are
   remembered an answer mostly says nothing new, and one spare will do. */
#define SPARES 2

bool he_resolving_may(struct he_handle *h)
{
  const struct he_declared *d = he_handle_declared(h);
  return !he_declared_proxy(d) && !d->doh && !d->unix_socket &&
         !d->connect_to;
}

struct ready {
  struct he_candidate c[MAX_LIST];
  size_t n;
  bool complete;
};

/* -- the host's addresses, as CURLOPT_RESOLVE wants them -- */

struct entry {
  char *text;                 /* "+HOST:PORT:ADDRESS,ADDRESS,...". The plus has
                                 libcurl drop the addresses when an answer of
                                 its own resolver would be too old. */
  size_t len;
  size_t room;
  size_t counts[HE_FAMILIES];
  const struct he_addr *first;
};

static void add_address(struct entry *l, const struct he_addr *a)
{
  char ip[HE_ADDR_TEXT];
  const char *format = a->family == HE_IPV4 ? "%s%s" : "%s[%s]";
  l->len += (size_t)snprintf(l->text + l->len, l->room - l->len, format,
                             l->first ? "," : "", he_addr_text(a, ip));
  if(!l->first)
    l->first = a;
  l->counts[a->family]++;
}

/* `spares`: how often the last address of each family is repeated. libcurl asks
   for a socket once an address. False without memory, or where no address can
   be written so: there is no text then. */
static bool write_entry(struct entry *l, const struct he_connect_config *c,
                        const struct ready *r, int spares)
{
  const struct he_addr *last[HE_FAMILIES] = { NULL };
  memset(l, 0, sizeof(*l));
  l->room = strlen(c->host) + 16 +
            (r->n + HE_FAMILIES * (size_t)spares) * HE_ADDR_TEXT;
  l->text = malloc(l->room);
  if(!l->text)
    return false;
  l->len = (size_t)snprintf(l->text, l->room, "+%s:%u:", c->host,
                            (unsigned)c->port);
  for(size_t i = 0; i < r->n; i++) {
    const struct he_addr *a = &r->c[i].addr;
    if(!a->scope) {           /* CURLOPT_RESOLVE knows no scopes */
      add_address(l, a);
      last[a->family] = a;
    }
  }
  for(int i = 0; i < HE_FAMILIES * spares; i++) {
    if(last[i % HE_FAMILIES])
      add_address(l, last[i % HE_FAMILIES]);
  }
  if(l->first)
    return true;
  free(l->text);
  l->text = NULL;
  return false;
}

/* -- performing with them -- */

/* Longer than a connect lasts. */
#define NO_INTERVAL 3600000L

/* libcurl begins with its second family when the first one has had its
   attempts (first address family count). */
static void set_second_family(struct he_handle *h,
                              const struct he_connect_config *config,
                              const struct entry *l)
{
  size_t count = config->race.first_family_count;
  long ms = (long)(config->race.attempt_delay / HE_MS(1));
  if(count > l->counts[l->first->family])
    count = l->counts[l->first->family];
  if(count > 1 && !he_quirk(HE_QUIRK_RACES))
    he_hetimer_set(h, ms * (long)count);
  else if(l->first->family == HE_IPV6)
    he_hetimer_begin(h, false);
  else
    he_hetimer_set_delay(h);
}

static CURLcode perform_entry(struct he_handle *h, const char *text)
{
  const bool keeps_no_names = !he_handle_declared(h)->dns_cache_timeout_s;
  struct curl_slist *entry = curl_slist_append(NULL, text);
  CURLcode rc;
  if(!entry)
    return CURLE_OUT_OF_MEMORY;
  rc = curl_easy_setopt(h->easy, CURLOPT_RESOLVE, entry);
  h->performing.begins = false;
  /* with 0 libcurl would not find in its cache what is put there */
  if(!rc && keeps_no_names)
    rc = curl_easy_setopt(h->easy, CURLOPT_DNS_CACHE_TIMEOUT, 60L);
  if(!rc)
    rc = curl_easy_perform(h->easy);
  if(keeps_no_names)
    curl_easy_setopt(h->easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  /* libcurl reads a list once. It has read the application's list, which may
     be freed by now. */
  curl_easy_setopt(h->easy, CURLOPT_RESOLVE, NULL);
  curl_slist_free_all(entry);
  return rc;
}

static CURLcode perform_with(struct he_handle *h, struct he_connect *race,
                             const struct entry *l, bool complete,
                             he_time_ns spent)
{
  const struct he_connect_config *config = he_connect_config(race);
  uint64_t name = he_sighting_name(config->host, config->port);
  CURLcode rc;
  he_sightings_add(&h->he->sightings, name, he_clock_now(),
                   complete ? NULL : l->counts);
  he_sightings_tries(&h->he->sightings, name, l->first, HE_LOOKUP_CERTAIN);
  he_connect_listed(race, l->counts, complete && he_quirk(HE_QUIRK_RACES));
  he_limits_set(h, spent);
  set_second_family(h, config, l);
  if(!complete && !he_connect_told(race) && he_quirk(HE_QUIRK_RACES))
    /* libcurl has one family, and would use its spare requests up, one each
       interval: the racer alone races here */
    he_hetimer_set(h, NO_INTERVAL);
  h->performing.given = true;
  h->performing.elsewhere = false;
  rc = perform_entry(h, l->text);
  h->performing.given = false;
  he_limits_set(h, 0);
  he_hetimer_set_delay(h);
  return rc;
}

CURLcode he_resolving_anew(struct he_handle *h, const char *host,
                           uint16_t port)
{
  size_t room = strlen(host) + 16;
  char *text = malloc(room);
  CURLcode rc = CURLE_OUT_OF_MEMORY;
  if(text) {
    snprintf(text, room, "-%s:%u", host, (unsigned)port);
    rc = perform_entry(h, text);
    free(text);
  }
  return rc;
}

/* Did libcurl fail for want of addresses? 8.20 and later say that they could
   not resolve the host where all addresses that they were given are of a family
   that they may not use (CURLOPT_IPRESOLVE). */
static bool wants_more(struct he_handle *h, CURLcode rc)
{
  return (rc == CURLE_COULDNT_CONNECT || rc == CURLE_COULDNT_RESOLVE_HOST) &&
         !he_sent_maybe(h) && !h->performing.elsewhere;
}

/* Performs with the addresses that are there. Where these are of one family,
   and libcurl has failed to connect before the other family's answer came,
   performs again with that. */
static CURLcode perform_ready(struct he_handle *h, struct he_connect *race,
                              struct ready *r, he_time_ns start,
                              he_time_ns deadline)
{
  const struct he_connect_config *c = he_connect_config(race);
  CURLcode rc;
  for(;;) {
    struct entry l;
    bool complete = r->complete;
    if(!write_entry(&l, c, r, complete ? 0 :
                    he_connect_told(race) ? 1 : SPARES))
      return curl_easy_perform(h->easy);
    rc = perform_with(h, race, &l, complete, he_clock_now() - start);
    free(l.text);
    if(complete || !wants_more(h, rc))
      return rc;
    switch(he_connect_wait(race, deadline, true, r->c, MAX_LIST, &r->n,
                           &r->complete)) {
    case HE_BEGIN_NOW:
      break;
    case HE_BEGIN_FAILED:
      return he_resolving_anew(h, c->host, c->port);
    case HE_BEGIN_NOTHING:
    case HE_BEGIN_LATE:
      return rc;
    }
  }
}

/* `rc` is what libcurl said when its question was taken over. */
static CURLcode perform_resolved(struct he_handle *h, struct he_connect *race,
                                 CURLcode rc)
{
  const he_time_ns start = h->performing.began;
  long limit = he_limits_smaller(he_handle_declared(h));
  he_time_ns deadline = he_limits_patience(h, start);
  const bool configured = he_connect_config(race)->resolver !=
                          &he_resolver_shared;
  struct ready r;
  switch(he_connect_wait(race, deadline, false, r.c, MAX_LIST, &r.n,
                         &r.complete)) {
  case HE_BEGIN_NOW:
    if(!limit)
      deadline = HE_NEVER;   /* getaddrinfo() gives up by itself */
    return perform_ready(h, race, &r, start, deadline);
  case HE_BEGIN_NOTHING:
    if(rc == CURLE_COULDNT_RESOLVE_HOST)
      return rc;
    break;
  case HE_BEGIN_FAILED:
    break;   /* libcurl's resolver may be luckier, and has the error's words */
  case HE_BEGIN_LATE:
    if(limit)
      return CURLE_OPERATION_TIMEDOUT;
    break;
  }
  /* libcurl would ask the system's resolver, which is not to be asked */
  return configured ? CURLE_COULDNT_RESOLVE_HOST : curl_easy_perform(h->easy);
}

/* Has a transfer, which asked for no socket, ended without a question because
   what libcurl has cached is not of the family that it may use? An earlier
   transfer began with one family alone. With HTTP nothing was sent: over a
   connection that was kept it would not fail to connect. */
static bool is_stuck(struct he_handle *h, const struct he_peer *p, CURLcode rc)
{
  struct he_sighting seen;
  return (rc == CURLE_COULDNT_RESOLVE_HOST || rc == CURLE_COULDNT_CONNECT) &&
         !strncmp(p->scheme, "http", 4) && !he_sent_request(h->easy) &&
         he_sightings_find(&h->he->sightings, p->sighting, he_clock_now(),
                           &seen) && seen.partial;
}

/* Performs until libcurl asks for a name, if it does. */
static CURLcode perform_until_asked(struct he_handle *h)
{
  const struct he_peer *p;
  CURLcode rc;
  h->performing.begins = false;
  rc = curl_easy_perform(h->easy);
  p = h->performing.veto == HE_VETO_ARMED ? he_settled_peer(h) : NULL;
  return p && is_stuck(h, p, rc) ? he_resolving_anew(h, p->host, p->port) : rc;
}

CURLcode he_resolving_perform(struct he_handle *h, struct he_connect *before)
{
  bool is_host;
  struct he_connect *race;
  CURLcode rc;
  h->performing.veto = HE_VETO_ARMED;
  rc = before ? he_resolving_anew(h, he_connect_config(before)->host,
                                  he_connect_config(before)->port) :
                perform_until_asked(h);
  if(h->performing.veto != HE_VETO_DONE) {
    h->performing.veto = HE_VETO_OFF;
    return rc;
  }
  h->performing.veto = HE_VETO_OFF;
  is_host = rc == CURLE_COULDNT_RESOLVE_HOST ||
            (rc == CURLE_ABORTED_BY_CALLBACK &&
             he_quirk(HE_QUIRK_VETO_ABORTS));
  race = he_tasks_race(&h->tasks);
  /* asked for only now: nobody's business while a proxy does the asking */
  if(is_host && race && he_connect_resolve(race))
    rc = perform_resolved(h, race, rc);
  else {
    /* it was a proxy's name that libcurl asked for */
    if(race)
      he_connect_stop(race, 0);
    rc = curl_easy_perform(h->easy);
  }
  if(race)
    /* Nobody waits for what still runs. The racer takes stock while libcurl has
       its connection open: from here on it is known what came of the race. */
    he_connect_stop(race, STOCK);
  he_connect_unref(race);
  return rc;
}
