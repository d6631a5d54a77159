/* SPDX-License-Identifier: MIT */
/* result.c - what waits to be taken. */
#include "lookup/result.h"
#include "base/clock.h"
#include "net/tcp.h"

#include <string.h>

static void tell_unused(struct he_lookup *l, const struct he_try *t)
{
  struct he_step s = he_try_step(t, HE_STEP_CANCELLED, 0);
  he_lookup_tell(l, &s, he_clock_now());
}

void he_lookup_drop(struct he_lookup *l)
{
  struct he_try tries[HE_LOOKUP_TRIES];
  unsigned n;
  pthread_mutex_lock(&l->lock);
  n = l->try_count;
  memcpy(tries, l->tries, n * sizeof(*tries));
  l->try_count = 0;
  if(l->state != HE_LOOKUP_RACING)
    l->state = HE_LOOKUP_OVER;
  l->drops++;
  pthread_mutex_unlock(&l->lock);
  for(unsigned i = 0; i < n; i++) {
    tell_unused(l, &tries[i]);
    he_lookup_close(l, &tries[i]);
  }
  pthread_mutex_lock(&l->lock);
  l->drops--;
  pthread_cond_broadcast(&l->changed);
  pthread_mutex_unlock(&l->lock);
}

static bool is_over_locked(const struct he_lookup *l)
{
  return l->state == HE_LOOKUP_WON || l->state == HE_LOOKUP_LOST ||
         l->state == HE_LOOKUP_LEFT || l->state == HE_LOOKUP_YIELDED;
}

/* As long as this a racing thread may need to leave. */
#define HURRY HE_MS(5)

/* libcurl asks for a socket although its lookup still runs: another transfer
   has brought the name into its cache. What runs goes on beside. */
static void hurry_locked(struct he_lookup *l)
{
  const he_time_ns until = he_time_add(he_clock_now(), HURRY);
  const struct timespec ts = { .tv_sec = (time_t)(until / 1000000000),
                               .tv_nsec = (long)(until % 1000000000) };
  int late = 0;
  l->leave_at = 0;
  l->looks = true;
  he_lookup_wake_locked(l);
  while(l->runs && !late)
    late = pthread_cond_timedwait(&l->changed, &l->lock, &ts);
}

bool he_lookup_take(struct he_lookup *l, uint16_t port,
                    struct he_lookup_result *out)
{
  bool yes;
  if(he_lookup_inherited(l))
    return false;
  pthread_mutex_lock(&l->lock);
  if(l->state == HE_LOOKUP_RACING && l->port == port && l->leave_at)
    hurry_locked(l);
  yes = is_over_locked(l) && l->port == port;
  if(yes) {
    out->state = l->state;
    out->why = l->why;
    out->count = l->try_count;
    memcpy(out->tries, l->tries, out->count * sizeof(*out->tries));
    l->try_count = 0;
    l->state = HE_LOOKUP_OVER;
  }
  pthread_mutex_unlock(&l->lock);
  if(!yes)
    return false;
  he_racer_withdraw(&l->task);
  if(out->state == HE_LOOKUP_WON && !he_wire_usable(out->tries[0].fd)) {
    tell_unused(l, &out->tries[0]);
    he_lookup_close(l, &out->tries[0]);
    out->count = 0;
    out->state = HE_LOOKUP_LOST;
    out->why = "the winner has closed its connection before libcurl took it";
  }
  return true;
}
