/* SPDX-License-Identifier: MIT */
/* threads.c - a count of threads and a queue, under one lock that is held for
 * neither longer than it takes to change them. Work waits only while as many
 * threads as may be are there; each takes the next from the queue before it
 * ends. */
#include "resolve/threads.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned running;
static struct he_work *waiting;
static struct he_work **waiting_end = &waiting;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static void before_fork(void)
{
  pthread_mutex_lock(&lock);
}

static void after_fork_parent(void)
{
  pthread_mutex_unlock(&lock);
}

/* The threads are the parent's, and what waits is for them to do. */
static void after_fork_child(void)
{
  running = 0;
  waiting = NULL;
  waiting_end = &waiting;
  pthread_mutex_unlock(&lock);
}

static void watch_forks(void)
{
  pthread_atfork(before_fork, after_fork_parent, after_fork_child);
}

void he_work_watch_forks(void)
{
  pthread_once(&fork_once, watch_forks);
}

/* The next in the queue; without one the thread that asks is to end. */
static struct he_work *next_work(void)
{
  struct he_work *w;
  pthread_mutex_lock(&lock);
  w = waiting;
  if(!w)
    running--;
  else {
    waiting = w->next;
    if(!waiting)
      waiting_end = &waiting;
  }
  pthread_mutex_unlock(&lock);
  return w;
}

static void *work(void *arg)
{
  struct he_work *w = arg;
  do
    w->run(w);
  while((w = next_work()) != NULL);
  return NULL;
}

static bool start_thread(struct he_work *w)
{
  pthread_attr_t attr;
  pthread_t thread;
  sigset_t all, before;
  bool ok;
  if(pthread_attr_init(&attr))
    return false;
  pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  ok = !pthread_create(&thread, &attr, work, w);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attr);
  return ok;
}

bool he_work_start(struct he_work *w)
{
  bool ok;
  he_work_watch_forks();
  w->next = NULL;
  pthread_mutex_lock(&lock);
  ok = running < HE_THREADS_MOST && start_thread(w);
  if(ok)
    running++;
  else if(running) {   /* one of these will come to it */
    *waiting_end = w;
    waiting_end = &w->next;
    ok = true;
  }
  pthread_mutex_unlock(&lock);
  return ok;
}

bool he_work_drop(struct he_work *w)
{
  struct he_work **at = &waiting;
  bool found;
  pthread_mutex_lock(&lock);
  while(*at && *at != w)
    at = &(*at)->next;
  found = *at != NULL;
  if(found) {
    *at = w->next;
    if(!*at)
      waiting_end = at;
  }
  pthread_mutex_unlock(&lock);
  return found;
}
