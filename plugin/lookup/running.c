/* SPDX-License-Identifier: MIT */
/* running.c - the lookups that race at the moment, by host. What one has
 * learned from attempts that failed is worth a look to the others of its host:
 * they may be waiting for the same. One that all went well for wakes nobody. */
#include "lookup/own.h"

#include <string.h>
#include <strings.h>

#define BUCKETS 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct he_lookup *running[BUCKETS];
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static void before_fork(void)
{
  pthread_mutex_lock(&lock);
}

static void after_fork_parent(void)
{
  pthread_mutex_unlock(&lock);
}

/* The threads that race are the parent's. */
static void after_fork_child(void)
{
  memset(running, 0, sizeof(running));
  pthread_mutex_unlock(&lock);
}

static void watch_forks(void)
{
  pthread_atfork(before_fork, after_fork_parent, after_fork_child);
}

static struct he_lookup **bucket_of(const struct he_lookup *l)
{
  return &running[he_lookup_hash(l->host) % BUCKETS];
}

void he_running_add(struct he_lookup *l)
{
  struct he_lookup **at = bucket_of(l);
  pthread_once(&fork_once, watch_forks);
  pthread_mutex_lock(&lock);
  l->beside = *at;
  *at = l;
  pthread_mutex_unlock(&lock);
}

void he_running_remove(struct he_lookup *l)
{
  struct he_lookup **at = bucket_of(l);
  pthread_mutex_lock(&lock);
  while(*at && *at != l)
    at = &(*at)->beside;
  if(*at)
    *at = l->beside;
  pthread_mutex_unlock(&lock);
}

static bool is_alike(const struct he_lookup *a, const struct he_lookup *b)
{
  return a->config.recall == b->config.recall && !strcasecmp(a->host, b->host);
}

static void wake(struct he_lookup *l)
{
  pthread_mutex_lock(&l->lock);
  if(!l->news) {
    l->news = true;
    he_lookup_wake_locked(l);
  }
  pthread_mutex_unlock(&l->lock);
}

void he_running_tell(struct he_lookup *l)
{
  pthread_mutex_lock(&lock);
  for(struct he_lookup *o = *bucket_of(l); o; o = o->beside) {
    if(o != l && is_alike(o, l))
      wake(o);
  }
  pthread_mutex_unlock(&lock);
}
