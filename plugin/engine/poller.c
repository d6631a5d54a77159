/* SPDX-License-Identifier: MIT */
/* poller.c - epoll, and a timerfd for the alarm (exact to the nanosecond,
 * where epoll_wait() knows milliseconds only). */
#include "engine/poller.h"
#include "base/clock.h"
#include "engine/fds.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

const char he_poller_name[] = "epoll";

struct he_poller {
  int epoll;
  int timer;
};

struct he_poller *he_poller_new(void)
{
  /* edge-triggered: an alarm that rang need not be switched off */
  struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
  struct he_poller *p = malloc(sizeof(*p));
  if(!p)
    return NULL;
  he_fds_begin();
  p->epoll = he_fds_end(epoll_create1(EPOLL_CLOEXEC));
  he_fds_begin();
  p->timer = he_fds_end(timerfd_create(CLOCK_MONOTONIC,
                                       TFD_NONBLOCK | TFD_CLOEXEC));
  ev.data.ptr = NULL;
  if(p->epoll >= 0 && p->timer >= 0 &&
     !epoll_ctl(p->epoll, EPOLL_CTL_ADD, p->timer, &ev))
    return p;
  he_poller_free(p);
  return NULL;
}

void he_poller_free(struct he_poller *p)
{
  int saved = errno;
  if(!p)
    return;
  if(p->epoll >= 0)
    he_fd_close(p->epoll);
  if(p->timer >= 0)
    he_fd_close(p->timer);
  free(p);
  errno = saved;
}

static bool add(struct he_poller *p, int fd, uint32_t events, void *what)
{
  struct epoll_event ev = { .events = events };
  ev.data.ptr = what;
  return !epoll_ctl(p->epoll, EPOLL_CTL_ADD, fd, &ev);
}

bool he_poller_watch(struct he_poller *p, int fd, void *what)
{
  return add(p, fd, EPOLLOUT | EPOLLONESHOT, what);
}

bool he_poller_listen(struct he_poller *p, int fd, void *what)
{
  return add(p, fd, EPOLLIN, what);
}

void he_poller_unwatch(struct he_poller *p, int fd)
{
  struct epoll_event ev = { .events = 0 };
  epoll_ctl(p->epoll, EPOLL_CTL_DEL, fd, &ev);
}

void he_poller_alarm(struct he_poller *p, he_time_ns at)
{
  struct itimerspec spec;
  memset(&spec, 0, sizeof(spec));
  if(at != HE_NEVER) {
    if(at < 1)
      at = 1;  /* all zero would mean "no alarm" */
    spec.it_value.tv_sec = (time_t)(at / 1000000000);
    spec.it_value.tv_nsec = (long)(at % 1000000000);
  }
  timerfd_settime(p->timer, TFD_TIMER_ABSTIME, &spec, NULL);
}

/* in ms, rounded up */
static int timeout(he_time_ns until)
{
  he_time_ns left = until - he_clock_now();
  if(left <= 0)
    return 0;
  return left > HE_MS(INT_MAX) - HE_MS(1) ? INT_MAX :
         (int)((left + HE_MS(1) - 1) / HE_MS(1));
}

size_t he_poller_wait(struct he_poller *p, struct he_poller_event *out,
                      size_t max, he_time_ns until)
{
  struct epoll_event ev[64];
  size_t count = 0;
  int n;
  do
    n = epoll_wait(p->epoll, ev, max < 64 ? (int)max : 64,
                   until == HE_NEVER ? -1 : until ? timeout(until) : 0);
  while(n < 0 && errno == EINTR);
  if(n < 0)   /* somebody has closed our descriptor: do not spin */
    poll(NULL, 0, 10);
  for(int i = 0; i < n; i++) {
    if(ev[i].data.ptr)
      out[count++].what = ev[i].data.ptr;
  }
  return count;
}
