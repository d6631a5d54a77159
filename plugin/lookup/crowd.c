/* SPDX-License-Identifier: MIT */
/* crowd.c - the lookups of one multi handle.
 *
 * From 8.20.0 on libcurl makes the lookups of a multi handle on a pool of
 * threads, 20 by itself. A race holds its threads for as long as it takes, and
 * other lookups wait for these. So who races looks whether others wait. A
 * lookup waits from when libcurl has announced it until its first call comes.
 * libcurl asks in the order in which it announces: one that others have
 * overtaken does not wait any more, libcurl has dropped it. */
#include "lookup/crowd.h"
#include "base/clock.h"

#include <stdlib.h>

/* A thread that is free calls within a millisecond, on a busy machine within a
   few. */
#define PATIENCE HE_MS(20)

struct he_crowd {
  struct he_crowd *next;
  const void *multi;
  struct he_lookup *members;
  struct he_lookup *waiting;    /* oldest first */
  struct he_lookup **waiting_end;
};

#define SLOTS 256u
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct he_crowd *slots[SLOTS];

void he_crowds_before_fork(void)
{
  pthread_mutex_lock(&lock);
}

/* In the child there is none; what the parent has is left alone. */
void he_crowds_after_fork(bool child)
{
  for(unsigned i = 0; child && i < SLOTS; i++)
    slots[i] = NULL;
  pthread_mutex_unlock(&lock);
}

static struct he_crowd **find_locked(const void *multi)
{
  const uint64_t h = (uint64_t)(uintptr_t)multi * 0x9e3779b97f4a7c15u;
  struct he_crowd **at = &slots[(h >> 32) % SLOTS];
  while(*at && (*at)->multi != multi)
    at = &(*at)->next;
  return at;
}

static struct he_crowd *crowd_locked(const void *multi)
{
  struct he_crowd **at = find_locked(multi);
  if(!*at) {
    struct he_crowd *c = calloc(1, sizeof(*c));
    if(c) {
      c->multi = multi;
      c->waiting_end = &c->waiting;
      *at = c;
    }
  }
  return *at;
}

static void end_waiting(struct he_crowd *c, struct he_lookup *l)
{
  if(!l->waiting_link)
    return;
  *l->waiting_link = l->waiting_next;
  if(l->waiting_next)
    l->waiting_next->waiting_link = l->waiting_link;
  else
    c->waiting_end = l->waiting_link;
  l->waiting_link = NULL;
}

static void wake_all(const struct he_crowd *c)
{
  for(struct he_lookup *l = c->members; l; l = l->member_next)
    he_lookup_wake(l);
}

void he_crowd_join(struct he_lookup *l)
{
  struct he_crowd *c;
  pthread_mutex_lock(&lock);
  c = l->config.multi ? crowd_locked(l->config.multi) : NULL;
  l->crowd = c;
  if(c) {
    /* those that race look at the crowd once more */
    if(l->config.apart && !c->waiting)
      wake_all(c);
    l->since = he_clock_now();
    l->waiting_next = NULL;
    l->waiting_link = c->waiting_end;
    *c->waiting_end = l;
    c->waiting_end = &l->waiting_next;
    l->member_next = c->members;
    l->member_link = &c->members;
    if(c->members)
      c->members->member_link = &l->member_next;
    c->members = l;
  }
  pthread_mutex_unlock(&lock);
}

static void free_if_empty(struct he_crowd *c)
{
  if(!c->members) {
    struct he_crowd **at = find_locked(c->multi);
    *at = c->next;
    free(c);
  }
}

void he_crowd_leave(struct he_lookup *l)
{
  pthread_mutex_lock(&lock);
  if(l->crowd && l->member_link) {
    end_waiting(l->crowd, l);
    *l->member_link = l->member_next;
    if(l->member_next)
      l->member_next->member_link = l->member_link;
    l->member_link = NULL;
    free_if_empty(l->crowd);
  }
  pthread_mutex_unlock(&lock);
}

void he_crowd_called(struct he_lookup *l)
{
  pthread_mutex_lock(&lock);
  while(l->waiting_link && l->crowd->waiting)
    end_waiting(l->crowd, l->crowd->waiting);   /* l is among them */
  pthread_mutex_unlock(&lock);
}

he_time_ns he_crowd_due(const struct he_lookup *l)
{
  he_time_ns due = HE_NEVER;
  if(!l->config.apart || !l->config.multi)
    return due;
  pthread_mutex_lock(&lock);
  if(l->member_link && l->crowd->waiting)
    due = he_time_add(l->crowd->waiting->since, PATIENCE);
  pthread_mutex_unlock(&lock);
  return due;
}

struct he_lookup *he_crowd_member(const void *multi)
{
  const struct he_crowd *c;
  struct he_lookup *l;
  pthread_mutex_lock(&lock);
  c = *find_locked(multi);
  l = c ? c->members : NULL;
  if(l)
    he_lookup_ref(l);
  pthread_mutex_unlock(&lock);
  return l;
}
