/* SPDX-License-Identifier: MIT */
/* epoll.c - libcurl on a hand-written epoll loop. A strict one: it trusts what
 * libcurl says of its sockets, so that a failure of epoll_ctl() is an error,
 * ENOENT too. Hence it shows when somebody changes a socket behind libcurl's
 * back. One thing is libcurl's own: 7.88.0 to 8.1.2 close an attempt that lost
 * before they say so. Then there is nothing left to take out, and the number
 * may be another thread's file by now, one that asks the system's resolver for
 * instance: EBADF, ENOENT or EPERM, with libcurl alone, too. */
#include "transfers.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define NEVER INT64_MAX

struct loop {
  struct transfers *t;
  int epoll;
  int64_t due_us;      /* when libcurl wants to be called */
  bool broken;
};

static int64_t now_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static bool closes_first(void)
{
  unsigned version = curl_version_info(CURLVERSION_NOW)->version_num;
  return version >= 0x075800 && version <= 0x080102;
}

static int on_socket(CURL *easy, curl_socket_t s, int what, void *user,
                     void *known)
{
  struct loop *l = user;
  struct epoll_event ev = { .events = 0 };
  int op = known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  (void)easy;
  if(what == CURL_POLL_REMOVE)
    op = EPOLL_CTL_DEL;
  if(what == CURL_POLL_IN || what == CURL_POLL_INOUT)
    ev.events |= EPOLLIN;
  if(what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
    ev.events |= EPOLLOUT;
  ev.data.fd = s;
  if(epoll_ctl(l->epoll, op, s, &ev) &&
     !(op == EPOLL_CTL_DEL && closes_first())) {
    fprintf(stderr, "epoll_ctl(%s): socket %d: %s\n",
            op == EPOLL_CTL_ADD ? "ADD" : op == EPOLL_CTL_MOD ? "MOD" : "DEL",
            s, strerror(errno));
    l->broken = true;
  }
  if(op == EPOLL_CTL_ADD)
    curl_multi_assign(l->t->multi, s, l);
  return 0;
}

static int on_timer(CURLM *multi, long ms, void *user)
{
  struct loop *l = user;
  (void)multi;
  l->due_us = ms < 0 ? NEVER : now_us() + ms * 1000;
  return 0;
}

struct loop *loop_new(struct transfers *t)
{
  struct loop *l = calloc(1, sizeof(*l));
  if(!l)
    return NULL;
  l->t = t;
  l->due_us = NEVER;
  l->epoll = epoll_create1(EPOLL_CLOEXEC);
  if(l->epoll < 0) {
    free(l);
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
  if(l)
    close(l->epoll);
  free(l);
}

static void act(struct loop *l, curl_socket_t s, uint32_t events)
{
  int bits = 0;
  if(events & EPOLLIN)
    bits |= CURL_CSELECT_IN;
  if(events & EPOLLOUT)
    bits |= CURL_CSELECT_OUT;
  if(events & (EPOLLERR | EPOLLHUP))
    bits |= CURL_CSELECT_ERR;
  if(!transfers_act(l->t, s, bits))
    l->broken = true;
}

/* Milliseconds until the earlier of two times, rounded up; -1: neither. */
static int wait_ms(int64_t a, int64_t b)
{
  int64_t now = now_us();
  int64_t until = a < b ? a : b;
  if(until == NEVER)
    return -1;
  return until > now ? (int)((until - now + 999) / 1000) : 0;
}

static void turn(struct loop *l, int64_t end_us)
{
  struct epoll_event ev[64];
  int n = epoll_wait(l->epoll, ev, 64, wait_ms(l->due_us, end_us));
  if(n < 0 && errno != EINTR)
    l->broken = true;
  for(int i = 0; i < n; i++)
    act(l, ev[i].data.fd, ev[i].events);
  if(l->due_us <= now_us()) {
    l->due_us = NEVER;
    act(l, CURL_SOCKET_TIMEOUT, 0);
  }
}

bool loop_run(struct loop *l, int ms)
{
  int64_t end_us = ms < 0 ? NEVER : now_us() + ms * 1000L;
  act(l, CURL_SOCKET_TIMEOUT, 0);
  while(l->t->running && !l->broken && now_us() < end_us)
    turn(l, end_us);
  return !l->broken;
}
