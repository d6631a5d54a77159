/* SPDX-License-Identifier: MIT */
/* connect.c - a connect's life, what it keeps of a race in the lookup, and its
 * steps. */
#include "base/clock.h"
#include "connect/own.h"
#include "net/tcp.h"

#include <stdlib.h>
#include <string.h>

struct he_connect *he_connect_make(size_t size, struct he_racer *r,
                                   const struct he_task_ops *ops,
                                   const struct he_connect_config *config)
{
  const size_t host_size = strlen(config->host) + 1;
  struct he_connect *c = malloc(size + host_size);
  if(!c)
    return NULL;
  memset(c, 0, size);         /* calloc() is slower for one so small */
  he_task_init(&c->task, r, ops);
  pthread_mutex_init(&c->lock, NULL);
  c->config = *config;
  c->config.host = memcpy((char *)c + size, config->host, host_size);
  he_policy_ref(c->config.race.policy);
  c->config.ask.host = c->config.host;
  c->config.ask.port = config->port;
  memcpy(c->config.ask.allowed, config->race.allowed,
         sizeof(c->config.ask.allowed));
  if(config->aside || config->app)   /* its sockets may be bound, or marked */
    c->config.recall = NULL;
  else if(config->recall)
    he_recall_ref(config->recall);
  if(config->app)
    config->app->ops->ref(config->app);
  if(config->trail)
    he_trail_ref(config->trail);
  he_tally_ref(config->tally);
  c->line.fd = -1;
  return c;
}

void he_connect_clear(struct he_connect *c)
{
  if(c->config.app)
    c->config.app->ops->unref(c->config.app);
  he_recall_unref(c->config.recall);
  he_trail_unref(c->config.trail);
  he_tally_unref(c->config.tally);
  he_policy_unref(c->config.race.policy);
  he_trace_clear(&c->trace);
  pthread_mutex_destroy(&c->lock);
}

void he_connect_ref(struct he_connect *c)
{
  he_task_ref(&c->task);
}

void he_connect_unref(struct he_connect *c)
{
  if(c)
    he_task_unref(&c->task);
}

const struct he_connect_config *he_connect_config(const struct he_connect *c)
{
  return &c->config;
}

/* -- steps -- */

struct he_trail_race he_connect_race(const struct he_connect *c)
{
  return (struct he_trail_race){ .host = c->config.host,
                                 .port = c->config.port,
                                 .began = c->began,
                                 .network = c->config.network };
}

void he_connect_tell(struct he_connect *c, struct he_step *s,
                     const struct he_addr *local, he_time_ns now)
{
  pthread_mutex_lock(&c->lock);
  if(now - c->began > c->told)
    c->told = now - c->began;
  s->at_us = (uint64_t)(c->told / 1000) & 0xffffffffff;
  he_trace_add(&c->trace, s);
  he_tally_step(c->config.tally, s, &c->trace);
  pthread_mutex_unlock(&c->lock);
  if(c->config.trail) {
    const struct he_trail_race race = he_connect_race(c);
    he_trail_tell(c->config.trail, &race, s, local);
  }
  if(c->config.watcher)
    c->config.watcher(c, s, local);
}

struct he_step *he_connect_steps(struct he_connect *c, size_t *count)
{
  struct he_step *copy;
  *count = 0;
  if(he_connect_inherited(c))
    return NULL;
  pthread_mutex_lock(&c->lock);
  copy = he_trace_copy(&c->trace);
  *count = c->trace.count;
  pthread_mutex_unlock(&c->lock);
  return copy;
}

/* -- what a lookup leaves -- */

void he_connect_goes_on(struct he_connect *c, struct he_step *steps, size_t n,
                        he_time_ns began, unsigned adopted)
{
  pthread_mutex_lock(&c->lock);
  he_trace_clear(&c->trace);
  c->trace.steps = steps;
  c->trace.count = n;
  c->trace.room = (uint32_t)n;
  c->began = began;
  /* libcurl goes to the same addresses: these are no further ones */
  c->config.race.max_attempts += adopted;
  if(n)
    c->told = (he_time_ns)steps[n - 1].at_us * 1000;
  pthread_mutex_unlock(&c->lock);
}

void he_connect_won(struct he_connect *c, int fd, const struct he_addr *addr)
{
  const struct he_try won = { .addr = *addr };
  struct he_step handed = he_try_step(&won, HE_STEP_HANDED_OVER, 0);
  struct he_step s = he_try_step(&won, HE_STEP_WON, 0);
  const he_time_ns now = he_clock_now();
  struct he_addr local;
  const bool known = he_connect_traced(c) && he_wire_local(fd, &local);
  pthread_mutex_lock(&c->lock);
  c->recorded = c->done = true;
  pthread_mutex_unlock(&c->lock);
  he_connect_handed(c, fd, addr);
  he_connect_tell(c, &handed, known ? &local : NULL, now);
  he_connect_tell(c, &s, known ? &local : NULL, now);
}
