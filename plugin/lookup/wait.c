/* SPDX-License-Identifier: MIT */
/* wait.c - the loop waits. As long as nothing connects it waits for the
 * condition alone; then it polls, and an eventfd is what wakes it. */
#include "lookup/drive.h"
#include "base/clock.h"
#include "base/fds.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static struct timespec as_timespec(he_time_ns t)
{
  struct timespec ts;
  ts.tv_sec = (time_t)(t / 1000000000);
  ts.tv_nsec = (long)(t % 1000000000);
  return ts;
}

/* Something to look at, since the last look. */
static bool has_news_locked(const struct he_lookup *l)
{
  return l->stopped || l->looks || l->news[HE_IPV6].there ||
         l->news[HE_IPV4].there;
}

/* For an answer, or to be stopped. */
static void wait_for_answer(struct he_drive *d, he_time_ns until)
{
  struct he_lookup *l = d->l;
  const struct timespec ts = as_timespec(until);
  int late = 0;
  pthread_mutex_lock(&l->lock);
  while(!late && !has_news_locked(l))
    late = until == HE_NEVER ? pthread_cond_wait(&l->changed, &l->lock) :
           pthread_cond_timedwait(&l->changed, &l->lock, &ts);
  pthread_mutex_unlock(&l->lock);
}

/* Without a descriptor for it the loop looks again after this. */
#define BLIND HE_MS(5)

static void make_wake(struct he_drive *d)
{
  int fd;
  if(d->l->wake >= 0)
    return;
  he_fds_begin();
  fd = he_fds_end(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  pthread_mutex_lock(&d->l->lock);
  d->l->wake = fd;
  pthread_mutex_unlock(&d->l->lock);
}

void he_drive_close_wake(struct he_drive *d)
{
  int fd;
  pthread_mutex_lock(&d->l->lock);
  fd = d->l->wake;
  d->l->wake = -1;
  pthread_mutex_unlock(&d->l->lock);
  if(fd >= 0)
    he_fd_close(fd);
}

/* Did anything come between the last look and the eventfd? */
static bool has_news(struct he_drive *d)
{
  bool yes;
  pthread_mutex_lock(&d->l->lock);
  yes = has_news_locked(d->l);
  pthread_mutex_unlock(&d->l->lock);
  return yes;
}

static void sleep_polling(struct he_drive *d, struct pollfd *p, nfds_t n,
                          he_time_ns until)
{
  const he_time_ns now = he_clock_now();
  struct timespec ts;
  if(d->l->wake < 0 && until > he_time_add(now, BLIND))
    until = he_time_add(now, BLIND);
  ts = as_timespec(until > now ? until - now : 0);
  if(ppoll(p, n, until == HE_NEVER ? NULL : &ts, NULL) < 0)
    for(nfds_t i = 0; i < n; i++)
      p[i].revents = 0;
}

/* For attempts, and all else. */
static size_t wait_for_attempts(struct he_drive *d, he_time_ns until,
                                struct he_drive_ready *ready)
{
  struct pollfd p[HE_LOOKUP_TRIES + 1];
  nfds_t n = d->count;
  size_t count = 0;
  uint64_t counted;
  make_wake(d);
  if(has_news(d))
    return 0;
  for(nfds_t i = 0; i < n; i++)
    p[i] = (struct pollfd){ .fd = d->tries[i].waits ? -1 : d->tries[i].fd,
                            .events = POLLOUT };
  p[n] = (struct pollfd){ .fd = d->l->wake, .events = POLLIN };
  sleep_polling(d, p, n + 1, until);
  if(p[n].revents && read(d->l->wake, &counted, sizeof(counted)) < 0)
    p[n].revents = 0;   /* it was read before */
  for(nfds_t i = 0; i < n; i++) {
    if(p[i].revents)
      ready[count++] = (struct he_drive_ready){
        .id = d->tries[i].id, .failed = p[i].revents & POLLERR
      };
  }
  return count;
}

size_t he_drive_wait(struct he_drive *d, he_time_ns until,
                     struct he_drive_ready ready[HE_LOOKUP_TRIES])
{
  if(d->count)
    return wait_for_attempts(d, until, ready);
  wait_for_answer(d, until);
  return 0;
}
