/* SPDX-License-Identifier: MIT */
/* whereabouts.c - one watch of the network a thread, since two racers' threads
 * may live side by side for a moment, and an he_network is one thread's. */
#include "net/whereabouts.h"
#include "net/network.h"

#include <stdlib.h>

/* How often the kernel is asked where it does not tell. */
#define ASK_EVERY HE_MS(1000)

struct whereabouts {
  struct he_watch watch;      /* first */
  struct he_network *network;
  struct he_place *first;
  he_time_ns asked;
};

static _Thread_local struct whereabouts *here;

static void tell_all(struct whereabouts *w, he_time_ns now)
{
  for(struct he_place *p = w->first; p; p = p->next)
    p->moved(p, now);
}

static void on_news(struct he_watch *watch, he_time_ns now)
{
  struct whereabouts *w = (struct whereabouts *)watch;
  if(he_network_readable(w->network))
    tell_all(w, now);
}

static struct whereabouts *start(struct he_task *t)
{
  struct whereabouts *w = calloc(1, sizeof(*w));
  int fd;
  if(!w)
    return NULL;
  w->network = he_network_open();
  if(!w->network) {
    free(w);
    return NULL;
  }
  w->watch.ready = on_news;
  fd = he_network_fd(w->network);
  if(fd >= 0)
    he_task_listen(t, &w->watch, fd);
  return w;
}

static void end(struct whereabouts *w, struct he_task *t)
{
  int fd = he_network_fd(w->network);
  if(fd >= 0)
    he_task_unwatch(t, &w->watch, fd);
  he_network_close(w->network);
  free(w);
}

uint64_t he_whereabouts_join(struct he_place *p)
{
  if(!here)
    here = start(p->task);
  if(!here)
    return 0;
  p->next = here->first;
  here->first = p;
  return he_network_id(here->network);
}

void he_whereabouts_leave(struct he_place *p)
{
  struct he_place **at = &here->first;
  while(*at != p)
    at = &(*at)->next;
  *at = p->next;
  if(!here->first) {
    end(here, p->task);
    here = NULL;
  }
}

bool he_whereabouts_asks(void)
{
  return he_network_fd(here->network) < 0;
}

uint64_t he_whereabouts_now(he_time_ns now)
{
  struct whereabouts *w = here;
  if(he_whereabouts_asks() && now - w->asked >= ASK_EVERY) {
    w->asked = now;
    if(he_network_refresh(w->network))
      tell_all(w, now);
  }
  return he_network_id(w->network);
}
