/* SPDX-License-Identifier: MIT */
/* perform.c - curl_easy_perform() with name resolution by curl-he.
 *
 * Whether a transfer needs a name resolved, and which, only libcurl knows: it
 * may reuse a connection, have the answer cached, be given it, or ask a proxy.
 * So libcurl is let go, and where it comes to ask for the host's name, the
 * resolver start callback takes the question over and stops the transfer, of
 * which nothing has been sent. When curl-he has addresses, libcurl is let go
 * again, and finds them in its cache (CURLOPT_RESOLVE). */
#include "base/clock.h"
#include "curl/ahead.h"
#include "curl/callbacks.h"
#include "curl/hasten.h"
#include "curl/present.h"
#include "curl/quirks.h"
#include "curl/report.h"
#include "curl/timer.h"
#include "resolve/gai.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* With both families silent for this long, and no time-out known, libcurl
   tries by itself: it has the application's time-outs. */
#define PATIENCE HE_MS(3000)
/* The racer takes stock within 0.1 ms, unless it is in a callback of the
   application's, which may wait for this very thread. */
#define STOCK HE_MS(5)
#define MAX_LIST (2 * HE_RACE_MAX_ADDRS)
/* Spare requests for a winner of a family whose answer is late: the first may
   be used up by libcurl's own time-out of an attempt. Where all families are
   remembered an answer mostly says nothing new, and one will do. */
#define SPARES 2

static bool may_resolve(struct he_handle *h)
{
  const struct he_declared *d = he_handle_declared(h);
  return !d->proxy && !d->pre_proxy && !d->doh && !d->unix_socket &&
         !d->connect_to;
}

/* -- the addresses, as CURLOPT_RESOLVE wants them -- */

struct list {
  char *text;
  size_t len;
  size_t room;
  size_t counts[HE_FAMILIES];
  struct he_addr first;
};

static void add_address(struct list *l, const struct he_addr *a)
{
  char ip[HE_ADDR_TEXT];
  const char *format = a->family == HE_IPV4 ? "%s%s" : "%s[%s]";
  bool first = !l->counts[HE_IPV4] && !l->counts[HE_IPV6];
  l->len += (size_t)snprintf(l->text + l->len, l->room - l->len, format,
                             first ? "" : ",", he_addr_text(a, ip));
  if(first)
    l->first = *a;
  l->counts[a->family]++;
}

static void add_spares(struct list *l, const struct he_candidate *c, size_t n,
                       enum he_family f, int spares)
{
  const struct he_addr *last = NULL;
  for(size_t i = 0; i < n; i++) {
    if(c[i].addr.family == f && !c[i].addr.scope)
      last = &c[i].addr;
  }
  for(int i = 0; last && i < spares; i++)
    add_address(l, last);
}

/* False without memory, or where no address can be written so. */
static bool write_list(struct list *l, const struct he_job_config *job,
                       const struct he_candidate *c, size_t n, int spares)
{
  memset(l, 0, sizeof(*l));
  l->room = strlen(job->host) + 16 +
            (n + HE_FAMILIES * SPARES) * HE_ADDR_TEXT;
  l->text = malloc(l->room);
  if(!l->text)
    return false;
  l->len = (size_t)snprintf(l->text, l->room, "+%s:%u:", job->host,
                            (unsigned)job->port);
  for(size_t i = 0; i < n; i++) {
    if(!c[i].addr.scope)   /* CURLOPT_RESOLVE knows no scopes */
      add_address(l, &c[i].addr);
  }
  add_spares(l, c, n, HE_IPV6, spares);
  add_spares(l, c, n, HE_IPV4, spares);
  if(l->counts[HE_IPV4] || l->counts[HE_IPV6])
    return true;
  free(l->text);
  return false;
}

/* -- the time -- */

static long smaller_limit(const struct he_declared *d)
{
  long ms = d->timeout_ms;
  if(d->connecttimeout_ms && (!ms || d->connecttimeout_ms < ms))
    ms = d->connecttimeout_ms;
  return ms;
}

/* LONG_MAX is a limit that applications set, too. */
static he_time_ns as_time(long ms)
{
  return ms < HE_NEVER / HE_MS(1) ? HE_MS(ms) : HE_NEVER;
}

static long rest_of(long limit_ms, he_time_ns spent)
{
  long ms = (long)(spent / HE_MS(1));
  return limit_ms > ms ? limit_ms - ms : 1;
}

/* The time spent on resolving is taken off the limits we know. */
static void set_limits(struct he_handle *h, he_time_ns spent)
{
  const struct he_declared *d = he_handle_declared(h);
  if(d->timeout_ms)
    curl_easy_setopt(h->easy, CURLOPT_TIMEOUT_MS,
                     rest_of(d->timeout_ms, spent));
  if(d->connecttimeout_ms)
    curl_easy_setopt(h->easy, CURLOPT_CONNECTTIMEOUT_MS,
                     rest_of(d->connecttimeout_ms, spent));
}

/* -- performing -- */

/* Longer than a connect lasts. */
#define NO_INTERVAL 3600000L

/* libcurl begins with its second family when the first one has had its
   attempts (first address family count). */
static void set_second_family(struct he_handle *h,
                              const struct he_job_config *job,
                              const struct list *l)
{
  size_t count = job->race.first_family_count;
  long ms = (long)(job->race.attempt_delay / HE_MS(1));
  if(count > l->counts[l->first.family])
    count = l->counts[l->first.family];
  if(count > 1 && !he_quirk(HE_QUIRK_RACES))
    he_handle_set_timer(h, ms * (long)count);
  else {
    const struct he_peer *p = he_peer_of(h);
    he_hooks_set_delay(h);
    if(p && l->first.family == HE_IPV6)
      he_handle_hasten(h, p);
  }
}

static CURLcode perform_entry(struct he_handle *h, const char *text)
{
  const bool keeps_no_names = !he_handle_declared(h)->dns_cache_timeout_s;
  struct curl_slist *entry = curl_slist_append(NULL, text);
  CURLcode rc;
  if(!entry)
    return CURLE_OUT_OF_MEMORY;
  rc = curl_easy_setopt(h->easy, CURLOPT_RESOLVE, entry);
  h->begins = false;
  /* with 0 libcurl would not find in its cache what is put there */
  if(!rc && keeps_no_names)
    rc = curl_easy_setopt(h->easy, CURLOPT_DNS_CACHE_TIMEOUT, 60L);
  if(!rc)
    rc = curl_easy_perform(h->easy);
  if(keeps_no_names)
    curl_easy_setopt(h->easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  /* libcurl reads a list once: it has read the application's, which may be
     gone */
  curl_easy_setopt(h->easy, CURLOPT_RESOLVE, NULL);
  curl_slist_free_all(entry);
  return rc;
}

static CURLcode perform_with(struct he_handle *h, struct he_job *j,
                             const struct list *l, bool complete,
                             he_time_ns spent)
{
  const struct he_job_config *job = he_job_config(j);
  uint64_t name = he_sighting_name(job->host, job->port);
  CURLcode rc;
  he_context_saw(h->he, name, he_clock_now(), complete ? NULL : l->counts);
  he_context_tries(h->he, name, &l->first, HE_LOOKUP_CERTAIN);
  he_job_listed(j, l->counts, complete && he_quirk(HE_QUIRK_RACES));
  set_limits(h, spent);
  set_second_family(h, job, l);
  if(!complete && !he_job_told(j) && he_quirk(HE_QUIRK_RACES))
    /* it has one family, and would use its spare requests up, one each
       interval: the racer alone races here */
    he_handle_set_timer(h, NO_INTERVAL);
  h->given = true;
  h->elsewhere = false;
  rc = perform_entry(h, l->text);
  h->given = false;
  set_limits(h, 0);
  he_hooks_set_delay(h);
  return rc;
}

/* libcurl is to ask by itself, whatever it was given before. */
static CURLcode perform_anew(struct he_handle *h, const char *host,
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

struct ready {
  struct he_candidate c[MAX_LIST];
  size_t n;
  bool complete;
};

/* Did libcurl fail for want of addresses? 8.20 and later have no name where
   all that they were given is of a family they may not use
   (CURLOPT_IPRESOLVE). */
static bool wants_more(struct he_handle *h, CURLcode rc)
{
  return (rc == CURLE_COULDNT_CONNECT || rc == CURLE_COULDNT_RESOLVE_HOST) &&
         !he_may_have_sent(h) && !h->elsewhere;
}

/* Performs with what is there. Where that is one family, and libcurl has
   failed to connect before the other one's answer came, again with that. */
static CURLcode perform_ready(struct he_handle *h, struct he_job *j,
                              struct ready *r, he_time_ns start,
                              he_time_ns deadline)
{
  CURLcode rc;
  for(;;) {
    struct list l;
    bool complete = r->complete;
    if(!write_list(&l, he_job_config(j), r->c, r->n,
                   complete ? 0 : he_job_told(j) ? 1 : SPARES))
      return curl_easy_perform(h->easy);
    rc = perform_with(h, j, &l, complete, he_clock_now() - start);
    free(l.text);
    if(complete || !wants_more(h, rc))
      return rc;
    switch(he_job_wait(j, deadline, true, r->c, MAX_LIST, &r->n,
                       &r->complete)) {
    case HE_BEGIN_NOW:
      break;
    case HE_BEGIN_FAILED:
      return perform_anew(h, he_job_config(j)->host, he_job_config(j)->port);
    case HE_BEGIN_NOTHING:
    case HE_BEGIN_LATE:
      return rc;
    }
  }
}

/* `rc` is what libcurl said when its question was taken over. */
static CURLcode perform_resolved(struct he_handle *h, struct he_job *j,
                                 CURLcode rc)
{
  const he_time_ns start = h->began;
  long limit = smaller_limit(he_handle_declared(h));
  he_time_ns deadline = he_time_add(start, limit ? as_time(limit) : PATIENCE);
  struct ready r;
  switch(he_job_wait(j, deadline, false, r.c, MAX_LIST, &r.n, &r.complete)) {
  case HE_BEGIN_NOW:
    if(!limit)
      deadline = HE_NEVER;   /* getaddrinfo() gives up by itself */
    return perform_ready(h, j, &r, start, deadline);
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
  return curl_easy_perform(h->easy);
}

/* Has libcurl's cache the one family of the peer's that an earlier transfer
   began with? */
static bool has_cached_part(struct he_handle *h, const struct he_peer *p)
{
  struct he_sighting seen;
  return he_context_has_seen(h->he, p->sighting, he_clock_now(), &seen) &&
         seen.partial;
}

/* Has a transfer, which asked for no socket, ended without a question because
   what libcurl has cached is not of the family that it may use? */
static bool is_stuck(struct he_handle *h, CURLcode rc)
{
  const struct he_peer *p = he_peer_of(h);
  if(!p || !has_cached_part(h, p))
    return false;
  if(rc == CURLE_COULDNT_RESOLVE_HOST)   /* 8.20 and later */
    return !he_may_have_sent(h);
  /* with HTTP nothing was sent: over a connection that was kept it would not
     fail to connect */
  return rc == CURLE_COULDNT_CONNECT && he_quirk(HE_QUIRK_STUCK_IN_CACHE) &&
         !strncmp(p->scheme, "http", 4) && !he_has_requested(h->easy);
}

/* Until libcurl comes to ask for a name, if it does. */
static CURLcode perform_until_asked(struct he_handle *h)
{
  CURLcode rc;
  h->begins = false;
  rc = curl_easy_perform(h->easy);
  if(rc && h->veto == HE_VETO_ARMED && is_stuck(h, rc)) {
    const struct he_peer *p = he_peer_of(h);
    rc = perform_anew(h, p->host, p->port);
  }
  return rc;
}

/* `before`: a race of this handle's to the same host, whose addresses libcurl
   is to forget; or NULL. */
static CURLcode perform(struct he_handle *h, struct he_job *before)
{
  bool is_host;
  struct he_job *j;
  CURLcode rc;
  h->veto = HE_VETO_ARMED;
  rc = before ? perform_anew(h, he_job_config(before)->host,
                             he_job_config(before)->port) :
                perform_until_asked(h);
  if(h->veto != HE_VETO_DONE) {
    h->veto = HE_VETO_OFF;
    return rc;
  }
  h->veto = HE_VETO_OFF;
  is_host = rc == CURLE_COULDNT_RESOLVE_HOST ||
            (rc == CURLE_ABORTED_BY_CALLBACK &&
             he_quirk(HE_QUIRK_VETO_ABORTS));
  j = he_handle_job(h);
  /* asked for only now: nobody's business while a proxy does the asking */
  if(is_host && j && he_job_resolve(j))
    rc = perform_resolved(h, j, rc);
  else {
    /* it was a proxy's name that libcurl asked for */
    if(j)
      he_job_stop(j, false);
    rc = curl_easy_perform(h->easy);
  }
  if(j)
    /* nobody waits for what still runs; the racer takes stock while libcurl has
       its connection open, so that what came of it is known from here on */
    he_job_settle(j, STOCK);
  he_job_unref(j);
  return rc;
}

/* What the transfer knows of its TLS goes to the history. True where TLS had
   no answer, the peer ended it, and nothing of the request was sent. */
static bool tls_died(struct he_handle *h, struct he_job *j, CURLcode rc)
{
  long connects = 0, redirects = 0;
  curl_off_t completed = 0;
  curl_easy_getinfo(h->easy, CURLINFO_NUM_CONNECTS, &connects);
  curl_easy_getinfo(h->easy, CURLINFO_REDIRECT_COUNT, &redirects);
  curl_easy_getinfo(h->easy, CURLINFO_APPCONNECT_TIME_T, &completed);
  if(!j || connects < 1 || redirects)   /* of which connection? */
    return false;
  if(completed)
    he_job_tls(j, true);
  else if(rc == CURLE_OPERATION_TIMEDOUT || rc == CURLE_SSL_CONNECT_ERROR ||
          rc == CURLE_RECV_ERROR || rc == CURLE_SEND_ERROR)
    return he_job_tls(j, false) == HE_TLS_ENDED && !he_has_requested(h->easy);
  return false;
}

/* Nothing came back over its connection, and curl-he has ended that. Before TLS
   is done nothing is sent but its handshake. */
static bool fell_silent(struct he_handle *h, struct he_job *j, CURLcode rc)
{
  curl_off_t tls_done = 0;
  curl_easy_getinfo(h->easy, CURLINFO_APPCONNECT_TIME_T, &tls_done);
  if(!rc || !j || !h->silence || !he_silence_struck(h->silence) ||
     tls_done || he_has_requested(h->easy))
    return false;
  he_job_silent(j);
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
static bool has_another(const struct he_present *now, struct he_job *j)
{
  struct tried t;
  bool yes;
  he_job_sync(j, 0);
  t.steps = he_job_steps(j, &t.n);
  yes = t.steps && he_present_offers(now, was_tried, &t);
  free(t.steps);
  return yes;
}

/* The address that the transfer connected to. Some versions of libcurl (8.14.1)
   tell it only where TLS was completed, too; the race knows it. */
static bool find_used(struct he_handle *h, struct he_job *j,
                      struct he_addr *used)
{
  struct he_step *steps;
  bool found = false;
  size_t n;
  he_report_sync(h);
  steps = he_job_steps(j, &n);
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
static bool is_somebody_else(struct he_handle *h, struct he_job *j,
                             const struct he_present *now)
{
  struct he_addr used;
  return find_used(h, j, &used) && he_present_lacks(now, &used);
}

/* Might present addresses do better? Only of HTTP is it certain that nothing
   was sent. */
static bool may_be_outdated(struct he_handle *h, const struct he_job *j,
                            const struct he_peer *p, CURLcode rc)
{
  curl_off_t tls_done = 0;
  curl_easy_getinfo(h->easy, CURLINFO_APPCONNECT_TIME_T, &tls_done);
  return j && p && !he_job_config(j)->aside &&
         !strcmp(he_job_config(j)->host, p->host) && !tls_done &&
         !he_has_requested(h->easy) && !he_peer_led_away(h, p) &&
         (!strcmp(p->scheme, "https") ? rc == CURLE_PEER_FAILED_VERIFICATION ||
          rc == CURLE_SSL_CONNECT_ERROR || rc == CURLE_COULDNT_CONNECT :
          !strcmp(p->scheme, "http") && rc == CURLE_COULDNT_CONNECT);
}

/* Has the transfer failed at an address that the resolver does not give any
   more? */
static bool is_outdated(struct he_handle *h, struct he_job *j, CURLcode rc)
{
  const struct he_peer *p = he_peer_of(h);
  const long limit = smaller_limit(he_handle_declared(h));
  struct he_present *now;
  bool yes;
  if(!may_be_outdated(h, j, p, rc))
    return false;
  now = he_present_ask(p->host, p->port, he_job_config(j)->race.allowed,
                       he_time_add(h->began, limit ? as_time(limit) :
                                   he_time_add(he_clock_now() - h->began,
                                               PATIENCE)));
  yes = now && (rc == CURLE_COULDNT_CONNECT ? has_another(now, j) :
                is_somebody_else(h, j, now));
  he_present_free(now);
  return yes;
}

/* -- once or twice -- */

/* libcurl's own lookup races, where there is one. */
static CURLcode perform_ahead(struct he_handle *h, struct he_job *before)
{
  return before ? perform_anew(h, he_job_config(before)->host,
                               he_job_config(before)->port) :
                  curl_easy_perform(h->easy);
}

/* libcurl's cache had addresses that the host does not have any more, and
   nobody answered there. */
static bool was_led_astray(struct he_handle *h, struct he_job *j, CURLcode rc)
{
  return rc == CURLE_COULDNT_CONNECT && j && he_job_gave_up(j) &&
         !he_may_have_sent(h);
}

static bool is_worth_another(struct he_handle *h, struct he_job *j,
                             CURLcode rc)
{
  if(was_led_astray(h, j, rc)) {
    h->afresh = true;
    return true;
  }
  if(fell_silent(h, j, rc) || tls_died(h, j, rc))
    return true;
  h->afresh = is_outdated(h, j, rc);
  return h->afresh;
}

static void end_silence(struct he_handle *h)
{
  he_silence_free(h->silence);
  h->silence = NULL;
}

/* The next address is tried once, if it is another one: history knows, or the
   resolver. */
static CURLcode perform_twice(struct he_handle *h,
                              CURLcode (*once)(struct he_handle *h,
                                               struct he_job *before))
{
  CURLcode rc;
  struct he_job *j;
  h->performs = true;
  rc = once(h, NULL);
  h->performs = false;
  j = he_handle_job(h);
  if(is_worth_another(h, j, rc)) {
    end_silence(h);
    set_limits(h, he_clock_now() - h->began);
    rc = once(h, j);
    set_limits(h, 0);
  }
  end_silence(h);
  h->afresh = false;
  he_job_unref(j);
  return rc;
}

static CURLcode perform_best(struct he_handle *h)
{
  const struct he_peer *p = he_peer_of(h);
  if(p && he_handle_races_ahead(h, p))
    return perform_twice(h, perform_ahead);
  return may_resolve(h) ? perform_twice(h, perform) :
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
    he_hooks_set_host(h);
  if(h) {
    h->began = he_clock_now();
    he_policy_unref(he_gai_policy());   /* this call may wait for a disk */
  }
  rc = h ? perform_best(h) : curl_easy_perform(easy);
  if(h) {
    he_report_sync(h);       /* before the race is called off */
    he_handle_quit_app(h);   /* nothing of the race outlives this call */
  }
  he_handle_put(h);
  return rc;
}
