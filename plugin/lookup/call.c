/* SPDX-License-Identifier: MIT */
#include "lookup/call.h"
#include "base/clock.h"
#include "lookup/crowd.h"
#include "lookup/drive.h"
#include "lookup/expected.h"
#include "lookup/result.h"
#include "resolve/gai.h"

#include <stdlib.h>
#include <string.h>

/* So long a result waits to be taken. libcurl asks within a millisecond. */
#define GUARD HE_MS(1000)
/* Two families asked, two answers, one attempt that connects. */
#define USUAL_STEPS 6

/* The first call of a lookup runs it, a second one waits for the first. */
static bool begin(struct he_lookup *l, const char *host, uint16_t port)
{
  const struct he_policy *policy = he_gai_policy();   /* may read a file */
  char *copy = strdup(host);
  bool mine;
  pthread_mutex_lock(&l->lock);
  mine = l->state == HE_LOOKUP_EXPECTED && copy;
  if(mine) {
    l->host = copy;
    l->port = port;
    l->config.ask.host = copy;
    l->config.ask.port = port;
    memcpy(l->config.ask.allowed, l->config.race.allowed,
           sizeof(l->config.ask.allowed));
    l->config.race.policy = policy;
    l->began = he_clock_now();
    l->runner = pthread_self();
    l->runs = true;
    l->state = HE_LOOKUP_RACING;
    copy = NULL;
    policy = NULL;
  }
  while(!mine && l->runs)
    pthread_cond_wait(&l->changed, &l->lock);
  pthread_mutex_unlock(&l->lock);
  he_policy_unref(policy);
  free(copy);
  return mine;
}

static void end(struct he_lookup *l)
{
  bool stopped, waits;
  pthread_mutex_lock(&l->lock);
  stopped = l->stopped;
  waits = l->try_count != 0;
  pthread_mutex_unlock(&l->lock);
  he_expected_over(l);
  /* before anybody may take it; without descriptors nobody would close it */
  if(stopped ||
     (waits && !he_racer_expect(&l->task, he_time_add(he_clock_now(), GUARD))))
    he_lookup_drop(l);
  pthread_mutex_lock(&l->lock);
  l->runs = false;
  pthread_cond_broadcast(&l->changed);
  pthread_mutex_unlock(&l->lock);
}

void he_lookup_call(struct he_lookup *l, const char *host, uint16_t port)
{
  he_crowd_called(l);
  if(begin(l, host, port)) {
    he_trace_reserve(&l->trace, USUAL_STEPS);
    he_lookup_run(l);
    end(l);
  }
}
