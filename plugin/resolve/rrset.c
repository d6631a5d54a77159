/* SPDX-License-Identifier: MIT */
/* rrset.c - what is known is told at once, what is asked for is joined. */
#include "resolve/rrset.h"
#include "base/forks.h"
#include "resolve/channels.h"
#include "resolve/inquiry.h"

#include <stdlib.h>
#include <string.h>

/* -- fork -- */

static void before_fork(void)
{
  pthread_mutex_lock(&he_inquiry_lock);
}

static void after_fork_parent(void)
{
  pthread_mutex_unlock(&he_inquiry_lock);
}

/* The channels and what was asked are the parent's racer's. What was answered
   is as true here. */
static void after_fork_child(void)
{
  he_inquiry_lose();
  he_channels_lose();
  pthread_mutex_unlock(&he_inquiry_lock);
}

static const struct he_fork_hooks forks = {
  before_fork, after_fork_parent, after_fork_child
};

/* -- asking -- */

/* False: it is no name of DNS, or has a backslash. Whoever writes the question
   may take that for an escape, and ask for another name, as one in onion. */
static bool copy_name(const char *name, char out[HE_INQUIRY_NAME])
{
  size_t n = strlen(name);
  if(n && name[n - 1] == '.')
    n--;
  if(!n || n >= HE_INQUIRY_NAME || memchr(name, '\\', n))
    return false;
  for(size_t i = 0; i < n; i++)
    out[i] = name[i] >= 'A' && name[i] <= 'Z' ?
      (char)(name[i] + 'a' - 'A') : name[i];
  out[n] = 0;
  return true;
}

static void tell(const struct he_rrset_query *q, enum he_rrset_state state)
{
  q->done(q->arg, &(struct he_rrset){ .state = state });
}

static void ask_locked(struct he_rrset_query *q,
                       const struct he_answers_key *k,
                       const struct he_upstreams *all, struct he_racer *r)
{
  struct he_rrset old;
  bool enough = false;
  const bool stale = he_inquiry_recall(k, &old, &enough);
  struct he_inquiry *i = enough ? NULL : he_inquiry_find(k);
  if(enough)
    q->done(q->arg, &old);
  else if(!r)
    tell(q, HE_RRSET_GONE);
  else if(i && i->task.racer == r)
    he_inquiry_join(i, q);
  else
    he_inquire(q, k, all, r, stale);
}

static void prepare(const struct he_upstreams *all)
{
  for(size_t i = 0; i < all->n; i++) {
    const struct he_upstream_ops *ops = he_upstream_ops(all->list[i].kind);
    if(ops && ops->prepare)
      ops->prepare();
  }
}

struct he_rrset_query *he_rrset_ask(long number, const char *name,
                                    enum he_dns_type type, he_rrset_done done,
                                    void *arg)
{
  const struct he_upstreams *all = he_resolvers_upstreams(number);
  struct he_rrset_query *q = calloc(1, sizeof(*q));
  struct he_racer *r;
  char copy[HE_INQUIRY_NAME];
  if(!q)
    return NULL;
  he_fork_watch(HE_FORK_RRSETS, &forks);
  if(all)
    prepare(all);
  r = he_racer_current();     /* a context has it; the racer may be asking */
  q->done = done;
  q->arg = arg;
  pthread_mutex_lock(&he_inquiry_lock);
  if(!all)
    tell(q, HE_RRSET_GONE);
  else if(!copy_name(name, copy))
    tell(q, HE_RRSET_NO_NAME);
  else
    ask_locked(q, &(struct he_answers_key){ number, type, copy }, all, r);
  pthread_mutex_unlock(&he_inquiry_lock);
  he_racer_unref(r);
  return q;
}

void he_rrset_close(struct he_rrset_query *q)
{
  if(!q)
    return;
  pthread_mutex_lock(&he_inquiry_lock);
  if(q->of)
    he_inquiry_leave(q);
  pthread_mutex_unlock(&he_inquiry_lock);
  free(q);
}

void he_rrset_flush(void)
{
  pthread_mutex_lock(&he_inquiry_lock);
  he_inquiry_forget_answers();
  he_channels_forget();
  pthread_mutex_unlock(&he_inquiry_lock);
}
