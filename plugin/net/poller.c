/* SPDX-License-Identifier: MIT */
/* poller.c - epoll, and a timerfd for the alarm (exact to the nanosecond,
 * where epoll_wait() knows milliseconds only). */
#include "net/poller.h"
#include "base/fds.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

const char he_poller_name[] = "epoll";

/* The kernel keeps a socket that is watched as long as anybody has it open: a
   child of fork(), say. So the kernel is given no pointer, but a ticket with
   the number of its use. */
struct ticket {
  void *what;                 /* NULL: free */
  uint32_t use;
  uint32_t next;              /* of the free ones */
};
#define NONE UINT32_MAX       /* no ticket; the alarm's */

struct he_poller {
  int epoll;
  int timer;
  struct ticket *tickets;
  uint32_t count;
  uint32_t free;              /* the first of them, or NONE */
};

struct he_poller *he_poller_new(void)
{
  /* edge-triggered: an alarm that rang need not be switched off */
  struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
  struct he_poller *p = calloc(1, sizeof(*p));
  if(!p)
    return NULL;
  p->free = NONE;
  he_fds_begin();
  p->epoll = he_fds_end(epoll_create1(EPOLL_CLOEXEC));
  he_fds_begin();
  p->timer = he_fds_end(timerfd_create(CLOCK_MONOTONIC,
                                       TFD_NONBLOCK | TFD_CLOEXEC));
  ev.data.u64 = NONE;
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
  free(p->tickets);
  free(p);
  errno = saved;
}

static bool grow(struct he_poller *p)
{
  const uint32_t count = p->count ? 2 * p->count : 16;
  struct ticket *more = realloc(p->tickets, count * sizeof(*more));
  if(!more)
    return false;
  for(uint32_t i = p->count; i < count; i++)
    more[i] = (struct ticket){ .next = i + 1 < count ? i + 1 : NONE };
  p->free = p->count;
  p->tickets = more;
  p->count = count;
  return true;
}

static void give_back(struct he_poller *p, uint32_t ticket)
{
  p->tickets[ticket].what = NULL;
  p->tickets[ticket].use++;
  p->tickets[ticket].next = p->free;
  p->free = ticket;
}

static struct epoll_event event(const struct he_poller *p,
                                enum he_poller_for reason, uint32_t ticket)
{
  static const uint32_t events[] = {
    [HE_POLLER_CONNECT] = EPOLLOUT | EPOLLONESHOT,
    [HE_POLLER_READ] = EPOLLIN,
    [HE_POLLER_WRITE] = EPOLLOUT,
    [HE_POLLER_BOTH] = EPOLLIN | EPOLLOUT
  };
  struct epoll_event ev = { .events = events[reason] };
  ev.data.u64 = (uint64_t)p->tickets[ticket].use << 32 | ticket;
  return ev;
}

bool he_poller_watch(struct he_poller *p, int fd, enum he_poller_for reason,
                     void *what, uint32_t *ticket)
{
  struct epoll_event ev;
  uint32_t mine;
  *ticket = NONE;
  if(p->free == NONE && !grow(p))
    return false;
  mine = p->free;
  p->free = p->tickets[mine].next;
  p->tickets[mine].what = what;
  ev = event(p, reason, mine);
  if(epoll_ctl(p->epoll, EPOLL_CTL_ADD, fd, &ev)) {
    give_back(p, mine);
    return false;
  }
  *ticket = mine;
  return true;
}

bool he_poller_change(struct he_poller *p, int fd, enum he_poller_for reason,
                      uint32_t ticket)
{
  struct epoll_event ev = event(p, reason, ticket);
  return !epoll_ctl(p->epoll, EPOLL_CTL_MOD, fd, &ev);
}

void he_poller_unwatch(struct he_poller *p, int fd, uint32_t ticket)
{
  struct epoll_event ev = { .events = 0 };
  if(ticket == NONE)
    return;
  if(fd >= 0)
    epoll_ctl(p->epoll, EPOLL_CTL_DEL, fd, &ev);
  give_back(p, ticket);
}

/* NULL where that is not watched any more. */
static void *watched(const struct he_poller *p, uint64_t data)
{
  const struct ticket *t = p->tickets + (uint32_t)data;
  return (uint32_t)data < p->count && t->use == data >> 32 ? t->what : NULL;
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

size_t he_poller_wait(struct he_poller *p, void **out, size_t max,
                      bool sleeps)
{
  struct epoll_event ev[64];
  size_t count = 0;
  int n;
  do
    n = epoll_wait(p->epoll, ev, max < 64 ? (int)max : 64, sleeps ? -1 : 0);
  while(n < 0 && errno == EINTR);
  if(n < 0)   /* somebody has closed our descriptor: do not spin */
    poll(NULL, 0, 10);
  for(int i = 0; i < n; i++) {
    out[count] = watched(p, ev[i].data.u64);
    count += out[count] != NULL;
  }
  return count;
}
