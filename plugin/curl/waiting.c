/* SPDX-License-Identifier: MIT */
/* waiting.c - the entries of CURLOPT_RESOLVE are for the ports of the URL, of
 * http and of https: a redirect, or HSTS, may lead there. They are static: an
 * easy handle may read its list when curl-he knows the handle no more. */
#include "curl/waiting.h"
#include "base/forks.h"
#include "curl/doubt.h"
#include "curl/hetimer.h"
#include "curl/quirks.h"
#include "curl/settled.h"
#include "curl/targets.h"
#include "net/standin.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* libcurl is not to ask for a second socket by itself. Longer than a connect
   lasts. */
#define NO_INTERVAL 3600000L

/* -- the lists -- */

enum which {
  EXPIRES,                    /* entries that libcurl drops after a minute */
  STAYS,                      /* where it would drop them at once */
  FORGET,                     /* no such entries */
  LISTS
};

struct lists {
  struct lists *next;
  uint16_t port;
  struct curl_slist *list[LISTS];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct lists *known;

static struct curl_slist *add_entry(struct curl_slist *list, enum which which,
                                    unsigned port)
{
  static const char sign[LISTS][2] = {
    [EXPIRES] = "+", [STAYS] = "", [FORGET] = "-"
  };
  char text[512];
  struct curl_slist *longer;
  snprintf(text, sizeof(text), "%s*:%u%s%s", sign[which], port,
           which == FORGET ? "" : ":", which == FORGET ? "" : he_standin_list);
  longer = curl_slist_append(list, text);
  if(!longer)
    curl_slist_free_all(list);
  return longer;
}

static struct curl_slist *make(enum which which, uint16_t port)
{
  struct curl_slist *list = add_entry(NULL, which, 80);
  if(list)
    list = add_entry(list, which, 443);
  if(list && port != 80 && port != 443)
    list = add_entry(list, which, port);
  return list;
}

static struct lists *find_locked(uint16_t port)
{
  struct lists *l = known;
  while(l && l->port != port)
    l = l->next;
  if(!l) {
    l = calloc(1, sizeof(*l));
    if(l) {
      l->port = port;
      l->next = known;
      known = l;
    }
  }
  return l;
}

/* NULL without memory. */
static struct curl_slist *list_of(enum which which, uint16_t port)
{
  struct lists *l;
  struct curl_slist *list = NULL;
  he_fork_hold(HE_FORK_STANDINS, &lock);
  pthread_mutex_lock(&lock);
  l = find_locked(port);
  if(l) {
    if(!l->list[which])
      l->list[which] = make(which, port);
    list = l->list[which];
  }
  pthread_mutex_unlock(&lock);
  return list;
}

/* -- armed -- */

/* Is the URL's host all that libcurl may ask for? */
static bool leads_there(struct he_handle *h, const struct he_peer *p)
{
  struct he_targets t;
  bool yes;
  he_targets_find(h, p, &t);
  yes = t.count == 1 && !t.any && !t.proxied && !t.others_follow &&
        !strcasecmp(t.names[0].host, p->host);
  he_targets_free(&t);
  return yes;
}

static bool is_raced_by_itself(struct he_handle *h, const struct he_peer *p)
{
  return he_doubt_races_ahead(h, p) &&
         !curl_version_info(CURLVERSION_NOW)->ares;
}

bool he_waiting_may(struct he_handle *h, const struct he_peer *p)
{
  const struct he_declared *d = he_handle_declared(h);
  return !is_raced_by_itself(h, p) && !d->resolver_start && !d->resolve &&
         !d->unix_socket && (!d->port || d->port == p->port) &&
         (!d->sockopt || he_apps_racer_calls(h)) &&
         strcmp(p->scheme, "tftp") && !he_doubt_of(h, p, p->port) &&
         leads_there(h, p) && he_standin_works();
}

CURLcode he_waiting_arm(struct he_handle *h, const struct he_peer *p)
{
  struct he_standing *s = &h->standing;
  struct curl_slist *list =
    list_of(he_handle_declared(h)->dns_cache_timeout_s ? EXPIRES : STAYS,
            p->port);
  CURLcode rc = list ? curl_easy_setopt(h->easy, CURLOPT_RESOLVE, list) :
                CURLE_OUT_OF_MEMORY;
  if(rc)
    return rc;
  s->port = p->port;
  s->listed = s->ever = true;
  s->next[HE_IPV6] = s->next[HE_IPV4] = HE_STANDINS;
  h->slow_timer = !he_hetimer_set(h, NO_INTERVAL);
  return CURLE_OK;
}

/* A list of the application's was set later than the one that armed: libcurl
   has it, and with it looks for "*" no more, unless it names that itself. */
static void forget(struct he_handle *h)
{
  h->standing.listed = false;
  if(!he_handle_declared(h)->resolve)
    curl_easy_setopt(h->easy, CURLOPT_RESOLVE,
                     list_of(FORGET, h->standing.port));
}

/* An unknown handle may have another list by now, which curl-he does not know
   of. Unless the stand-ins are listed still, it was told to forget them. */
void he_waiting_disarm(struct he_handle *h)
{
  struct he_standing *s = &h->standing;
  if(s->listed || (s->ever && h->known))
    forget(h);
  s->ever = false;
}

/* -- the race -- */

static void drop(struct he_standing *s)
{
  he_idle_unref(s->idle);
  he_lookup_unref(s->lookup);
  s->idle = NULL;
  s->lookup = NULL;
}

/* libcurl begins another connect than the last one. */
static void begin_anew(struct he_standing *s)
{
  if(s->lookup)
    he_lookup_stop(s->lookup, false);
  drop(s);
  s->spent = false;
  s->next[HE_IPV6] = s->next[HE_IPV4] = 0;
}

static bool begin_race(struct he_handle *h, const struct he_peer *p,
                       const struct he_addr *addr)
{
  struct he_standing *s = &h->standing;
  s->idle = he_idle_new(he_quirk(HE_QUIRK_SLEEPS_ON) &&
                        addr->family == HE_IPV4);
  s->lookup = s->idle ? he_ahead_alone(h, p, he_idle_waits, s->idle) : NULL;
  return s->lookup;
}

/* The race begins when libcurl has something to wait for. */
static bool run(struct he_handle *h, const struct he_peer *p)
{
  struct he_standing *s = &h->standing;
  he_idle_ref(s->idle);
  if(!he_lookup_run(s->lookup, p->host, p->port, he_idle_end, s->idle)) {
    he_idle_unref(s->idle);
    return false;
  }
  he_lookup_ref(s->lookup);
  he_tasks_set_lookup(&h->tasks, s->lookup);
  return true;
}

/* libcurl gets a socket to wait for, and there is a race. */
static enum he_waiting_says wait_for(struct he_handle *h,
                                     const struct he_peer *p,
                                     struct he_addr *addr, int *fd)
{
  struct he_standing *s = &h->standing;
  const bool fresh = !s->lookup;
  if(fresh && !begin_race(h, p, addr))
    return HE_WAITING_FAIL;
  *fd = he_standin_socket(addr);
  if(*fd < 0)
    return HE_WAITING_FAIL;
  if(he_idle_set(s->idle, *fd)) {
    if(!fresh || run(h, p))
      return HE_WAITING_WAIT;
    close(*fd);
    return HE_WAITING_FAIL;
  }
  close(*fd);                 /* the race has ended this very moment */
  return HE_WAITING_OVER;
}

static enum he_waiting_says give(struct he_handle *h,
                                 const struct he_peer *p,
                                 struct he_stood *out)
{
  struct he_standing *s = &h->standing;
  const bool taken = he_ahead_take(h, s->lookup, &out->addr, out);
  drop(s);
  if(!taken)                  /* nobody came for the winner in time */
    return wait_for(h, p, &out->addr, &out->fd);
  s->spent = true;
  if(h->slow_timer)
    he_hetimer_set_delay(h);
  h->slow_timer = false;
  return out->fd >= 0 ? HE_WAITING_GIVEN : HE_WAITING_FAIL;
}

static enum he_waiting_says answer(struct he_handle *h,
                                   const struct he_peer *p,
                                   struct he_stood *out)
{
  struct he_standing *s = &h->standing;
  enum he_waiting_says says = HE_WAITING_OVER;
  if(s->spent)
    return HE_WAITING_FAIL;
  if(!s->lookup || he_lookup_runs(s->lookup))
    says = wait_for(h, p, &out->addr, &out->fd);
  if(says == HE_WAITING_OVER)
    says = give(h, p, out);
  if(says == HE_WAITING_FAIL || says == HE_WAITING_OVER) {
    s->spent = true;
    return HE_WAITING_FAIL;
  }
  return says;
}

enum he_waiting_says he_waiting_asked(struct he_handle *h,
                                      const struct he_addr *addr,
                                      struct he_stood *out)
{
  struct he_standing *s = &h->standing;
  const struct he_peer *p;
  unsigned place;
  *out = (struct he_stood){ .addr = *addr, .fd = -1 };
  if(!he_standin_is(addr, &place))
    return HE_WAITING_NOT;
  if(s->listed)
    forget(h);
  if(place < s->next[addr->family])
    begin_anew(s);
  s->next[addr->family] = place + 1;
  p = he_settled_peer(h);
  return p && p->port == addr->port ? answer(h, p, out) : HE_WAITING_FAIL;
}

static bool is_idle(const struct he_standing *s, int fd)
{
  return s->idle && he_idle_is(s->idle, fd);
}

static bool is_failing(const struct he_standing *s, int fd)
{
  return s->has_failing && s->failing == fd;
}

bool he_waiting_is(struct he_handle *h, int fd)
{
  return is_idle(&h->standing, fd) || is_failing(&h->standing, fd);
}

bool he_waiting_closing(struct he_handle *h, int fd)
{
  struct he_standing *s = &h->standing;
  const bool idle = is_idle(s, fd);
  const bool failing = is_failing(s, fd);
  if(idle)
    he_idle_set(s->idle, -1);
  if(failing)
    s->has_failing = false;
  return idle || failing;
}
