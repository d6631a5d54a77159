/* SPDX-License-Identifier: MIT */
/* wait.c - how far the race is, how long its call may still take, and what it
 * waits for. As long as nothing connects it waits for the condition alone, and
 * takes no descriptor; then it polls, and an eventfd is what wakes it. */
#include "lookup/drive.h"
#include "base/clock.h"
#include "base/fds.h"
#include "lookup/expected.h"

#include <sys/eventfd.h>
#include <unistd.h>

/* An abort of the transfer has to wait for this call. So the call does not last
   longer than that after the last address was started. */
#define LAST_CHANCE HE_MS(1000)
/* Without a descriptor for the eventfd the loop looks again after this. */
#define BLIND HE_MS(5)

/* Has the race no address left that it may start? */
static bool all_started(const struct he_drive *d)
{
  /* HTTPS records may lead to more, and libcurl by itself would not go there */
  if(he_services_expects(d->services) || he_services_leads(d->services))
    return false;
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(d->l->config.race.allowed[f] &&
       !he_race_answered(d->race, (enum he_family)f))
      return false;
  }
  return d->running && (d->running >= d->l->config.race.max_attempts ||
                        !he_race_untried(d->race, NULL, 0));
}

/* Others wait for a thread of libcurl's, and this race would hold one for
   longer than its lookup takes: no attempt was made yet, or the ones that run
   have had their time. */
static bool is_in_the_way(const struct he_drive *d, he_time_ns now)
{
  const bool fresh = d->unheard[HE_IPV6] || d->unheard[HE_IPV4];
  const bool may = d->count ? d->running && (he_race_due(d->race) <= now ||
                                             all_started(d)) : fresh;
  return may && he_expected_crowded(d->l) <= now;
}

/* Not before all is answered: libcurl would never hear of the family that is
   missing. */
bool he_drive_leaves(const struct he_drive *d)
{
  const he_time_ns now = he_clock_now();
  return !d->l->config.plan && !d->l->config.own_thread &&
         he_lookup_all_there(d->l) &&
         (d->leave_at <= now || is_in_the_way(d, now));
}

static he_time_ns earlier(he_time_ns a, he_time_ns b)
{
  return a < b ? a : b;
}

he_time_ns he_drive_limit(const struct he_drive *d)
{
  if(d->l->config.plan)       /* the race has its own */
    return HE_NEVER;
  if(d->l->config.own_thread)   /* libcurl gives up first, and says why */
    return he_time_add(d->deadline, LAST_CHANCE);
  return !all_started(d) ? d->deadline :
         earlier(d->deadline, he_time_add(d->last_start, LAST_CHANCE));
}

static he_time_ns due(const struct he_drive *d)
{
  he_time_ns until = earlier(he_race_due(d->race), d->hold_until);
  if(d->state == HE_DRIVE_CONFIRMING)
    until = d->confirm_until;
  else
    until = earlier(until, he_drive_limit(d));
  if(d->l->config.own_thread)
    return earlier(until, d->asks_at);
  if(d->running && he_lookup_all_there(d->l))
    until = earlier(until, d->leave_at);
  return all_started(d) ? earlier(until, he_expected_crowded(d->l)) : until;
}

static void wait_for_answer(struct he_lookup *l, he_time_ns until)
{
  pthread_mutex_lock(&l->lock);
  while(!l->looks && he_cond_wait(&l->changed, &l->lock, until))
    continue;
  pthread_mutex_unlock(&l->lock);
}

/* False where something came before there was an eventfd. */
static bool begin_polling(struct he_lookup *l)
{
  bool quiet;
  int fd = l->wake;
  if(fd < 0) {
    he_fds_begin();
    fd = he_fds_end(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  }
  pthread_mutex_lock(&l->lock);
  l->wake = fd;
  quiet = !l->looks;
  pthread_mutex_unlock(&l->lock);
  return quiet;
}

static bool sleep_polling(struct pollfd *p, nfds_t n, he_time_ns until)
{
  const he_time_ns now = he_clock_now();
  const struct timespec ts = he_timespec(until > now ? until - now : 0);
  return ppoll(p, n, until == HE_NEVER ? NULL : &ts, NULL) > 0;
}

bool he_drive_wait(struct he_drive *d, struct pollfd p[HE_DRIVE_TRIES + 1])
{
  struct he_lookup *l = d->l;
  const nfds_t n = d->count;
  he_time_ns until = due(d);
  uint64_t counted;
  if(!d->running) {
    wait_for_answer(l, until);
    return false;
  }
  if(!begin_polling(l))
    return false;
  for(nfds_t i = 0; i < n; i++) {
    const struct he_try *t = &d->tries[i];
    p[i] = (struct pollfd){ .fd = t->fate || t->waits ? -1 : t->fd,
                            .events = POLLOUT };
  }
  p[n] = (struct pollfd){ .fd = l->wake, .events = POLLIN };
  if(l->wake < 0)
    until = earlier(until, he_time_add(he_clock_now(), BLIND));
  if(!sleep_polling(p, n + 1, until))
    return false;
  if(p[n].revents && read(l->wake, &counted, sizeof(counted)) < 0)
    p[n].revents = 0;         /* it was read before */
  return true;
}
