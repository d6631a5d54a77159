/* SPDX-License-Identifier: MIT */
/* uv.c - libcurl on libuv: a poll handle a socket, and a timer. */
#include "transfers.h"

#include <stdlib.h>
#include <uv.h>

struct loop {
  struct transfers *t;
  uv_loop_t uv;
  uv_timer_t timer;
  uv_timer_t end;
  bool over;
  bool broken;
};

static void act(struct loop *l, curl_socket_t s, int bits)
{
  if(!transfers_act(l->t, s, bits))
    l->broken = true;
}

/* A socket that libcurl wants to be told about. */
struct watch {
  uv_poll_t poll;      /* first */
  struct loop *loop;
  curl_socket_t s;
};

static void on_ready(uv_poll_t *poll, int status, int events)
{
  struct watch *w = (struct watch *)poll;
  int bits = status < 0 ? CURL_CSELECT_ERR : 0;
  if(events & UV_READABLE)
    bits |= CURL_CSELECT_IN;
  if(events & UV_WRITABLE)
    bits |= CURL_CSELECT_OUT;
  act(w->loop, w->s, bits);
}

static void on_due(uv_timer_t *timer)
{
  act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static void on_end(uv_timer_t *timer)
{
  struct loop *l = timer->data;
  l->over = true;
}

static void on_closed(uv_handle_t *handle)
{
  free(handle);        /* a struct watch begins with it */
}

static struct watch *watch_new(struct loop *l, curl_socket_t s)
{
  struct watch *w = calloc(1, sizeof(*w));
  if(!w)
    return NULL;
  w->loop = l;
  w->s = s;
  if(uv_poll_init_socket(&l->uv, &w->poll, s)) {
    free(w);
    return NULL;
  }
  return w;
}

static int on_socket(CURL *easy, curl_socket_t s, int what, void *user,
                     void *known)
{
  struct loop *l = user;
  struct watch *w = known;
  int events = 0;
  (void)easy;
  if(what == CURL_POLL_REMOVE) {
    /* libcurl may close the socket as soon as this returns */
    if(w && !uv_poll_stop(&w->poll))
      uv_close((uv_handle_t *)&w->poll, on_closed);
    return 0;
  }
  if(!w) {
    w = watch_new(l, s);
    curl_multi_assign(l->t->multi, s, w);
  }
  if(what == CURL_POLL_IN || what == CURL_POLL_INOUT)
    events |= UV_READABLE;
  if(what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
    events |= UV_WRITABLE;
  if(!w || uv_poll_start(&w->poll, events, on_ready))
    l->broken = true;
  return 0;
}

static int on_timer(CURLM *multi, long ms, void *user)
{
  struct loop *l = user;
  (void)multi;
  if(ms < 0)
    uv_timer_stop(&l->timer);
  else {
    uv_update_time(&l->uv);   /* else the time counts from the last wake-up */
    uv_timer_start(&l->timer, on_due, (uint64_t)ms, 0);
  }
  return 0;
}

struct loop *loop_new(struct transfers *t)
{
  struct loop *l = calloc(1, sizeof(*l));
  if(!l)
    return NULL;
  l->t = t;
  if(uv_loop_init(&l->uv)) {
    free(l);
    return NULL;
  }
  uv_timer_init(&l->uv, &l->timer);
  uv_timer_init(&l->uv, &l->end);
  l->timer.data = l->end.data = l;
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
  uv_close((uv_handle_t *)&l->timer, NULL);
  uv_close((uv_handle_t *)&l->end, NULL);
  uv_run(&l->uv, UV_RUN_DEFAULT);
  uv_loop_close(&l->uv);
  free(l);
}

bool loop_run(struct loop *l, int ms)
{
  l->over = false;
  uv_update_time(&l->uv);
  if(ms >= 0)
    uv_timer_start(&l->end, on_end, (uint64_t)ms, 0);
  act(l, CURL_SOCKET_TIMEOUT, 0);
  while(l->t->running && !l->over && !l->broken)
    uv_run(&l->uv, UV_RUN_ONCE);
  uv_timer_stop(&l->end);
  return !l->broken;
}
