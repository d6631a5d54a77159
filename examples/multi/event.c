/* SPDX-License-Identifier: MIT */
/* event.c - libcurl on libevent: an event a socket, and one for libcurl's
 * timer. */
#include "transfers.h"

#include <event2/event.h>
#include <stdlib.h>

struct loop {
  struct transfers *t;
  struct event_base *base;
  struct event *timer;
  struct event *end;
  bool over;
  bool broken;
};

static struct timeval interval(long ms)
{
  struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
  return tv;
}

static void act(struct loop *l, curl_socket_t s, int bits)
{
  if(!transfers_act(l->t, s, bits))
    l->broken = true;
}

static void on_ready(evutil_socket_t s, short events, void *user)
{
  act(user, s, (events & EV_READ ? CURL_CSELECT_IN : 0) |
      (events & EV_WRITE ? CURL_CSELECT_OUT : 0));
}

static void on_due(evutil_socket_t s, short events, void *user)
{
  (void)s;
  (void)events;
  act(user, CURL_SOCKET_TIMEOUT, 0);
}

static void on_end(evutil_socket_t s, short events, void *user)
{
  struct loop *l = user;
  (void)s;
  (void)events;
  l->over = true;
}

static int on_socket(CURL *easy, curl_socket_t s, int what, void *user,
                     void *known)
{
  struct loop *l = user;
  struct event *ev = known;
  short events = EV_PERSIST;
  (void)easy;
  /* what libevent is to wait for cannot be changed in an event that waits */
  if(ev)
    event_free(ev);
  if(what == CURL_POLL_REMOVE)
    return 0;
  if(what == CURL_POLL_IN || what == CURL_POLL_INOUT)
    events |= EV_READ;
  if(what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
    events |= EV_WRITE;
  ev = event_new(l->base, s, events, on_ready, l);
  if(!ev || event_add(ev, NULL))
    l->broken = true;
  curl_multi_assign(l->t->multi, s, ev);
  return 0;
}

static int on_timer(CURLM *multi, long ms, void *user)
{
  struct loop *l = user;
  struct timeval tv = interval(ms);
  (void)multi;
  if(ms < 0)
    evtimer_del(l->timer);
  else
    evtimer_add(l->timer, &tv);
  return 0;
}

struct loop *loop_new(struct transfers *t)
{
  struct loop *l = calloc(1, sizeof(*l));
  if(!l)
    return NULL;
  l->t = t;
  l->base = event_base_new();
  if(l->base) {
    l->timer = evtimer_new(l->base, on_due, l);
    l->end = evtimer_new(l->base, on_end, l);
  }
  if(!l->timer || !l->end) {
    loop_free(l);
    return NULL;
  }
  curl_multi_setopt(t->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(t->multi, CURLMOPT_SOCKETDATA, l);
  curl_multi_setopt(t->multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(t->multi, CURLMOPT_TIMERDATA, l);
  return l;
}

void loop_free(struct loop *l)
{
  if(!l)
    return;
  if(l->timer)
    event_free(l->timer);
  if(l->end)
    event_free(l->end);
  if(l->base)
    event_base_free(l->base);
  free(l);
}

bool loop_run(struct loop *l, int ms)
{
  struct timeval tv = interval(ms);
  l->over = false;
  if(ms >= 0)
    evtimer_add(l->end, &tv);
  act(l, CURL_SOCKET_TIMEOUT, 0);
  while(l->t->running && !l->over && !l->broken)
    if(event_base_loop(l->base, EVLOOP_ONCE) < 0)
      l->broken = true;
  evtimer_del(l->end);
  return !l->broken;
}
