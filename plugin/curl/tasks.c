/* SPDX-License-Identifier: MIT */
/* tasks.c - one lock for all, held for a few instructions. */
#include "curl/tasks.h"
#include "base/forks.h"

#include <pthread.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void he_tasks_init(struct he_tasks *t)
{
  memset(t, 0, sizeof(*t));
  he_fork_hold(HE_FORK_TASKS, &lock);
}

void he_tasks_free(struct he_tasks *t)
{
  he_connect_unref(t->race);
  he_lookup_unref(t->lookup);
  he_refused_free(t->refused);
  he_lookup_unref(t->served);
}

struct he_app *he_tasks_app(struct he_tasks *t)
{
  struct he_app *app;
  pthread_mutex_lock(&lock);
  app = t->app;
  if(app)
    app->ops->ref(app);
  pthread_mutex_unlock(&lock);
  return app;
}

bool he_tasks_keep_app(struct he_tasks *t, struct he_app *app)
{
  bool kept;
  pthread_mutex_lock(&lock);
  kept = !t->over;
  if(kept) {
    t->app = app;
    app->ops->ref(app);
  }
  pthread_mutex_unlock(&lock);
  return kept;
}

/* `wait`: no watcher, and no call to the application, comes after this. */
static void stop_lookup(struct he_tasks *t, bool wait)
{
  struct he_lookup *l = he_tasks_lookup(t);
  if(l)
    he_lookup_stop(l, wait);
  he_lookup_unref(l);
}

static void stop_race(struct he_tasks *t, bool wait)
{
  struct he_connect *c = he_tasks_race(t);
  if(c)
    he_connect_stop(c, wait ? HE_NEVER : 0);
  he_connect_unref(c);
}

void he_tasks_quit_app(struct he_tasks *t)
{
  struct he_app *app;
  pthread_mutex_lock(&lock);
  app = t->app;
  t->app = NULL;
  pthread_mutex_unlock(&lock);
  if(!app)
    return;
  he_app_wind_up(app);
  /* they close their sockets through the callback */
  stop_lookup(t, true);
  he_refused_free(t->refused);
  t->refused = NULL;
  stop_race(t, true);
  he_app_shut(app);
  he_app_unref(app);
}

void he_tasks_end(struct he_tasks *t, bool traced)
{
  pthread_mutex_lock(&lock);
  t->over = true;
  pthread_mutex_unlock(&lock);
  stop_lookup(t, true);
  he_tasks_quit_app(t);
  /* No trace callback may come later. The end of an earlier race, too, was
     posted before this stop, and is waited for with it. */
  stop_race(t, traced);
}

struct he_connect *he_tasks_race(struct he_tasks *t)
{
  struct he_connect *c;
  pthread_mutex_lock(&lock);
  c = t->race;
  if(c)
    he_connect_ref(c);
  pthread_mutex_unlock(&lock);
  return c;
}

void he_tasks_set_race(struct he_tasks *t, struct he_connect *c)
{
  struct he_connect *old = c;
  pthread_mutex_lock(&lock);
  if(!t->over || !c) {
    old = t->race;
    t->race = c;
  }
  pthread_mutex_unlock(&lock);
  if(old) {
    he_connect_stop(old, 0);
    he_connect_unref(old);
  }
}

struct he_lookup *he_tasks_lookup(struct he_tasks *t)
{
  struct he_lookup *l;
  pthread_mutex_lock(&lock);
  l = t->lookup;
  if(l)
    he_lookup_ref(l);
  pthread_mutex_unlock(&lock);
  return l;
}

void he_tasks_set_lookup(struct he_tasks *t, struct he_lookup *l)
{
  struct he_lookup *old = l;
  pthread_mutex_lock(&lock);
  if(!t->over || !l) {
    old = t->lookup;
    t->lookup = l;
  }
  pthread_mutex_unlock(&lock);
  if(old) {
    he_lookup_stop(old, false);
    he_lookup_unref(old);
  }
}

void he_tasks_stop_lookup(struct he_tasks *t)
{
  stop_lookup(t, false);
}
