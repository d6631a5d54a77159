/* SPDX-License-Identifier: MIT */
/* forks.c - the lock is held during fork(), too: whoever begins to be watched
 * meanwhile is not called for half of it. */
#include "base/forks.h"

#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static const struct he_fork_hooks *watched[HE_FORK_TURNS];
static pthread_mutex_t *locks[HE_FORK_TURNS];

static void before_fork(void)
{
  pthread_mutex_lock(&lock);
  for(int i = 0; i < HE_FORK_TURNS; i++) {
    if(watched[i])
      watched[i]->before();
    else if(locks[i])
      pthread_mutex_lock(locks[i]);
  }
}

static void after_fork_parent(void)
{
  for(int i = HE_FORK_TURNS; i--;) {
    if(watched[i])
      watched[i]->parent();
    else if(locks[i])
      pthread_mutex_unlock(locks[i]);
  }
  pthread_mutex_unlock(&lock);
}

static void after_fork_child(void)
{
  for(int i = HE_FORK_TURNS; i--;) {
    if(watched[i])
      watched[i]->child();
    else if(locks[i])
      pthread_mutex_unlock(locks[i]);
  }
  pthread_mutex_unlock(&lock);
}

static void begin(void)
{
  pthread_atfork(before_fork, after_fork_parent, after_fork_child);
}

/* When the library is loaded, so that no fork() is under way that does not
   know of it. */
__attribute__((constructor))
static void begin_early(void)
{
  pthread_once(&once, begin);
}

void he_fork_watch(enum he_fork_turn turn, const struct he_fork_hooks *hooks)
{
  if(__atomic_load_n(&watched[turn], __ATOMIC_ACQUIRE))
    return;
  pthread_once(&once, begin);
  pthread_mutex_lock(&lock);
  __atomic_store_n(&watched[turn], hooks, __ATOMIC_RELEASE);
  pthread_mutex_unlock(&lock);
}

void he_fork_hold(enum he_fork_turn turn, pthread_mutex_t *mutex)
{
  if(__atomic_load_n(&locks[turn], __ATOMIC_ACQUIRE))
    return;
  pthread_once(&once, begin);
  pthread_mutex_lock(&lock);
  __atomic_store_n(&locks[turn], mutex, __ATOMIC_RELEASE);
  pthread_mutex_unlock(&lock);
}
