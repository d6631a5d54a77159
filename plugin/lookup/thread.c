/* SPDX-License-Identifier: MIT */
/* thread.c - a lookup that nobody calls getaddrinfo() for, on a thread of its
 * own. */
#include "lookup/drive.h"
#include "lookup/expected.h"
#include "net/threads.h"

#include <stdlib.h>

struct run {
  struct he_lookup *lookup;   /* a reference */
  void (*over)(void *arg);
  void *arg;
};

static void run(void *arg)
{
  const struct run r = *(struct run *)arg;
  free(arg);
  he_lookup_call(r.lookup);
  r.over(r.arg);
  he_lookup_unref(r.lookup);
}

bool he_lookup_run(struct he_lookup *l, const char *host, uint16_t port,
                   void (*over)(void *arg), void *arg)
{
  struct run *r = malloc(sizeof(*r));
  if(!r)
    return false;
  *r = (struct run){ .lookup = l, .over = over, .arg = arg };
  he_lookup_ref(l);
  if(he_expected_begin(l, host, port)) {
    if(he_thread_start(run, r))
      return true;
    he_expected_remove(l, false);
  }
  he_lookup_unref(l);
  free(r);
  return false;
}

bool he_lookup_runs(struct he_lookup *l)
{
  bool yes;
  pthread_mutex_lock(&l->lock);
  yes = l->runs || l->state == HE_LOOKUP_EXPECTED ||
        l->state == HE_LOOKUP_RACING;
  pthread_mutex_unlock(&l->lock);
  return yes;
}
